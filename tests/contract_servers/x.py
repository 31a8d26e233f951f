"""X (API v2): counts and search of the last seven days, in the old or the new spelling of fields.

A query with "nothing" in it finds nothing, one with "partial" comes with errors beside the data. It
checks the token, the query's length and operators, the time span, and bills as the price page says
(`billed_usd`). The spelling is `style`: "tweet", "post", or "both".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.contract_servers.base import ContractServer, Fault, Reply, Request, route

TOKEN = "AAAAcontract-x-bearer-token-0123456789"
PROBLEMS = "https://api.x.com/2/problems"
PRICE = Decimal("0.005")
POSTS_A_DAY = 40
SEVEN_DAYS = timedelta(days=7)


def problem(status: int, kind: str, detail: str, **more: Any) -> Fault:
    """An error body as X sends it."""
    body = {"title": kind.title(), "detail": detail, "type": f"{PROBLEMS}/{kind}", "status": status}
    return Fault(status=status, body=body | more)


CREDITS_DEPLETED = Fault(
    status=402,
    body={
        "account_id": 1,
        "title": "CreditsDepleted",
        "detail": "Your enrolled account [1] does not have any credits to fulfill this request.",
        "type": "https://api.twitter.com/2/problems/credits",
    },
)
NOT_ENROLLED = problem(
    403, "client-forbidden", "The app is not enrolled.", reason="client-not-enrolled"
)
MONTHLY_CAP = problem(
    429,
    "usage-capped",
    "Usage cap exceeded: Monthly product cap",
    period="Monthly",
    scope="Product",
)


class XServer(ContractServer):
    name = "x"

    def reset_state(self) -> None:
        self.style = "both"
        self.billed_usd = Decimal(0)
        self.posts_a_day = POSTS_A_DAY

    def environment(self) -> dict[str, str]:
        return {
            "AI_ARTIST_TREND_SOURCES": "local-calendar,apple,deezer,lastfm,youtube,chartmetric,x",
            "X_BEARER_TOKEN": TOKEN,
            "X_BASE_URL": self.url,
            "X_SAMPLED_QUERIES": "1",
            "X_SAMPLE_POSTS": "20",
        }

    @route("GET", "/2/tweets/counts/recent")
    def counts(self, request: Request) -> Reply:
        if refused := self._refusal(request):
            return refused
        self.billed_usd += PRICE
        start, end = _span(request)
        name = "post_count" if self.style == "post" else "tweet_count"
        days: list[dict[str, Any]] = []
        while start < end and "nothing" not in request.query["query"]:
            days.append(
                {
                    "start": _stamp(start),
                    "end": _stamp(start + timedelta(days=1)),
                    name: self._posts_on(request.query["query"], start),
                }
            )
            start += timedelta(days=1)
        meta = {f"total_{name}": sum(day[name] for day in days)}
        return _limited({"data": days, "meta": meta} if days else {"meta": meta})

    @route("GET", "/2/tweets/search/recent")
    def search(self, request: Request) -> Reply:
        if refused := self._refusal(request):
            return refused
        wrong = {"tweet": "post", "post": "tweet"}.get(self.style)
        if f"{wrong}.fields" in request.query:
            message = f"The query parameter [{wrong}.fields] is not one of [{self.style}.fields]"
            return Reply({"errors": [{"message": message}], "title": "Invalid Request"}, 400)
        size = int(request.query.get("max_results", "10"))
        if not 10 <= size <= 100:
            return Reply({"title": "Invalid Request", "detail": "max_results: 10 to 100"}, 400)
        start, _ = _span(request)
        first = int(request.query.get("next_token", "t0")[1:])
        total = self._posts_on(request.query["query"], start)
        numbers = range(first, min(total, first + size))
        self.billed_usd += PRICE * len(numbers)
        answer: dict[str, Any] = {"meta": {"result_count": len(numbers)}}
        if numbers:
            answer["data"] = [self._post(number, start) for number in numbers]
        if numbers and numbers[-1] + 1 < total:
            answer["meta"]["next_token"] = f"t{numbers[-1] + 1}"
        if "partial" in request.query["query"]:
            answer["errors"] = [{"title": "Not Found Error", "detail": "a post is gone"}]
        return _limited(answer)

    @route("GET", "/2/usage/tweets")
    def usage(self, request: Request) -> Reply:
        return Reply({"data": {"project_usage": "120", "project_cap": "3000000"}})

    def _refusal(self, request: Request) -> Reply | None:
        if request.bearer != TOKEN:
            return problem(401, "unauthorized", "Unauthorized").reply()
        query = request.query.get("query", "")
        fault = ""
        if not 1 <= len(query) <= 512:
            fault = "query: 1 to 512 characters"
        elif re.search(r"min_faves:|min_retweets:", query):
            fault = "There were errors processing your request: reference to invalid operator"
        else:
            start, end = _span(request)
            now = datetime.now(tz=UTC)
            if start < now - SEVEN_DAYS or end > now - timedelta(seconds=10) or start >= end:
                fault = "'start_time' and 'end_time' must lie within the last seven days"
        if not fault:
            return None
        return problem(400, "invalid-request", fault, parameter="query", value=query).reply()

    def _posts_on(self, query: str, day: datetime) -> int:
        """The same for the same query and day; it grows with each day."""
        if "nothing" in query:
            return 0
        days = (day - datetime(2026, 1, 1, tzinfo=UTC)).days
        return self.posts_a_day + sum(map(ord, query)) % 17 + days % 7 * (len(query) % 5)

    def _post(self, number: int, day: datetime) -> dict[str, Any]:
        reposts = "repost_count" if self.style == "post" else "retweet_count"
        tags = ["HyperPop", "CityPop"] if number % 2 else ["hyperpop"]
        return {
            "id": str(1990000000000000000 + number),
            "text": "words that nobody keeps",
            "author_id": "42",
            "created_at": _stamp(day),
            "edit_history_post_ids": [],
            "possibly_sensitive": number % 10 == 9,
            "public_metrics": {reposts: 3, "reply_count": 1, "like_count": 4, "quote_count": 0},
            "entities": {"hashtags": [{"start": 0, "end": 1, "tag": tag} for tag in tags]},
        }


def _limited(body: Any) -> Reply:
    headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": "299"}
    return Reply(body, headers=headers)


def _span(request: Request) -> tuple[datetime, datetime]:
    query = request.query
    return datetime.fromisoformat(query["start_time"]), datetime.fromisoformat(query["end_time"])


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"
