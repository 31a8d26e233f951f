# Needs make and Python 3.11 or newer; everything else goes into $(VENV).
PYTHON ?= python3
VENV ?= .venv
RUNS ?= 3
PORT ?= 8000
PROVIDERS ?=
UPGRADE ?=

PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
MANAGE := $(PY) manage.py
# PROVIDERS=contract: against loopback servers that behave like the real ones, on data of its own.
ifeq ($(PROVIDERS),contract)
AGAINST := $(PY) -m tests.contract_servers --
OUT := && $(PY) -m tests.publish_demo
else ifneq ($(PROVIDERS),)
$(error PROVIDERS is empty or "contract"; real providers are set in .env, see docs/providers.md)
endif
PACKAGES := media_tools trends artists experiments runs ai_artist

.DEFAULT_GOAL := help
.PHONY: help install voice demo serve test rehearsals pictures gallery lint lint-javascript lock check doctor clean

help:
	@echo "make demo [RUNS=3]      make release candidates, from nothing to songs, covers and videos"
	@echo "make demo PROVIDERS=contract   the same through HTTP, and out to channels, against servers"
	@echo "                        like the real ones"
	@echo "make serve [PORT=8000]  the panel and its workers, until Ctrl-C"
	@echo "make voice              adds the sung voice (some 130 MB more); then switch it on per artist"
	@echo "make test               the tests, in some five minutes"
	@echo "make rehearsals         those that take longer: the panel in a browser, whole songs"
	@echo "                        and films, runs with kills, walks over every page"
	@echo "make pictures           the panel's pictures in docs/images, taken again; takes a quarter of an hour"
	@echo "make gallery            the ten songs of docs/gallery, made again; takes some ten minutes"
	@echo "make doctor             what is wrong with this installation, and what to do"
	@echo "make lint               style, types and layers; JavaScript too where Node.js is installed"
	@echo "make check              lint, system checks, missing migrations, test, rehearsals"
	@echo "make lock               renews the *.lock files after an edit of requirements*.txt"
	@echo "                        (UPGRADE=--upgrade takes the newest versions allowed)"
	@echo "make clean              remove the virtual environment and caches; keeps data"
	@echo "PYTHON=python3.12 picks another interpreter, VENV=DIR another environment."

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "This needs Python 3.11 or newer. Try: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }

# Exact versions with hashes; `make lock` renews them from requirements*.txt, which people edit.
$(VENV)/.runtime: requirements.lock | $(PY)
	@echo "Installing packages into $(VENV) (once, a minute or so) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.development: requirements-dev.lock | $(PY)
	@echo "Installing packages into $(VENV) (once, a minute or so) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime $(VENV)/.voice

$(VENV)/.voice: requirements-voice.lock | $(PY)
	@echo "Installing the voice into $(VENV) (once) ..."
	@$(PIP) --require-hashes -r requirements-voice.lock
	@touch $@ $(VENV)/.runtime

# The largest first: the others take their versions from it.
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/uv pip compile --quiet --universal \
	--generate-hashes --python-version 3.11 --no-annotate $(UPGRADE)
lock: $(VENV)/.development
	$(LOCK) requirements-dev.txt -o requirements-dev.lock
	$(LOCK) requirements-server.txt -c requirements-dev.lock -o requirements.lock
	$(LOCK) requirements-voice.txt -c requirements-dev.lock -o requirements-voice.lock

install: $(VENV)/.runtime

voice: $(VENV)/.voice

demo: $(VENV)/.runtime
	@$(AGAINST) sh -c '$(MANAGE) migrate --verbosity 0 && $(MANAGE) demo --runs $(RUNS) $(OUT)'

serve: $(VENV)/.runtime
	@exec $(AGAINST) $(MANAGE) serve --port $(PORT)

doctor: $(VENV)/.runtime
	@$(MANAGE) doctor

# Without bytecode each of the many processes that tests start would compile the project anew. Three
# at once on two cores: some tests wait, for a cluster, a page or a disk, and use none meanwhile.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n 3
test: $(VENV)/.development
	@$(PYTEST) -m "not rehearsal"

rehearsals: $(VENV)/.development
	@$(PYTEST) -m rehearsal

# On data of its own, which is removed afterwards.
pictures: $(VENV)/.development
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && export MEDIA_ROOT="$$data/media" \
	  DATABASE_URL="sqlite:///$$data/db.sqlite3" && $(MAKE) --no-print-directory demo RUNS=4 \
	  && $(PY) -m tests.pictures

gallery: $(VENV)/.development
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && export MEDIA_ROOT="$$data/media" \
	  DATABASE_URL="sqlite:///$$data/db.sqlite3" ARTIST_CREATION_PROBABILITY=0 \
	  AI_ARTIST_VIDEO_SIDE=360 AI_ARTIST_VIDEO_TEASERS= AI_ARTIST_VIDEO_CANVAS=false \
	  && $(PY) -m tests.gallery

# The scripts of the pages are checked by tools of npm; package-lock.json pins them with hashes.
node_modules/.package-lock.json: package-lock.json
	@npm ci --silent --no-audit --no-fund
	@touch $@

ifneq ($(shell command -v npm),)
lint-javascript: node_modules/.package-lock.json
	npm run --silent lint
else
lint-javascript:
	@echo "NOT CHECKED: the JavaScript in ai_artist/static; that needs Node.js 20 or newer with npm." >&2
endif

lint: $(VENV)/.development lint-javascript
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy $(PACKAGES)
	$(VENV)/bin/lint-imports

check: lint
	$(MANAGE) check --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	$(MAKE) test
	$(MAKE) rehearsals

clean:
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
