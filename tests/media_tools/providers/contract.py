"""What every provider of jobs keeps, whatever it makes; each adapter's tests subclass it.

    class TestContract(PolledContract):
        adapter, shown_as = AcmeMusic, "acme"
        key, key_setting = KEY, "ACME_API_KEY"
        submit_line, collect_line = "POST /songs", "GET /songs"

        @pytest.fixture
        def server(self, acme_server): return acme_server
        ...

An engine of this machine subclasses JobContract itself; one that answers a submission with the work
SpooledContract; one that is asked for its job again and again PolledContract. Some tests show a row
of docs/provider-errors.md; tests/conftest.py marks them by ERROR_ROWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from media_tools.errors import (
    JobFailed,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.foreign import LONGEST_ID
from media_tools.providers.callbacks import CallbackRefused
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from media_tools.providers.job import check_deadline
from media_tools.providers.prices import Price
from tests.contract_servers.base import ContractServer

QUICK = Line(Timeouts(connect_s=2.0, read_s=1.5, total_s=6.0), RetryPolicy(retries=0))
RUN_KEY = "3f0c6a52-9d0e-4a0b-8f0e-2f3f4b5c6d7e:1:job:0"
NOBODY = "http://127.0.0.1:9"
NO_IDS = ["", "two words", "x" * (LONGEST_ID + 1), None, {}, True]

# By the test that shows it; None: what a lost answer leads to at this provider.
ERROR_ROWS: Mapping[str, tuple[str, type[ProviderError] | None]] = {
    "test_a_lost_answer_is_not_sent_again": ("submission: answer lost, cut off, 500, 502", None),
    "test_an_answer_without_an_id_is_a_lost_one": ("submission: answer without an id", None),
    "test_what_was_never_sent_may_be_sent_again": (
        "submission: nobody there",
        ProviderUnavailable,
    ),
    "test_too_many_requests_are_waited_for": ("submission: plain 429", ProviderUnavailable),
    "test_a_refused_key_is_final_and_not_shown": ("key refused", ProviderRejected),
    "test_a_failed_job_needs_a_new_submission": ("job failed", JobFailed),
    "test_trouble_while_polling_says_nothing_of_the_job": (
        "trouble while polling",
        ProviderUnavailable,
    ),
    "test_a_kept_answer_that_is_gone_is_told": ("kept answer missing", ProviderRejected),
}


class JobContract:
    """Every provider. adapter: its class. charges: whether a job costs money.

    shown_as: heading in docs/provider-errors.md; empty for engines of this machine.
    """

    adapter: ClassVar[Any]
    charges: ClassVar[bool] = True
    line: ClassVar[Line] = QUICK
    shown_as: ClassVar[str] = ""
    lost: ClassVar[type[ProviderError]] = SubmissionUnknown

    @classmethod
    def error_row(cls, test: str) -> pytest.MarkDecorator | None:
        """The mark of a test that shows a row of the page, or None."""
        if not cls.shown_as or test not in ERROR_ROWS:
            return None
        row, kind = ERROR_ROWS[test]
        return pytest.mark.provider_error(
            adapter=cls.shown_as, row=row, outcome=(kind or cls.lost).__name__
        )

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        """The options of an adapter that works."""
        raise NotImplementedError

    @pytest.fixture
    def wanted(self) -> Any:
        """A request it can fulfil."""
        raise NotImplementedError

    @pytest.fixture
    def workdir(self, tmp_path: Path) -> Path:
        folder = tmp_path / "of-this-step"
        folder.mkdir()
        return folder

    def deliver(self, options: dict[str, Any]) -> None:
        """Do what somebody else has to do before the work can be collected."""

    def make(self, options: dict[str, Any]) -> Any:
        if hasattr(self.adapter, "Options"):
            return self.adapter(self.adapter.Options(**options), self.line)
        return self.adapter(**options)

    def test_another_worker_collects_the_work_by_its_id(
        self, options: dict[str, Any], wanted: Any, workdir: Path
    ) -> None:
        job = self.make(options).submit(wanted, idempotency_key=RUN_KEY)
        self.deliver(options)
        successor = self.make(options)

        made = successor.collect(job, wanted, workdir)

        assert 0 < len(job) <= LONGEST_ID
        assert made.provenance.provider == successor.name
        assert made.provenance.licence
        assert any(path.stat().st_size for path in workdir.iterdir())

    def test_an_unfinished_job_says_who_works_and_when_to_look(
        self, options: dict[str, Any]
    ) -> None:
        provider = self.make(options)

        assert len(provider.waits_for("job-1")) > len("job-1")
        assert all(0 < provider.poll_after_s(waited_s) <= 60 for waited_s in (0.0, 60.0, 1e6))

    def test_a_job_past_the_deadline_is_given_up(self, options: dict[str, Any]) -> None:
        provider = self.make(options)
        if provider.deadline_s is None:
            check_deadline(provider, "job-1", waited_s=1e9)
            return

        check_deadline(provider, "job-1", waited_s=provider.deadline_s)
        with pytest.raises(ProviderError) as given_up:
            check_deadline(provider, "job-1", waited_s=provider.deadline_s + 1)
        assert type(given_up.value) is (JobFailed if provider.resubmit_safe else ProviderRejected)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": "p1", "data": {"task_id": 5}}'])
    def test_a_callback_that_proves_nothing_is_refused(
        self, options: dict[str, Any], body: bytes
    ) -> None:
        with pytest.raises(CallbackRefused):
            self.make(options).callback_job(body, {}, now=0.0)

    def test_a_job_is_estimated_by_the_price(self, options: dict[str, Any], wanted: Any) -> None:
        if not self.charges:
            assert self.make(options).estimate_cost(wanted) == Decimal(0)
            return
        unit = self.adapter.Options.units[0]
        priced = {**options, "price": Price("acme", Decimal(3), unit)}

        assert self.make(priced).estimate_cost(wanted) > 0
        assert self.make(options).estimate_cost(wanted) is None
        assert self.adapter.Options(**priced).priced_as

    def test_health_names_the_provider(self, options: dict[str, Any]) -> None:
        provider = self.make(options)

        assert (provider.health().provider, provider.name) == (provider.name, provider.name)


class RemoteContract(JobContract):
    """Providers on the network; the fixture `server` stands in for them.

    submit_line: part of "METHOD /path" of a submission. key_setting: empty if a key is not needed.
    """

    submit_line: ClassVar[str]
    key: ClassVar[str]
    key_option: ClassVar[str] = "api_key"
    key_setting: ClassVar[str] = ""

    def submit_error(self, options: dict[str, Any], wanted: Any) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            self.make(options).submit(wanted, idempotency_key=RUN_KEY)
        assert self.key not in f"{caught.value} {vars(caught.value)}"
        return caught.value

    def test_a_submission_is_sent_once(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        self.make(options).submit(wanted, idempotency_key=RUN_KEY)

        assert server.count(self.submit_line) == 1

    @pytest.mark.parametrize(
        "fault",
        [
            {"reset": "after"},
            {"delay_s": 2.2},
            {"truncate_at": 20},
            {"status": 500, "body": "<html>", "taken": True},
            {"status": 502, "body": "<html>", "taken": True},
            {"status": 200, "body": b"", "taken": True},
            {"status": 200, "body": "{not json", "taken": True},
            {"status": 200, "body": "<html>", "taken": True},
        ],
        ids=["reset", "too slow", "cut off", "500", "502", "empty", "no json", "web page"],
    )
    def test_a_lost_answer_is_not_sent_again(
        self,
        options: dict[str, Any],
        wanted: Any,
        server: ContractServer,
        fault: dict[str, Any],
    ) -> None:
        server.fault(**fault, where=self.submit_line)

        error = self.submit_error(options, wanted)

        assert type(error) is self.lost
        assert self.make(options).resubmit_safe is (self.lost is ProviderUnavailable)
        assert server.count(self.submit_line) == 1

    def test_what_was_never_sent_may_be_sent_again(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        error = self.submit_error({**options, "base_url": NOBODY}, wanted)

        assert type(error) is ProviderUnavailable

    def test_too_many_requests_are_waited_for(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        slow_down = {"status": 429, "body": "slow down", "headers": {"Retry-After": "7"}}
        server.fault(**slow_down, where=self.submit_line)

        error = self.submit_error(options, wanted)

        assert isinstance(error, ProviderUnavailable)
        assert error.retry_after_s == 7.0

    def test_a_refused_key_is_final_and_not_shown(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        wrong = "wrong-key-0123456789"
        with pytest.raises(ProviderRejected) as caught:
            self.make({**options, self.key_option: wrong}).submit(wanted, idempotency_key=RUN_KEY)

        assert wrong not in f"{caught.value} {vars(caught.value)}"
        assert self.key_setting in caught.value.action

    @pytest.mark.parametrize("form", ["words", "fields"])
    def test_a_key_in_the_answer_is_not_shown(
        self, options: dict[str, Any], wanted: Any, server: ContractServer, form: str
    ) -> None:
        said = f"no use: {self.key} is your key"
        body: dict[str, Any] = {"detail": [{"loc": ["body"], "msg": said}]}
        if form == "words":
            body = {"error": {"message": said}, "detail": said, "msg": said, "code": 400}
        server.fault(status=400, body=body, where=self.submit_line)

        assert "[redacted]" in str(self.submit_error(options, wanted))

    def test_options_do_not_show_the_key(self, options: dict[str, Any]) -> None:
        assert self.key not in repr(self.adapter.Options(**options))

    def test_no_key_names_the_setting(self, options: dict[str, Any]) -> None:
        blank = {**options, self.key_option: " "}
        if not self.key_setting:
            assert self.make(blank)
            return

        with pytest.raises(ProviderRejected, match=f"set {self.key_setting}"):
            self.make(blank)

    def test_a_long_message_is_cut(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        said = "no " * 10_000
        body = {"error": {"message": said}, "detail": said, "msg": said, "title": said, "code": 400}
        server.fault(status=400, body=body, where=self.submit_line)

        assert len(str(self.submit_error(options, wanted))) < 1_000


class PolledContract(RemoteContract):
    """Providers that take a job, and are asked for it until it is done."""

    collect_line: ClassVar[str]

    def delay(self, server: Any) -> None:
        """Let the next job be unfinished when it is first asked for."""
        raise NotImplementedError

    def fail(self, server: Any, said: str) -> None:
        """Let the next job end without a result, with these words."""
        raise NotImplementedError

    def with_id(self, body: Any, job: Any) -> Any:
        """The answer to a submission with another id in it."""
        raise NotImplementedError

    def test_the_id_is_told_before_anybody_asks_for_the_job(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        self.make(options).submit(wanted, idempotency_key=RUN_KEY)

        assert server.count(self.collect_line) == 0

    def test_a_job_in_progress_gives_nothing_yet(
        self, options: dict[str, Any], wanted: Any, server: ContractServer, workdir: Path
    ) -> None:
        self.delay(server)
        provider = self.make(options)
        job = provider.submit(wanted, idempotency_key=RUN_KEY)

        assert provider.collect(job, wanted, workdir) is None
        assert provider.collect(job, wanted, workdir) is not None
        assert server.count(self.submit_line) == 1

    def test_a_failed_job_needs_a_new_submission(
        self, options: dict[str, Any], wanted: Any, server: ContractServer, workdir: Path
    ) -> None:
        self.fail(server, f"out of memory at {self.key}")
        provider = self.make(options)
        job = provider.submit(wanted, idempotency_key=RUN_KEY)

        with pytest.raises(JobFailed) as failed:
            provider.collect(job, wanted, workdir)

        assert type(failed.value) is JobFailed
        assert "out of memory at [redacted]" in str(failed.value)
        assert not list(workdir.iterdir())

    @pytest.mark.parametrize(
        "fault",
        [
            {"status": 503, "body": "<html>"},
            {"status": 200, "body": "<html>"},
            {"status": 200, "body": "[]"},
            {"status": 429},
            {"reset": "after"},
            {"delay_s": 2.2},
        ],
        ids=["503", "web page", "a list", "429", "reset", "too slow"],
    )
    def test_trouble_while_polling_says_nothing_of_the_job(
        self,
        options: dict[str, Any],
        wanted: Any,
        server: ContractServer,
        workdir: Path,
        fault: dict[str, Any],
    ) -> None:
        provider = self.make(options)
        job = provider.submit(wanted, idempotency_key=RUN_KEY)
        server.fault(**fault, where=self.collect_line)

        with pytest.raises(ProviderUnavailable) as trouble:
            provider.collect(job, wanted, workdir)

        assert type(trouble.value) is ProviderUnavailable
        assert provider.collect(job, wanted, workdir) is not None

    @pytest.mark.parametrize("job", NO_IDS, ids=["none", "words", "long", "null", "object", "bool"])
    def test_an_answer_without_an_id_is_a_lost_one(
        self, options: dict[str, Any], wanted: Any, server: ContractServer, job: Any
    ) -> None:
        server.fault(edit=lambda body: self.with_id(body, job), where=self.submit_line)

        assert type(self.submit_error(options, wanted)) is self.lost

    def test_nobody_guesses_an_id_that_was_lost(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        provider = self.make(options)
        provider.submit(wanted, idempotency_key=RUN_KEY)

        assert provider.recover(RUN_KEY) is None


class SpooledContract(RemoteContract):
    """Providers whose answer is the work itself, kept in a folder all workers share."""

    def test_what_was_kept_is_found_and_not_paid_again(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        first, second = self.make(options), self.make(options)

        job = first.submit(wanted, idempotency_key=RUN_KEY)

        assert second.recover(RUN_KEY) == job
        assert second.submit(wanted, idempotency_key=RUN_KEY) == job
        assert server.count(self.submit_line) == 1

    def test_another_key_is_another_job(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        provider = self.make(options)
        job = provider.submit(wanted, idempotency_key=RUN_KEY)

        assert provider.recover(f"{RUN_KEY}1") is None
        assert provider.submit(wanted, idempotency_key=f"{RUN_KEY}1") != job
        assert server.count(self.submit_line) == 2

    def test_nothing_is_kept_of_a_lost_answer(
        self, options: dict[str, Any], wanted: Any, server: ContractServer
    ) -> None:
        server.fault(truncate_at=20, where=self.submit_line)

        self.submit_error(options, wanted)

        assert self.make(options).recover(RUN_KEY) is None

    @pytest.mark.parametrize("job", ["song-0123", "../secret", ""])
    def test_a_kept_answer_that_is_gone_is_told(
        self, options: dict[str, Any], wanted: Any, workdir: Path, job: str
    ) -> None:
        (options["spool"].parent / "secret").write_text("of somebody else")

        with pytest.raises(ProviderRejected, match="not in the spool folder"):
            self.make(options).collect(job, wanted, workdir)
