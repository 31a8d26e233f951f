"""LabelGrid: what it keeps as every channel does, its drafts, its review, its takedown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media_tools.errors import (
    NeedsPerson,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
    SubmissionUnknown,
)
from media_tools.providers.http import PLAIN
from media_tools.publishing.base import Stage, StoreRelease
from media_tools.publishing.labelgrid import LabelGrid
from media_tools.publishing.labelgrid_wire import LabelGridOptions, LabelGridToken
from media_tools.publishing.tokens import Tokens
from tests.contract_servers.labelgrid import BASE, LabelGridServer
from tests.media_tools.publishing.contract import (
    KEY,
    NOON,
    ChannelCase,
    ChannelContract,
    Clock,
    KeptMemory,
    deliver,
)
from tests.media_tools.publishing.items import store_release

Make = Callable[..., LabelGrid]


@pytest.fixture(scope="module")
def started() -> Iterator[LabelGridServer]:
    with LabelGridServer() as server:
        yield server


class LabelGridCase(ChannelCase):
    adapter = LabelGrid
    make_line, look_line = "/distribute", f"GET {BASE}/releases/"
    corrects, flags_ai = False, True

    @pytest.fixture
    def server(self, started: LabelGridServer, clock: Clock) -> LabelGridServer:
        started.clear()
        started.clock = clock
        return started

    @pytest.fixture
    def options(self, server: LabelGridServer) -> dict[str, Any]:
        return {"base_url": f"{server.url}{BASE}"}

    @pytest.fixture
    def item(self, tmp_path: Path) -> StoreRelease:
        return store_release(tmp_path)

    def unflag(self, server: LabelGridServer, external_id: str) -> None:
        server.releases[int(external_id)]["artwork_ai_usage"] = "none"
        for track in server.tracks.values():
            track |= {"audio_ai_usage": "none", "composition_ai_usage": "none"}

    def rows_of(self, server: LabelGridServer) -> tuple[int, int]:
        entered = (server.artists, server.writers, server.releases, server.tracks)
        assert [len(rows) for rows in entered] == [2, 1, 1, 1]
        return super().rows_of(server)


class TestContract(LabelGridCase, ChannelContract):
    """What every channel keeps, as far as a distributor is like a platform."""

    shown_as = "labelgrid channel"

    def test_a_copy_is_found_by_our_mark_alone(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        """The mark is the catalogue number."""
        longer = replace(item, key=f"{KEY}1", catalogue_number="AAP-00411")
        make().send(longer, KeptMemory())
        assert make().find(item, KeptMemory()) is None

        sent = make().send(item, KeptMemory())

        assert make().find(item, memory) == sent
        assert len(server.copies_of(KEY)) == 1

    def test_what_was_declared_is_read_back(
        self, make: Make, server: LabelGridServer, item: StoreRelease
    ) -> None:
        sent = make().send(item, KeptMemory())
        server.process()
        assert make().standing(sent.external_id, item).synthetic is True

        self.unflag(server, sent.external_id)

        standing = make().standing(sent.external_id, item)
        assert (standing.synthetic, standing.stage) == (False, Stage.NEEDS_PERSON)


class TestLabelGrid(LabelGridCase):
    # --- The draft ---

    @pytest.mark.parametrize(
        "where",
        ["GET /labels", "GET /artists", "GET /releases", "/photo", "/validate", "/distribute"],
    )
    def test_sign_in_page_of_a_network_passes_for_no_answer(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        where: str,
    ) -> None:
        """An empty list would enter names twice, a clean validation send what is not ready."""
        server.fault(status=200, body="<html>", where=where.replace("GET ", f"GET {BASE}"))
        with pytest.raises((ProviderUnavailable, SubmissionUnknown)):
            make().send(item, memory)

        make().send(item, memory)

        assert self.rows_of(server) == (1, 1)

    @pytest.mark.parametrize("lost", [False, True])
    def test_upload_that_is_not_there_is_sent_again(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        lost: bool,
    ) -> None:
        headers = {"ETag": "x"} if lost else {}
        server.fault(status=200, body=b"", headers=headers, where="PUT /storage")
        with pytest.raises(ProviderRejected if lost else ProviderUnavailable):
            make().send(item, memory)

        make().send(item, memory)

        assert server.tracks[500]["audio"] == item.tracks[0].file.sha256

    def test_release_says_what_we_say(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        make().send(item, memory)

        release, track = server.releases[77], server.tracks[500]
        assert (release["artwork_ai_usage"], release["explicit"]) == ("some", "off")
        assert (release["primary_genre_id"], release["secondary_genre_id"]) == (12, 13)
        assert (track["audio_ai_usage"], track["composition_ai_usage"]) == ("all", "material")
        assert track["contributors"][0]["ai_contribution"] == "material"
        assert track["contributors"][0]["roles"] == {"Composer": True, "Lyricist": True}
        assert track["mix_versions"] == [{"iso_code": "en", "text": "Radio Edit"}]
        assert track["audio"] == item.tracks[0].file.sha256
        assert server.writers[0]["first_name"] == "Ada B."
        assert [artist["artist_name"] for artist in server.artists] == ["Nova Lanes", "Nova Lane"]
        assert memory.progress[-1] == (200_000, 200_000)

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="answer lost while entering a name",
        outcome="ProviderUnavailable",
        channel=True,
    )
    def test_name_whose_answer_was_lost_is_looked_for(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        server.fault(reset="after", where=f"POST {BASE}/artists")
        with pytest.raises(ProviderUnavailable, match="Nova Lane"):
            make().send(item, memory)

        make().send(item, memory)

        assert len(server.artists) == 2

    def test_draft_of_another_attempt_is_brought_up_to_date(
        self, make: Make, server: LabelGridServer, item: StoreRelease
    ) -> None:
        server.faults = {"titles": ["may not hold this"]}
        with pytest.raises(ProviderRejected):
            make().send(item, KeptMemory())
        server.faults = {}

        make().send(replace(item, title="Night Train"), KeptMemory())

        (release,) = server.releases.values()
        assert release["titles"][0]["text"] == "Night Train"

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="audio is worked on",
        outcome="ProviderUnavailable",
        channel=True,
    )
    def test_audio_is_waited_for(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        server.audio_polls = 2
        with pytest.raises(ProviderUnavailable) as caught:
            make().send(item, memory)
        assert caught.value.retry_after_s == 30
        assert not server.copies

        assert deliver(make(), item, memory)
        assert server.bytes_received < 1.1 * item.tracks[0].file.size_bytes

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="audio cannot be used",
        outcome="ProviderRejected",
        channel=True,
    )
    def test_audio_that_fails_there_is_told(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        server.audio_fails = True

        with pytest.raises(ProviderRejected, match="no audio"):
            make().send(item, memory)

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="422 validate finds faults",
        outcome="ProviderRejected",
        channel=True,
    )
    def test_faults_are_told_in_their_words(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        server.faults = {"barcode_number": ["is taken"], "cline_name": ["is too short"]}

        with pytest.raises(ProviderRejected) as caught:
            make().send(item, memory)

        assert "barcode_number: is taken; cline_name: is too short" in str(caught.value)
        assert not server.copies

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="200 validate with errors in it",
        outcome="ProviderRejected",
        channel=True,
    )
    def test_validation_is_clean_only_without_structured_errors(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        body = {"errors": [], "errors_structured": [{"field": "isrc", "message": "is known"}]}
        server.fault(status=200, body=body, where="/validate")

        with pytest.raises(ProviderRejected, match="isrc: is known"):
            make().send(item, memory)

    @pytest.mark.parametrize(
        ("status", "body", "kind", "words"),
        [
            pytest.param(
                status,
                body,
                kind,
                words,
                marks=pytest.mark.provider_error(
                    adapter="labelgrid channel", row=row, outcome=kind.__name__, channel=True
                ),
                id=row,
            )
            for row, status, body, kind, words in [
                ("403 plan", 403, {"message": "No API plan"}, NeedsPerson, "No API plan"),
                (
                    "403 RELEASE_LOCKED_FIELDS",
                    403,
                    {"error": {"code": "RELEASE_LOCKED_FIELDS", "message": "Locked: cat"}},
                    ProviderRejected,
                    "Locked: cat",
                ),
                (
                    "404 base URL without /api/public",
                    404,
                    "<html>",
                    ProviderRejected,
                    "check the base URL",
                ),
                (
                    "409 state conflict",
                    409,
                    {"error": "It is in review.", "code": "IN_REVIEW"},
                    ProviderRejected,
                    "It is in review",
                ),
                (
                    "422 validation",
                    422,
                    {"message": "Invalid", "errors": {"cat": ["is taken"]}},
                    ProviderRejected,
                    "cat: is taken",
                ),
                ("422 without fields", 422, {"error": "Nope"}, ProviderRejected, "Nope"),
            ]
        ],
    )
    def test_refusal_has_its_class(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        status: int,
        body: Any,
        kind: type[ProviderError],
        words: str,
    ) -> None:
        server.fault(status=status, body=body, where=f"POST {BASE}/releases")

        with pytest.raises(kind, match=words) as caught:
            make().send(item, memory)

        assert type(caught.value) is kind
        assert caught.value.action

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"genre": "Synth Pup"}, "Synth Pop"),
            ({"label": "Other Label"}, "make the label there"),
            ({"territories": ("DE",)}, "worldwide"),
        ],
        ids=["genre", "label", "territories"],
    )
    def test_what_cannot_be_said_there_is_told(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        changes: dict[str, Any],
        words: str,
    ) -> None:
        with pytest.raises(ProviderRejected, match=words):
            make().send(replace(item, **changes), memory)

        assert not server.releases

    def test_label_is_made_where_that_is_wanted(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        adapter = make(label_email="label@example.org")

        adapter.send(replace(item, label="New Label"), memory)

        assert server.labels[-1]["name"] == "New Label"

    # --- Distribution ---

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="draft a day after a lost distribution",
        outcome="ProviderRejected",
        channel=True,
    )
    def test_distribution_is_not_repeated_after_a_day(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        clock: Clock,
    ) -> None:
        server.fault(reset="before", where="/distribute")
        with pytest.raises(ProviderError):
            make().send(item, memory)
        clock.move(2 * 86_400)

        with pytest.raises(ProviderRejected, match="distribute it there"):
            make().send(item, memory)
        assert not server.copies

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="403 weekly limit of submissions",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_refusal_is_not_what_the_next_try_is_answered_with(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        clock: Clock,
    ) -> None:
        server.submissions_left = 0
        with pytest.raises(NeedsPerson, match="weekly limit"):
            make().send(item, memory)
        clock.move(3_600)
        server.submissions_left = 1

        assert make().send(item, memory)

    @pytest.mark.parametrize(
        ("changes", "stage"),
        [
            ({"review_status": "require_changes"}, Stage.NEEDS_PERSON),
            ({"review_status": "pending_customer_review"}, Stage.NEEDS_PERSON),
            ({"review_status": "rejected"}, Stage.FAILED),
            ({"review_status": "audit"}, Stage.PROCESSING),
            ({"review_status": "something new"}, Stage.PROCESSING),
            ({"review_status": "approved", "state": "action_needed"}, Stage.NEEDS_PERSON),
            ({"review_status": "approved", "state": "removed"}, Stage.GONE),
        ],
    )
    def test_stage_is_told(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        changes: dict[str, str],
        stage: Stage,
    ) -> None:
        sent = make().send(item, memory)
        server.releases[77] |= changes
        server.issues = [{"title": "Cover", "message": "has an address on it", "status": "open"}]

        standing = make().standing(sent.external_id, item)

        assert standing.stage is stage
        assert standing.reason
        told = changes["review_status"] in ("require_changes", "rejected")
        assert ("has an address on it" in standing.reason) or not told

    # --- Recall ---

    def test_draft_is_deleted_instead(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        server.faults = {"titles": ["no"]}
        with pytest.raises(ProviderRejected):
            make().send(item, memory)

        make().take_down("77")

        assert not server.releases
        assert make().witness("77", "").there is False

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="takedown while in review",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_release_in_review_needs_a_person(
        self, make: Make, server: LabelGridServer, item: StoreRelease, memory: KeptMemory
    ) -> None:
        sent = make().send(item, memory)

        with pytest.raises(NeedsPerson, match="withdraw"):
            make().take_down(sent.external_id)

    @pytest.mark.provider_error(
        adapter="labelgrid channel",
        row="409 CONTRACT_HOLD_CONFIRM_REQUIRED",
        outcome="NeedsPerson",
        channel=True,
    )
    def test_contract_hold_is_confirmed_by_a_person(
        self, make: Make, server: LabelGridServer, item: StoreRelease, clock: Clock
    ) -> None:
        server.contract_hold = True
        adapter, sent = self.live(make, server, item, clock)
        with pytest.raises(NeedsPerson, match="minimum term"):
            adapter.take_down(sent.external_id)

        adapter.take_down(sent.external_id, confirmed=True)

        assert adapter.witness(sent.external_id, "").there is False

    def test_partial_removal_proves_nothing(
        self, make: Make, server: LabelGridServer, item: StoreRelease, clock: Clock
    ) -> None:
        adapter, sent = self.live(make, server, item, clock)
        server.partial_removal = True

        adapter.take_down(sent.external_id)

        assert adapter.witness(sent.external_id, "").there is True
        assert adapter.standing(sent.external_id, item).stage is Stage.LIVE

    # --- Audience ---

    @pytest.mark.parametrize("flags", [None, [], [{"status": "open"}, {"status": "closed"}]])
    def test_streams_and_flags_are_read(
        self,
        make: Make,
        server: LabelGridServer,
        item: StoreRelease,
        memory: KeptMemory,
        flags: list[dict[str, str]] | None,
    ) -> None:
        sent = make().send(item, memory)
        server.flags = flags

        figures = make().figures([sent.external_id], since=NOON.date())

        told = {figure.metric: (figure.value, figure.day) for figure in figures}
        assert told["streams"] == (40, NOON.date())
        expected = None if flags is None else (len(flags) // 2, None)
        assert told.get("artificial_streaming_flags") == expected


def test_refused_token_is_made_anew_by_a_person() -> None:
    with pytest.raises(NeedsPerson, match="api-tokens"):
        LabelGridToken(LabelGridOptions(), PLAIN).refresh(Tokens(access="x"), now=NOON)
