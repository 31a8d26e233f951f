"""LabelGrid: a distributor with an API. A person agrees to each release before it goes out.

A draft is completed, validated until clean and distributed once; then it is reviewed there and
delivered to shops, which takes days. Our catalogue number finds a draft again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field

from media_tools import foreign
from media_tools.errors import NeedsPerson, ProviderRejected
from media_tools.providers.http import Call, HttpClient, Line
from media_tools.providers.replies import Amount, Label, Reply, Whole, read_reply, rows
from media_tools.publishing.base import (
    Account,
    AccountFacts,
    ChannelAdapter,
    Figure,
    Memory,
    Sent,
    Sighting,
    Stage,
    Standing,
    StoreRelease,
)
from media_tools.publishing.labelgrid_draft import Draft
from media_tools.publishing.labelgrid_wire import (
    AI_USE,
    NAME,
    Delivery,
    Flag,
    Issue,
    LabelGridApi,
    LabelGridOptions,
    Release,
    Track,
    idempotent,
    sentences,
)
from media_tools.publishing.sending import remember, remembered, send_once
from media_tools.publishing.sighting import look

# A distribution's key is honoured so long; afterwards nobody can tell whether it would double.
_KEY_S = 86_400.0
_LONGEST_WINDOW = timedelta(days=400)
_MESSAGE_CHARACTERS = 255
_ISSUES = 10

_IN_REVIEW = {
    "to_review": "it waits for its review there",
    "audit": "it is reviewed there",
}
_FOR_PERSONS = {
    "draft": "it is a draft again: distribute it there, or recall it",
    "pending_customer_review": "its review there asks us: answer it, or confirm it as it is",
    "require_changes": "its review there asks for changes: make them, then distribute it there",
}


class _Me(Reply):
    id: Annotated[Whole, Field(ge=1)]
    name: Label = ""
    email: Label = ""
    plan: Label = ""


class _Findings(Reply):
    errors: Any  # named by field, or a list
    structured: Any = Field(default=None, alias="errors_structured")


class _Flags(Reply):
    data: Annotated[list[Flag], rows(1000)]


class _Issues(Reply):
    data: Annotated[list[Issue], rows(_ISSUES)]


class _Day(Reply):
    date: Label = ""
    streams: Amount = 0.0


class _Summary(Reply):
    days: Annotated[list[_Day], rows(500)] = Field(default=[], alias="track-streams-daily")


class LabelGrid(ChannelAdapter[StoreRelease]):
    """One account. Memory: `tried_at`, and the notes of the draft (what was made, sent, committed).

    The only proof of a recall is LabelGrid's own word: its API knows no look without our token.
    """

    Options = LabelGridOptions
    name = NAME
    schedules = True
    asks_first = True

    def __init__(self, options: LabelGridOptions, line: Line, account: Account) -> None:
        self._options = options
        self._line = line
        self._api = LabelGridApi(options, line, account)

    def account(self) -> AccountFacts:
        reply = self._api.call(Call("GET", "/me"))
        body = foreign.fields(reply.data)
        told = foreign.fields(body.get("data")) or body
        me = read_reply(_Me, told, provider=NAME)
        return AccountFacts(
            id=str(me.id),
            name=me.name or me.email,
            rights=("distribute releases",),
            missing=("accept LabelGrid's terms there",) if _terms_open(told) else (),
            plan=me.plan,
            room=_room(told),
        )

    # --- Sending ---

    def send(self, item: StoreRelease, memory: Memory) -> Sent:
        if sent := remembered(memory):
            return sent
        draft = self._by_catalogue(item)
        if draft and draft.submitted:
            return self._kept(draft.id, memory)
        release = Draft(self._api, self._options, self._line, memory).written(item, draft)
        self._validate(release)
        self._check_key(memory, release)
        return send_once(
            NAME,
            memory,
            make=lambda: self._distribute(item, release, memory),
            find=lambda: self.find(item, memory),
        )

    def find(self, item: StoreRelease, memory: Memory) -> Sent | None:
        """The release, once it was distributed. A draft is nothing that went out."""
        if sent := remembered(memory):
            return sent
        release = self._by_catalogue(item)
        return self._kept(release.id, memory) if release and release.submitted else None

    def _kept(self, release: int, memory: Memory) -> Sent:
        return remember(memory, Sent(str(release)))

    def _by_catalogue(self, item: StoreRelease) -> Release | None:
        listed = self._api.every("/releases", Release, cat=item.catalogue_number)
        return next((r for r in listed if r.cat == item.catalogue_number), None)

    def _validate(self, release: int) -> None:
        """Raises ProviderRejected with what LabelGrid does not like, in its words."""
        call = Call("POST", f"/releases/{release}/validate", safe=True)
        found = self._api.one(call, _Findings)
        faults = sentences({"errors": found.errors, "errors_structured": found.structured})
        if faults:
            raise ProviderRejected(
                NAME,
                f"the release is not ready: {'; '.join(faults)}",
                code="validation",
                action="correct the release, then send it again",
            )

    def _check_key(self, memory: Memory, release: int) -> None:
        tried_at = foreign.figure(memory.get("tried_at"))
        now = self._line.clock()
        if tried_at is None:
            memory.put(tried_at=str(now))
        elif now - tried_at > _KEY_S:
            raise ProviderRejected(
                NAME,
                f"release {release} was to be distributed a day ago, and is a draft still",
                code="distribution_unknown",
                action="distribute it there, then retry the publication",
            )

    def _distribute(self, item: StoreRelease, release: int, memory: Memory) -> Sent:
        # After a refusal the time is another one, and so is the key.
        tried_at = int(foreign.figure(memory.get("tried_at")) or 0)
        path, key = f"/releases/{release}/distribute", f"aap-{item.key}-{tried_at}"
        try:
            self._api.done(Call("POST", path, headers=idempotent(key), submission=True))
        except ProviderRejected:
            memory.put(tried_at="")
            raise
        return Sent(str(release))

    # --- What became of it ---

    def standing(self, external_id: str, item: StoreRelease) -> Standing:
        release = self._api.one_or_none(f"/releases/{external_id}", Release)
        if release is None:
            return Standing(stage=Stage.GONE, reason="LabelGrid does not know it")
        stage, reason = self._stage(release)
        tracks = {t.track_num: t for t in self._api.every("/tracks", Track, release_id=release.id)}
        usages = [release.artwork_ai_usage]
        usages += [use for t in tracks.values() for use in _uses(t)]
        declared = [AI_USE[item.artwork_ai]]
        told = [release.artwork_ai_usage]
        for track in item.tracks:
            declared += [AI_USE[track.audio_ai], AI_USE[track.composition_ai]]
            told += _uses(tracks[track.position]) if track.position in tracks else ["", ""]
        if told != declared and stage in (Stage.PROCESSING, Stage.HIDDEN, Stage.LIVE):
            stage, reason = Stage.NEEDS_PERSON, "its AI declaration there is not ours: correct it"
        return Standing(
            stage=stage,
            url=release.shop,
            reason=reason,
            synthetic=any(use not in ("", "none") for use in usages),
        )

    def _stage(self, release: Release) -> tuple[Stage, str]:
        status = release.review_status
        if status == "rejected":
            return Stage.FAILED, f"its review there rejected it. {self._issues(release.id)}".strip()
        delivery = self._delivery(release.id)
        if delivery.state == "removed" and not delivery.live:
            return Stage.GONE, "it was removed from all shops"
        if delivery.live:
            partly = delivery.state in ("removing", "removed")
            return Stage.LIVE, "it is being removed, and is still live" if partly else ""
        if status in _FOR_PERSONS:
            return Stage.NEEDS_PERSON, f"{_FOR_PERSONS[status]}. {self._issues(release.id)}".strip()
        if delivery.state == "action_needed":
            return Stage.NEEDS_PERSON, "its delivery needs somebody: look at the release there"
        if status in _IN_REVIEW:
            return Stage.PROCESSING, _IN_REVIEW[status]
        if delivery.delivered:
            return Stage.HIDDEN, ""
        return Stage.PROCESSING, f"it is on its way to shops ({status}, {delivery.state or '-'})"

    def _delivery(self, release: int) -> Delivery:
        path = f"/releases/{release}/delivery-status"
        return self._api.one_or_none(path, Delivery) or Delivery()

    def _issues(self, release: int) -> str:
        """What its review found, in one line."""
        call = Call("GET", "/review-issues", params={"release_id": release})
        issues = self._api.listed(call, _Issues).data
        return "; ".join(f"{i.title}: {i.message}" for i in issues if i.status != "closed")

    def take_down(self, external_id: str, *, confirmed: bool = False) -> None:
        path = f"/releases/{external_id}"
        release = self._api.one_or_none(path, Release)
        if release is None:
            return
        if not release.submitted:
            self._api.call(Call("DELETE", path, safe=True, good=(200, 204, 404)))
            return
        if self._delivery(release.id).state in ("removing", "removed"):
            return
        if release.review_status in _IN_REVIEW or release.review_status in _FOR_PERSONS:
            raise NeedsPerson(
                NAME,
                f"release {external_id} is in review, where nothing can be taken down",
                code=release.review_status,
                action="withdraw its review there, then recall it again",
            )
        body: dict[str, Any] = {"message": "Recalled by the label."[:_MESSAGE_CHARACTERS]}
        if confirmed:
            body["confirm_contract_hold"] = True
        self._api.done(Call("POST", f"{path}/takedown-all", json=body))

    def witness(self, external_id: str, url: str) -> Sighting:
        address = f"/releases/{external_id}/delivery-status"
        reply = self._api.call(Call("GET", address, good=(200, 404)))
        body = foreign.fields(reply.data)
        delivery = Delivery.of(foreign.fields(body.get("data")) or body)
        deleted = reply.status == 404 and reply.data is not None
        gone = deleted or (delivery.state == "removed" and not delivery.live)
        there = False if gone else True if delivery.live else None
        words = "by LabelGrid's own word; shops may be days behind"
        if gone and url:
            with HttpClient(NAME, url, line=self._line) as stranger:
                return look(stranger, "", json=False)
        return Sighting(
            there=there,
            address=f"{self._options.url}{address}",
            status=reply.status,
            sha256=sha256(reply.body).hexdigest(),
            words=words
            if there is not None
            else f"nothing is proven: {delivery.state or 'no state'}",
        )

    def figures(self, external_ids: Sequence[str], *, since: date) -> list[Figure]:
        """Streams by day, and how many flags for artificial streaming are open."""
        today = datetime.fromtimestamp(self._line.clock(), UTC).date()
        start = max(since, today - _LONGEST_WINDOW)
        found: list[Figure] = []
        for release in external_ids:
            params = {
                "filter[start_date]": start.isoformat(),
                "filter[end_date]": today.isoformat(),
                "filter[release_id]": release,
                "metrics[]": "track-streams-daily",
            }
            summary = self._api.one(Call("GET", "/analytics/summary", params=params), _Summary)
            for told in summary.days:
                day = _day(told.date)
                if day is not None:
                    found.append(
                        Figure(external_id=release, metric="streams", value=told.streams, day=day)
                    )
            flags = self._flags(release)
            if flags is not None:
                metric = "artificial_streaming_flags"
                found.append(Figure(external_id=release, metric=metric, value=flags))
        return found

    def _flags(self, release: str) -> int | None:
        """How many flags are open. None without the add-on that tells them."""
        call = Call("GET", "/stream-radar/flags", params={"filter[release_id]": release})
        try:
            flags = self._api.listed(call, _Flags).data
        except NeedsPerson:
            return None
        return sum(flag.status not in ("closed", "resolved") for flag in flags)

    def poll_after_s(self, waited_s: float) -> float:
        """Reviews and shops take days."""
        return 300.0 if waited_s < 3_600 else 1_800.0


def _uses(track: Track) -> list[str]:
    return [track.audio_ai_usage, track.composition_ai_usage]


def _terms_open(me: Mapping[str, Any]) -> bool:
    return any("terms" in name and value is False for name, value in me.items())


def _room(me: Mapping[str, Any]) -> str:
    """What is told of the weekly limit, whatever its fields are called."""
    told = [
        f"{foreign.label(name).replace('_', ' ')}: {value}"
        for name, value in me.items()
        if "submission" in name and foreign.whole(value) is not None
    ]
    return ", ".join(told[:5])


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None
