#!/usr/bin/env bash
# Rehearses a deployment on this machine, and fails if anything is not as docs/deploying.md says:
#
#   deploy/rehearse.sh containers   builds the image; migrate, web and worker in it; a whole run; nginx
#                                   in front: sign-in, media with ranges, what must be closed
#   deploy/rehearse.sh store        nginx in front of a panel whose files are in an object store that
#                                   only the panel and nginx reach; takes a minute, and needs nginx,
#                                   openssl, curl and .venv with requirements-dev.lock
#   deploy/rehearse.sh units        boots systemd in a container of that image: the units start, do a
#                                   run, the watchdog replaces a hung cluster, stopping waits for the step
#
# The other two need root, buildah, podman, nginx, openssl, curl, and systemd-container for the units.
# Where the image's base cannot be pulled, one like it is made by debootstrap. BUILD_OPTIONS goes to
# buildah, such as the folder of a certificate that pip needs, RUN_OPTIONS to podman. They take about ten
# minutes each; everything lies in a temporary folder, and the image stays.
set -euo pipefail
cd "$(dirname "$0")/.."

image=localhost/ai-artist-platform:rehearsal
base=$(sed -n 's/^FROM //p' deploy/Dockerfile)
scratch=$(mktemp -d)
containers=() processes=() machine="" nspawn="" leader=""

say() { echo; echo "=== $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
until_true() { # until_true SECONDS COMMAND ...: waits for a state
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "not in time: $*"
    sleep 5
  done
}

cleanup() {
  status=$?
  trap - EXIT INT TERM
  [ $status -eq 0 ] || for name in "${containers[@]}"; do podman logs --tail 20 "$name" || true; done
  [ $status -eq 0 ] || tail -n 20 "$scratch"/*.log 2>/dev/null || true
  [ ${#containers[@]} -eq 0 ] || podman rm --force --time 1 "${containers[@]}" >/dev/null 2>&1 || true
  [ ! -f "$scratch/nginx.pid" ] || kill "$(cat "$scratch/nginx.pid")" 2>/dev/null || true
  [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2>/dev/null || true
  [ -z "$nspawn$leader" ] || kill -KILL $nspawn $leader 2>/dev/null || true
  [ -z "$machine" ] || buildah rm "$machine" >/dev/null 2>&1 || true
  rm -rf "$scratch"
  exit $status
}
trap cleanup EXIT
trap 'exit 130' INT TERM

all_done='import sys; from runs.models import Run; sys.exit(Run.objects.open().exists())'
well_made='import sys; from runs.models import Run
sys.exit("\n".join(f"{run}: {run.error}" for run in Run.objects.exclude(status="awaiting_review")) or 0)'
add_song='
import os
from pathlib import Path
from media_tools.provenance import Provenance
from runs.storage import NewArtifact, artifact_row, store_file
from tests.factories import ArtistFactory, RunFactory
song = Path(os.environ["SONG"])
new = NewArtifact(song, "master", "audio/flac", Provenance("rehearsal", "", "own"))
run = RunFactory(artist=ArtistFactory(name="Rehearsal"))
row = artifact_row(run, "master", new, store_file(song))
row.save()
print(f"/media/{row.pk}/", row.file.name)'
store_client='
import boto3, os
store = boto3.client("s3", endpoint_url=os.environ["AI_ARTIST_S3_ENDPOINT"], region_name="us-east-1",
    aws_access_key_id="key", aws_secret_access_key="secret")'
make_bucket="$store_client
store.create_bucket(Bucket='songs')"
lose_song="$store_client
for row in store.list_objects_v2(Bucket='songs')['Contents']: store.delete_object(Bucket='songs', Key=row['Key'])"

build() {
  say "base: $base"
  if ! podman image exists "docker.io/library/$base" && ! timeout 60 podman pull --quiet "docker.io/library/$base"; then
    echo "It cannot be pulled; made here by debootstrap."
    debootstrap --variant=minbase --include=python3,python3-pip,python3-venv,python-is-python3,ca-certificates \
      bookworm "$scratch/base" >"$scratch/debootstrap.log" || { tail "$scratch/debootstrap.log"; fail debootstrap; }
    # As in the official image, pip may install beside the interpreter.
    rm -f "$scratch"/base/usr/lib/python3*/EXTERNALLY-MANAGED
    tar -C "$scratch/base" -c . | podman import - "docker.io/library/$base" >/dev/null
    rm -rf "$scratch/base"
  fi
  say "image"
  # shellcheck disable=SC2086 - several options
  buildah build --layers --isolation chroot --network host ${BUILD_OPTIONS:-} -f deploy/Dockerfile -t "$image" . \
    >"$scratch/build.log" 2>&1 || { tail -n 30 "$scratch/build.log"; fail "the image could not be built"; }
  podman image inspect --format '{{.Size}} bytes, user {{.Config.User}}' "$image"
}

settings() { # what a production.env has
  cat >"$scratch/production.env" <<END
SECRET_KEY=rehearsal-$(openssl rand -hex 24)
ALLOWED_HOSTS=panel.example.org
CSRF_TRUSTED_ORIGINS=https://panel.example.org:$https_port
DATABASE_URL=sqlite:////data/db.sqlite3
AI_ARTIST_TRUST_PROXY=true
AI_ARTIST_X_ACCEL_PREFIX=/protected-media/
DJANGO_SUPERUSER_PASSWORD=Rehearsal-2026-$(openssl rand -hex 6)
END
}

contained() { # contained NAME COMMAND ...: as compose starts them
  local name=rehearsal-$1; shift
  containers+=("$name")
  # shellcheck disable=SC2086 - several options
  podman run --detach --name "$name" ${RUN_OPTIONS:-} --network host --cgroups disabled --cap-drop ALL \
    --security-opt no-new-privileges --env-file "$scratch/production.env" --volume "$scratch/data:/data" \
    --no-healthcheck "$image" "$@" >/dev/null
}
in_web() { podman exec rehearsal-web "$@"; }

rehearse_containers() {
  build
  web_port=$(free_port) https_port=$(free_port)
  settings
  install -d -o 10001 "$scratch/data" && chmod 755 "$scratch"

  say "migrate"
  contained migrate sh -ec 'python manage.py migrate --noinput; python manage.py create_roles;
    python manage.py install_schedules; python manage.py make_signing_cert;
    python manage.py createsuperuser --noinput --username boss --email boss@example.org; python manage.py seed_roster'
  [ "$(podman wait rehearsal-migrate)" = 0 ] || fail "migrate"

  say "web and worker"
  contained web gunicorn ai_artist.wsgi --bind "127.0.0.1:$web_port" --workers 2 --threads 8 --no-control-socket
  contained worker python manage.py qcluster
  until_true 120 in_web python deploy/probe.py "http://127.0.0.1:$web_port/healthz"
  until_true 180 podman exec rehearsal-worker python manage.py doctor --only queue --strict

  say "a whole run, by the worker"
  in_web python manage.py run_batch --no-wait --size 1 --json >"$scratch/batch.json"
  until_true 1800 in_web python manage.py shell -v 0 -c "$all_done"
  in_web python manage.py shell -v 0 -c "$well_made"
  find "$scratch/data/media" -name '*.mp4' -size +1M | grep -q . || fail "no video"

  say "nginx"
  through_nginx

  say "the worker ends when asked"
  podman stop --time 900 rehearsal-worker >/dev/null
  [ "$(podman inspect --format '{{.State.ExitCode}}' rehearsal-worker)" = 0 ] || fail "the worker did not end well"
}

begin_nginx() { # and sign in
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=panel.example.org \
    -keyout "$scratch/privkey.pem" -out "$scratch/fullchain.pem" 2>/dev/null
  # The file as it is, but for addresses and ports.
  { echo "pid $scratch/nginx.pid; error_log $scratch/nginx.log; events {}"
    echo "http { include /etc/nginx/mime.types; access_log off;"
    sed -e "s|server web:8000|server 127.0.0.1:$web_port|" -e "s|443 ssl default_server|$https_port ssl|" \
      -e "/\[::\]/d" -e "s|listen 80 default_server|listen 127.0.0.1:$(free_port)|" \
      -e "s|/etc/nginx/certificates|$scratch|" -e "s|/data/media/|$scratch/data/media/|" \
      -e "s|127.0.0.1:9000|127.0.0.1:${store_port:-9000}|" deploy/nginx.conf
    echo "}"; } >"$scratch/nginx.conf"
  nginx -q -t -c "$scratch/nginx.conf" && nginx -c "$scratch/nginx.conf"
  panel=https://panel.example.org:$https_port
  get() { curl -sS --insecure --resolve "panel.example.org:$https_port:127.0.0.1" -b "$scratch/jar" -c "$scratch/jar" "$@"; }
  code() { get -o /dev/null -w '%{http_code}' "$@"; }
  get -o "$scratch/login" "$panel/admin/login/"
  token=$(sed -n 's/.*name="csrfmiddlewaretoken" value="\([^"]*\)".*/\1/p' "$scratch/login" | head -n 1)
  password=$(sed -n 's/^DJANGO_SUPERUSER_PASSWORD=//p' "$scratch/production.env")
  [ "$(code -e "$panel/admin/login/" -d "csrfmiddlewaretoken=$token&username=boss&password=$password" "$panel/admin/login/")" = 302 ] \
    || fail "sign-in"
}
closed() { # closed ADDRESS FILE: to who is not signed in, and whatever does not go through the panel
  [ "$(curl -sS --insecure --resolve "panel.example.org:$https_port:127.0.0.1" -o /dev/null -w '%{http_code}' "$panel$1")" = 302 ] \
    || fail "media without a sign-in"
  [ "$(code "$panel/protected-media/$2")" = 404 ] || fail "the internal location is open"
}

through_nginx() {
  begin_nginx
  path=$(in_web python manage.py shell -v 0 -c \
    'from runs.models import Artifact; a = Artifact.objects.filter(kind="video").latest("pk"); print(f"/media/{a.pk}/", a.file.name)')
  read -r address file <<<"$path"
  closed "$address" "$file"
  [ "$(code "$panel/metrics")" = 404 ] || fail "/metrics is open"
  [ "$(code "$panel/admin/")" = 200 ] || fail "the dashboard"
  [ "$(code -H 'Range: bytes=1000-1999' "$panel$address")" = 206 ] || fail "a range"
  get -H 'Range: bytes=1000-1999' "$panel$address" | cmp - <(tail -c +1001 "$scratch/data/media/$file" | head -c 1000)
  get "$panel$address" | cmp - "$scratch/data/media/$file"
  echo "Sign-in, dashboard, ranges; media, metrics and the internal location are closed."
}

rehearse_store() {
  command -v nginx >/dev/null || fail "nginx is missing"
  web_port=$(free_port) https_port=$(free_port) store_port=$(free_port)
  settings
  cat >>"$scratch/production.env" <<END
DATABASE_URL=sqlite:///$scratch/db.sqlite3
AI_ARTIST_STORE=s3
AI_ARTIST_S3_BUCKET=songs
AI_ARTIST_S3_ENDPOINT=http://127.0.0.1:$store_port
AI_ARTIST_S3_ACCESS_KEY=key
AI_ARTIST_S3_SECRET_KEY=secret
AI_ARTIST_S3_LINK_S=0
END
  for name in MEDIA_ROOT AI_ARTIST_{WORK,SPOOL,INBOX,CACHE,SIGNING}_DIR; do
    echo "$name=$scratch/data/$name" >>"$scratch/production.env"
  done
  set -a; . "$scratch/production.env"; set +a

  say "store and panel"
  .venv/bin/moto_server -p "$store_port" >"$scratch/store.log" 2>&1 & processes+=($!)
  until_true 60 curl -sS "http://127.0.0.1:$store_port/"
  .venv/bin/python -c "$make_bucket"
  .venv/bin/python manage.py migrate -v 0
  .venv/bin/python manage.py createsuperuser --noinput --username boss --email boss@example.org -v 0
  .venv/bin/gunicorn ai_artist.wsgi --bind "127.0.0.1:$web_port" --no-control-socket >"$scratch/web.log" 2>&1 & processes+=($!)
  until_true 60 .venv/bin/python deploy/probe.py "http://127.0.0.1:$web_port/healthz"
  head -c 3000000 /dev/urandom >"$scratch/song.flac"

  say "nginx"
  begin_nginx
  path=$(SONG=$scratch/song.flac .venv/bin/python manage.py shell -v 0 -c "$add_song")
  read -r address file <<<"$path"
  closed "$address" "bucket/songs/$file"
  get "$panel$address" | cmp - "$scratch/song.flac"
  [ "$(code -H 'Range: bytes=1000-1999' "$panel$address")" = 206 ] || fail "a range"
  get -H 'Range: bytes=1000-1999' "$panel$address" | cmp - <(tail -c +1001 "$scratch/song.flac" | head -c 1000)
  [ "$(code -H 'Range: bytes=3000000-' "$panel$address")" = 416 ] || fail "a range behind the end"
  get -H 'Range: bytes=3000000-' "$panel$address" | grep -q '<Code>' \
    && fail "the store's words about a range reach the visitor"
  get -D "$scratch/headers" -o /dev/null "$panel$address?download"
  for line in 'Content-Type: audio/flac' 'Content-Disposition: attachment; filename=' 'Cache-Control: private'; do
    [ "$(grep -ci "^${line%%:*}:" "$scratch/headers")" = 1 ] && grep -qi "^$line" "$scratch/headers" || fail "$line"
  done
  grep -qi '^Content-Security-Policy:.*127' <(get -D - -o /dev/null "$panel/admin/") && fail "the policy names the store"
  [ "$(get -I -o /dev/null -w '%{http_code}' "$panel$address")" = 200 ] || fail "HEAD"
  .venv/bin/python -c "$lose_song"
  # Stores say 404 of it, or 403 as this one does.
  case "$(get -o "$scratch/lost" -w '%{http_code}' "$panel$address")" in 404 | 502) ;; *) fail "a lost file" ;; esac
  grep -q '<Code>' "$scratch/lost" && fail "the store's words reach the visitor"
  kill "${processes[0]}"
  until_true 30 sh -c "! curl -sS http://127.0.0.1:$store_port/"
  [ "$(code "$panel$address")" = 502 ] || fail "a store that is away"
  echo "Songs, ranges and downloads out of the store; the internal location is closed."
}

rehearse_units() {
  build
  say "a machine with systemd, made of the image"
  machine=$(buildah from "$image")
  root=$(buildah mount "$machine")
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd systemd-sysv util-linux' \
    >"$scratch/apt.log" 2>&1 || { tail "$scratch/apt.log"; fail "systemd could not be installed"; }
  ln -s /app "$root/srv/ai-artist"
  install -d "$root/app/.venv/bin" "$root/etc/ai-artist"
  for program in python gunicorn; do ln -sf "$(chroot "$root" which $program)" "$root/app/.venv/bin/$program"; done
  install -d -o 10001 -g "$(chroot "$root" id -g artist)" "$root/srv/ai-artist-data"
  cp deploy/ai-artist-*.service deploy/ai-artist-*.timer "$root/etc/systemd/system/"
  # As docs/deploying.md has it.
  https_port=443
  settings
  sed -i 's|^DATABASE_URL=.*|DATABASE_URL=sqlite:////srv/ai-artist-data/db.sqlite3|' "$scratch/production.env"
  sed -n '/^MEDIA_ROOT=/,/^AI_ARTIST_INBOX_DIR=/p' docs/deploying.md >>"$scratch/production.env"
  install -m 600 "$scratch/production.env" "$root/etc/ai-artist/production.env"
  chroot --userspec artist:artist "$root" sh -eac 'cd /srv/ai-artist; eval "$(cat)"
    python manage.py migrate -v 0; python manage.py create_roles; python manage.py install_schedules
    python manage.py make_signing_cert; python manage.py seed_roster' <"$scratch/production.env" >"$scratch/setup.log" \
    || { tail "$scratch/setup.log"; fail "setting up"; }
  chroot "$root" systemctl enable ai-artist-web ai-artist-worker ai-artist-watchdog.timer 2>/dev/null

  say "boot"
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --register=no --keep-unit --directory "$root" --boot \
    </dev/null >"$scratch/boot.log" 2>&1 &
  nspawn=$!
  disown
  until_true 60 pgrep -P $nspawn
  leader=$(pgrep -P $nspawn)
  until_true 300 inside systemctl is-active ai-artist-web ai-artist-worker
  until_true 120 inside env ALLOWED_HOSTS=panel.example.org python /app/deploy/probe.py http://127.0.0.1:8000/healthz
  until_true 300 manage doctor --only queue --strict

  say "a whole run, by the units"
  manage run_batch --no-wait --size 1 --json >"$scratch/batch.json"
  until_true 1800 manage shell -v 0 -c "$all_done"
  manage shell -v 0 -c "$well_made"

  say "the watchdog replaces a cluster that hangs"
  hung=$(main_process)
  inside systemctl kill --signal SIGSTOP ai-artist-worker
  until_true 900 replaced
  until_true 300 manage doctor --only queue --strict

  say "stopping"
  inside systemctl stop ai-artist-worker ai-artist-web
  for unit in ai-artist-worker ai-artist-web; do
    [ "$(inside systemctl show --value --property Result $unit)" = success ] || fail "$unit did not end well"
  done
}
inside() { nsenter --target "$leader" --mount --pid --uts --ipc -- "$@"; }
manage() { # as the product's user, with its settings
  inside sh -eac '. /etc/ai-artist/production.env; cd /srv/ai-artist
    exec setpriv --reuid artist --regid artist --clear-groups .venv/bin/python manage.py "$@"' sh "$@"
}
main_process() { inside systemctl show --value --property MainPID ai-artist-worker; }
replaced() {
  inside systemctl start ai-artist-watchdog
  local now
  now=$(main_process)
  [ "$now" != 0 ] && [ "$now" != "$hung" ]
}

case "${1:-}" in
  containers) rehearse_containers ;;
  store) rehearse_store ;;
  units) rehearse_units ;;
  *) sed -n '2,16s/^# \{0,1\}//p' deploy/rehearse.sh; exit 2 ;;
esac
echo
echo "As it should be, after $SECONDS s."
