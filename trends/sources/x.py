"""X (API v2): how many posts a day are about a topic, and which hashtags go with it.

Every call costs money, so the source is off until it is named in the settings, counts before it
reads, and stays within monthly limits. Only sums are kept: no post, no author.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, BeforeValidator, Field, model_validator

from media_tools import foreign
from media_tools.errors import ProviderError, ProviderRejected, ProviderUnavailable
from media_tools.providers.health import ProviderHealth
from media_tools.providers.http import Call, HttpReply
from media_tools.providers.replies import (
    Amount,
    Figure,
    Finite,
    Label,
    LongLabel,
    Read,
    Reference,
    Reply,
    at,
    read_reply,
    rows,
)
from trends.sources.base import DAY, Price, Sighting, SpendingLimits, Visit, day_window
from trends.sources.transport import Remainder, Transport, needed_key, put_off

BASE_URL = "https://api.x.com"
QUERY_CHARACTERS = 512  # of self-serve plans
SMALLEST_PAGE, LARGEST_PAGE = 10, 100
LEAST_POSTS = 2  # of a hashtag in a sample
TAGS_READ = 50  # of a post
DAYS_BACK = 6  # whole days inside the seven that can be asked for
FIELDS = "created_at,entities,public_metrics,possibly_sensitive"
# Old names first. Since August 2026 the published contract has the new ones; which the service
# takes and gives is not announced, so either is read and the other parameter tried on refusal.
STYLES = ("tweet", "post")
# Names of the website's search that the API refuses.
WEB_OPERATORS = re.compile(r"\bmin_(faves|retweets):", re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class XQuery:
    """A topic and how to find it."""

    topic: str
    query: str
    genre: str = ""

    @classmethod
    def parse(cls, text: str) -> XQuery:
        """ "topic=query", or a topic alone, which is searched as a phrase."""
        topic, sign, query = (part.strip() for part in text.partition("="))
        return cls(topic, query if sign else f'"{topic}"')


# One for each of the composer's genres.
GENRE_QUERIES = tuple(
    XQuery(topic, f"{query} -is:retweet", genre)
    for topic, query, genre in (
        ("synthwave", "#synthwave", "synthwave"),
        ("lofi", "(#lofi OR #lofihiphop)", "lofi"),
        ("ambient", "(#ambientmusic OR #ambient)", "ambient"),
        ("house", "(#housemusic OR #deephouse)", "house"),
        ("techno", "#techno", "techno"),
        ("drum and bass", "(#drumandbass OR #dnb)", "drum_and_bass"),
        ("trap", "#trapmusic", "trap"),
        ("indie", "(#indiepop OR #indiemusic)", "indie_pop"),
        ("folk", "(#folkmusic OR #singersongwriter)", "folk"),
        ("film music", "(#filmscore OR #soundtrack)", "cinematic"),
        ("hyperpop", "#hyperpop", "hyperpop"),
        ("reggaeton", "(#reggaeton OR #dembow)", "reggaeton"),
        ("afrobeats", "(#afrobeats OR #afropop)", "afrobeats"),
        ("amapiano", "#amapiano", "amapiano"),
        ("r&b", "(#rnb OR #rnbmusic)", "rnb"),
        ("country", "(#countrymusic OR #americana)", "country"),
        ("metal", "(#metal OR #heavymetal)", "metal"),
        ("piano", "(#pianomusic OR #neoclassical)", "classical_piano"),
        ("phonk", "#phonk", "phonk"),
        ("chillhop", "(#chillhop OR #jazzhop)", "chillhop"),
    )
)


@dataclass(frozen=True)
class XPrices:
    """USD of a post returned and of a request for counts (vendor's page of 2026-08-22)."""

    post_usd: Decimal = Decimal("0.005")
    counts_usd: Decimal = Decimal("0.005")


@dataclass(frozen=True)
class Sampling:
    """For how many of the fastest growing queries posts are read, and how many of each."""

    queries: int = 0
    posts: int = LARGEST_PAGE


class _Day(Reply):
    start: Annotated[datetime | None, BeforeValidator(foreign.moment)] = None
    posts: Annotated[Finite | None, Field(ge=0.0)] = Field(
        default=None, validation_alias=AliasChoices("tweet_count", "post_count")
    )


class _Hashtag(Reply):
    tag: Label = ""


class _Post(Reply):
    sensitive: Annotated[bool, BeforeValidator(bool)] = at("possibly_sensitive", default=False)
    hashtags: Annotated[list[_Hashtag], rows(TAGS_READ)] = at("entities", "hashtags", default=[])
    likes: Amount = at("public_metrics", "like_count", default=0.0)
    replies: Amount = at("public_metrics", "reply_count", default=0.0)
    quotes: Amount = at("public_metrics", "quote_count", default=0.0)
    reposts: Amount = Field(
        default=0.0,
        validation_alias=AliasChoices(
            *(AliasPath("public_metrics", name) for name in ("retweet_count", "repost_count"))
        ),
    )

    @property
    def engagement(self) -> float:
        return self.likes + self.replies + self.quotes + self.reposts


class _Answer(Reply):
    """Data is missing if nothing matches. Errors beside data are ignored."""

    @model_validator(mode="before")
    @classmethod
    def _without_matches(cls, value: Any) -> Any:
        meta = foreign.fields(value).get("meta")
        return {"data": [], **value} if isinstance(meta, Mapping) else value


class _Counts(_Answer):
    data: Annotated[list[_Day], rows(DAYS_BACK + 1)]


class _Posts(_Answer):
    data: Annotated[list[_Post], rows(LARGEST_PAGE)]
    next_token: Reference = at("meta", "next_token")


_Reads = Annotated[Figure | None, Field(ge=0.0, le=1e15)]


class _Usage(Reply):
    used: _Reads = at("data", "project_usage", default=None)
    cap: _Reads = at("data", "project_cap", default=None)


class _Problem(Reply):
    type: Label = ""
    detail: LongLabel = ""
    # What the older shape of errors says; its title tells less.
    old_message: LongLabel = at("errors", 0, "message")
    period: Label = ""
    scope: Label = ""
    reason: LongLabel = ""


@dataclass
class _Tag:
    posts: int = 0
    engagement: float = 0.0
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """By the most common spelling, split where it shows words: "CityPop" is "city pop"."""
        spelling = max(sorted(self.spellings), key=lambda one: self.spellings[one])
        return " ".join(_CAMEL.sub(" ", spelling).lower().replace("_", " ").split())


@dataclass(frozen=True)
class _Counted:
    """A query's posts by day, oldest first."""

    query: XQuery
    days: list[tuple[datetime, float]] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """The newest day divided by the mean of the days before."""
        *before, (_, newest) = self.days
        return newest * max(1, len(before)) / (sum(count for _, count in before) + 1.0)


class XCounts:
    """Posts a day for each query, and hashtags sampled from the fastest growing queries.

    field_style: "tweet" or "post", the spelling tried first.
    """

    name = "x"
    window = DAY
    weight = 1.0
    keep: timedelta | None = None
    paid = True

    def __init__(
        self,
        *,
        bearer_token: str,
        limits: SpendingLimits,
        queries: Sequence[XQuery] = GENRE_QUERIES,
        sampling: Sampling | None = None,
        prices: XPrices | None = None,
        field_style: str = STYLES[0],
        base_url: str = BASE_URL,
        transport: Transport | None = None,
    ) -> None:
        self.limits = limits
        self._token = bearer_token
        self._queries = tuple(queries)
        self._sampling = sampling or Sampling()
        self._prices = prices or XPrices()
        self._style = field_style
        self._http = (transport or Transport()).client(
            self.name,
            base_url,
            headers={"Authorization": f"Bearer {bearer_token}"} if bearer_token else {},
            classify=self._error_in,
        )

    def sightings(self, visit: Visit) -> Iterable[Sighting]:
        needed_key(self.name, self._token, "X_BEARER_TOKEN")
        rest = Remainder()
        counted = []
        for query in self._queries:
            with rest:
                counts = self.counts(query, visit)
                for start, posts in counts.days:
                    yield Sighting(query.topic, posts, _window(start), genre=query.genre)
                if counts.days:
                    counted.append(counts)
        fastest = sorted(counted, key=lambda one: (-one.growth, one.query.topic))
        yield from self._hashtags(fastest[: self._sampling.queries], visit)
        rest.raise_first()

    def health(self, visit: Visit) -> ProviderHealth:
        needed_key(self.name, self._token, "X_BEARER_TOKEN")
        visit.call()
        usage = _Usage.of(self._http.json(Call("GET", "/2/usage/tweets", params={"days": 1})))
        if usage.used is None or usage.cap is None:
            return ProviderHealth(self.name)
        left = Decimal(int(usage.cap) - int(usage.used))
        return ProviderHealth(self.name, credits=left, unit="post reads in this cycle")

    def counts(self, query: XQuery, visit: Visit) -> _Counted:
        """Count the posts of each whole day (UTC) of the last week: one paid request."""
        _check(query)
        start, end = _whole_days(visit.now)
        params = {
            "query": query.query,
            "granularity": "day",
            "start_time": _stamp(start),
            "end_time": _stamp(end),
        }
        with visit.paid_call("counts", query.query, Price(self._prices.counts_usd)):
            answer = self._http.json(
                Call("GET", "/2/tweets/counts/recent", params=params, submission=True)
            )
        told = self._read(_Counts, answer).data
        # A day whose figure is odd does not lose the others.
        days = [
            (day.start, day.posts)
            for day in told
            if day.start is not None and day.posts is not None and start <= day.start < end
        ]
        if told and not days:
            raise ProviderUnavailable(
                self.name,
                "no day in its answer can be used",
                code="bad_answer",
                action="it is asked again at the next collection",
            )
        return _Counted(query, sorted(days))

    # --- Samples ---

    def _hashtags(self, counted: Sequence[_Counted], visit: Visit) -> Iterator[Sighting]:
        """Yield hashtags beside the queries, scaled from the sample to all posts of the day."""
        found: dict[str, Sighting] = {}
        own = {query.topic.lower() for query in self._queries}
        for one in counted:
            day, total = one.days[-1]
            posts = self.posts(one.query, day, visit)
            share = total / len(posts) if posts else 0.0
            for tag in _tags_in(posts):
                name = tag.name
                if name in own or f"#{name.replace(' ', '')}" in one.query.query.lower():
                    continue
                seen = Sighting(
                    name,
                    round(tag.posts * share, 2),
                    _window(day),
                    round(tag.engagement * share, 2),
                )
                # Samples overlap: the larger estimate counts.
                if name not in found or seen.volume > found[name].volume:
                    found[name] = seen
        yield from found.values()

    def posts(self, query: XQuery, day: datetime, visit: Visit) -> list[_Post]:
        """Return up to `sampling.posts` posts of a day, within the month's limit."""
        posts: list[_Post] = []
        token = ""
        while (size := self._page_size(len(posts), visit)) >= SMALLEST_PAGE:
            page = self._page(query, day, size, token, visit)
            posts += page.data[:size]
            token = page.next_token
            # Each page costs money: one without posts is the last, whatever it says.
            if not token or not page.data:
                break
        return posts

    def _page_size(self, read: int, visit: Visit) -> int:
        left = visit.reads_left()
        wanted = min(LARGEST_PAGE, self._sampling.posts - read)
        return wanted if left is None else min(wanted, left)

    def _page(self, query: XQuery, day: datetime, size: int, token: str, visit: Visit) -> _Posts:
        style = str(visit.memory.get("field_style", self._style))
        try:
            return self._search(query, day, size, token, style, visit)
        except ProviderRejected as error:
            if error.code != "fields":
                raise
        other = STYLES[1 - STYLES.index(style)]
        page = self._search(query, day, size, token, other, visit)
        visit.memory["field_style"] = other
        return page

    def _search(
        self, query: XQuery, day: datetime, size: int, token: str, style: str, visit: Visit
    ) -> _Posts:
        params = {
            "query": query.query,
            "max_results": size,
            "start_time": _stamp(day),
            "end_time": _stamp(day + DAY),
            f"{style}.fields": FIELDS,
        }
        if token:
            params["next_token"] = token
        at_most = Price(size * self._prices.post_usd, reads=size)
        with visit.paid_call("search", f"{query.query} {day:%Y-%m-%d} {token}", at_most) as charge:
            page = self._http.json(
                Call("GET", "/2/tweets/search/recent", params=params, submission=True)
            )
            returned = len(foreign.items(foreign.fields(page).get("data"), size))
            charge.price = Price(returned * self._prices.post_usd, reads=returned)
        return self._read(_Posts, page)

    def _read(self, model: type[Read], answer: Any) -> Read:
        """Read an answer after it was booked: an odd answer costs money too."""
        return read_reply(model, answer, provider=self.name)

    # --- Errors ---

    def _error_in(self, reply: HttpReply) -> ProviderError | None:
        if reply.status < 400:
            return None
        problem = _Problem.of(reply.data)
        code = f"HTTP {reply.status}"
        detail = self._http.words(problem.detail) or self._http.words(problem.old_message)
        words = detail or self._http.said(reply)
        if reply.status == 402 or problem.type.endswith("/credits"):
            action = "buy credits in the developer console; it is no rate limit"
        elif problem.type.endswith("/usage-capped"):
            period = f"{problem.period} {problem.scope}".strip().lower()
            words = f"its usage cap is reached ({period or 'no period named'}): {words}"
            action = "raise the cap in the developer console, or wait for the next period"
        elif reply.status == 429 or reply.status >= 500:
            return put_off(self.name, reply, reset_header="x-rate-limit-reset")
        elif reply.status == 400:
            if _names_fields(reply):
                return ProviderRejected(self.name, words, code="fields", action="see X_FIELD_STYLE")
            action = "correct the query in X_QUERIES"
        elif reply.status == 401:
            action = "check X_BEARER_TOKEN"
        elif reply.status == 403:
            reason = self._http.words(problem.reason)
            words = f"{words} ({reason})" if reason else words
            action = "enrol the app in the developer console"
        else:
            action = "check X_BASE_URL"
        return ProviderRejected(self.name, words, code=code, action=action)


def _check(query: XQuery) -> None:
    fault = ""
    if not query.query or len(query.query) > QUERY_CHARACTERS:
        fault = f"its query must have 1 to {QUERY_CHARACTERS} characters"
    elif operator := WEB_OPERATORS.search(query.query):
        fault = f"{operator[0]} is the website's; the API's are min_likes: and min_reposts:"
    if fault:
        raise ProviderRejected(
            XCounts.name,
            f"topic {query.topic!r}: {fault}",
            code="HTTP 400",
            action="correct X_QUERIES",
        )


def _tags_in(posts: Iterable[_Post]) -> list[_Tag]:
    """Collect hashtags of at least LEAST_POSTS harmless posts, each counted once a post."""
    tags: dict[str, _Tag] = {}
    for post in posts:
        if post.sensitive:
            continue
        spellings = {hashtag.tag.lower(): hashtag.tag for hashtag in post.hashtags}
        for key, spelling in spellings.items():
            tag = tags.setdefault(key, _Tag())
            tag.posts += 1
            tag.engagement += post.engagement
            tag.spellings[spelling] += 1
    return [tag for tag in tags.values() if tag.posts >= LEAST_POSTS and tag.name]


def _names_fields(reply: HttpReply) -> bool:
    """Whether a refusal is about the spelling of the fields parameter."""
    return any(f"{style}.fields" in reply.text for style in STYLES)


def _whole_days(now: datetime) -> tuple[datetime, datetime]:
    """Return start and end (UTC) of the days to ask for; the end must be some seconds ago.

    Around midnight that is one day less: in the first minute the last day is not yet over for X,
    and in the last five a request that comes late would ask beyond its seven days.
    """
    end = (now.astimezone(UTC) - timedelta(minutes=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    start = end - DAYS_BACK * DAY
    return start if start >= now - timedelta(days=7) + timedelta(minutes=5) else start + DAY, end


def _window(start: datetime) -> datetime:
    return day_window(start.astimezone(UTC).date())


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
