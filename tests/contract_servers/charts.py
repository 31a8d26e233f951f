"""The chart sources: Apple Music RSS, Deezer, Last.fm, YouTube and Chartmetric, with their traps.

All serve the same songs. The country "zz" is unknown everywhere. Chartmetric's newest chart is
`lag_days` old, and every token call gives a new refresh token and makes the old one useless.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.contract_servers.base import ContractServer, Fault, Reply, Request, route

LASTFM_KEY = "0123456789abcdef0123456789abcdef"
YOUTUBE_KEY = "AIzaContractKey0123456789abcdefghijklmn"
REFRESH_TOKEN = "contract-refresh-token-0123456789"

# (title, artist, genre); "midnight" and "river" are in the titles of several artists.
SONGS = (
    ("Midnight Letters", "Nova Kline", "Pop"),
    ("Midnight Train (feat. Otto Vale)", "The Lanterns", "Alternative"),
    ("River of Glass", "Nova Kline", "Pop"),
    ("River Song - Remastered", "Halden", "Singer/Songwriter"),
    ("Lanterns at Dawn", "Mira Sol", "Electronic"),
    ("Otto", "Otto Vale", "Hip-Hop/Rap"),
    ("Midnight", "Mira Sol", "Electronic"),
    ("Corridos", "Los Faros", "Música Mexicana"),
)


class AppleServer(ContractServer):
    """Rows carry the genre "Music" beside their own."""

    name = "apple"

    def reset_state(self) -> None:
        self.updated = datetime.now(tz=UTC)

    def environment(self) -> dict[str, str]:
        return {"APPLE_CHARTS_BASE_URL": self.url}

    @route("GET", "/api/v2/{country}/music/most-played/{limit}/songs.json")
    def songs(self, request: Request) -> Reply:
        country, limit = request.parts["country"], int(request.parts["limit"])
        if country == "zz" or limit not in (10, 25, 50, 100):
            return Reply("<html><h1>404 Not Found</h1></html>", 404, content_type="text/html")
        rows = [
            {
                "artistName": artist,
                "id": str(1000 + number),
                "name": title,
                "kind": "songs",
                "contentAdvisoryRating": "Explict",
                "genres": [{"genreId": "15", "name": genre}, {"genreId": "34", "name": "Music"}],
                "url": f"https://music.apple.com/{country}/album/{number}",
            }
            for number, (title, artist, genre) in enumerate(SONGS)
        ]
        feed = {"title": "Top Songs", "country": country, "updated": format_datetime(self.updated)}
        return Reply({"feed": feed | {"results": rows}})


class DeezerServer(ContractServer):
    """Errors come with HTTP 200 (`quota_fault`); "rank" is popularity; a page holds 50 rows."""

    name = "deezer"
    GENRES = ((0, "All"), (132, "Pop"), (116, "Rap/Hip Hop"), (106, "Electro"), (95, "Kids"))
    TRACKS = 120

    def environment(self) -> dict[str, str]:
        return {"DEEZER_BASE_URL": self.url}

    @staticmethod
    def error(code: int, message: str) -> Fault:
        return Fault(body={"error": {"type": "Exception", "message": message, "code": code}})

    @route("GET", "/genre")
    def genres(self, request: Request) -> Reply:
        return Reply(
            {"data": [{"id": i, "name": name, "type": "genre"} for i, name in self.GENRES]}
        )

    @route("GET", "/chart/{genre}/tracks")
    def tracks(self, request: Request) -> Reply:
        genre = int(request.parts["genre"])
        if genre not in dict(self.GENRES):
            body = {"error": {"type": "DataException", "message": "no data", "code": 800}}
            return Reply(body)
        start, limit = int(request.query["index"]), int(request.query["limit"])
        rows = [self._track(number, genre) for number in range(start, start + min(limit, 50))]
        answer = {"data": rows, "total": self.TRACKS}
        if start + len(rows) < self.TRACKS:
            answer["next"] = f"{self.url}/chart/{genre}/tracks?index={start + len(rows)}"
        return Reply(answer)

    def _track(self, number: int, genre: int) -> dict[str, Any]:
        title, artist, _ = SONGS[number % len(SONGS)]
        return {
            "id": number,
            "title": title,
            "title_short": title,
            "rank": 900_000 - genre * 1000 - number,
            "position": number + 1,
            "artist": {"id": 1, "name": artist},
            "link": f"https://www.deezer.com/track/{number}",
            "type": "track",
        }


class LastfmServer(ContractServer):
    """Numbers are text; errors come with HTTP 200."""

    name = "lastfm"

    def environment(self) -> dict[str, str]:
        return {"LASTFM_API_KEY": LASTFM_KEY, "LASTFM_BASE_URL": f"{self.url}/2.0/"}

    @staticmethod
    def error(code: int, message: str) -> Fault:
        return Fault(body={"error": code, "message": message})

    @route("GET", "/2.0/")
    @route("GET", "/2.0")
    def call(self, request: Request) -> Reply:
        query = request.query
        if query.get("api_key") != LASTFM_KEY:
            message = f"Invalid API key {query.get('api_key')} - You must be granted a valid key"
            return self.error(10, message).reply()
        if query.get("format") != "json":
            return Reply('<?xml version="1.0"?><lfm status="ok"/>', content_type="text/xml")
        if query["method"].lower() == "chart.gettoptags":
            names = ("rock", "electronic", "seen live", "hip-hop", "hip hop", "synthpop")
            tags = [
                {"name": name, "reach": "1000", "taggings": str(4000 - 500 * place), "wiki": {}}
                for place, name in enumerate(names)
            ]
            return Reply({"tags": {"tag": tags, "@attr": {"page": "1", "total": "2806844"}}})
        if query["method"].lower() == "chart.gettoptracks":
            tracks = [
                {
                    "name": title,
                    "duration": "0",
                    "listeners": "1500",
                    "playcount": "9000",
                    "mbid": "",
                    "url": f"https://www.last.fm/music/{number}",
                    "artist": {"name": artist},
                }
                for number, (title, artist, _) in enumerate(SONGS)
            ]
            return Reply({"tracks": {"track": tracks}})
        return self.error(3, "Invalid Method").reply()


class YoutubeServer(ContractServer):
    """Statistics are text and partly missing; the key is part of the address."""

    name = "youtube"

    def environment(self) -> dict[str, str]:
        return {"YOUTUBE_API_KEY": YOUTUBE_KEY, "YOUTUBE_BASE_URL": f"{self.url}/youtube/v3"}

    @staticmethod
    def error(status: int, reason: str, message: str) -> Fault:
        details = [{"message": message, "domain": "youtube", "reason": reason}]
        body = {"error": {"code": status, "message": message, "errors": details}}
        return Fault(status=status, body=body)

    @route("GET", "/youtube/v3/videos")
    def videos(self, request: Request) -> Reply:
        query = request.query
        if query.get("key") != YOUTUBE_KEY:
            message = f"API key not valid: {query.get('key')}. Please pass a valid API key."
            return self.error(400, "badRequest", message).reply()
        if query.get("regionCode") == "ZZ" or query.get("videoCategoryId") != "10":
            return self.error(404, "videoChartNotFound", "The chart is not supported.").reply()
        items = []
        for number, (title, artist, _) in enumerate(SONGS):
            statistics = {"viewCount": str(1_000_000 - 1000 * number), "favoriteCount": "0"}
            if number:
                statistics |= {"likeCount": "5000", "commentCount": "100"}
            items.append(
                {
                    "kind": "youtube#video",
                    "id": f"video{number}",
                    "snippet": {
                        "title": f"{artist} - {title} (Official Video)",
                        "channelTitle": f"{artist} - Topic",
                    },
                    "statistics": statistics,
                }
            )
        return Reply({"kind": "youtube#videoListResponse", "items": items})


class ChartmetricServer(ContractServer):
    """Tokens expire (`expire`), refresh tokens are used once, charts lag, shapes differ."""

    name = "chartmetric"

    def reset_state(self) -> None:
        self.refresh_tokens = {REFRESH_TOKEN}
        self.tokens: set[str] = set()
        self.minted = 0
        self.lag_days = 2
        self.rotates = True

    def environment(self) -> dict[str, str]:
        return {"CHARTMETRIC_REFRESH_TOKEN": REFRESH_TOKEN, "CHARTMETRIC_BASE_URL": self.url}

    def expire(self) -> None:
        """Every token so far is refused from now on."""
        self.tokens.clear()

    @route("POST", "/api/token")
    def token(self, request: Request) -> Reply:
        given = request.json.get("refreshtoken")
        if given not in self.refresh_tokens:
            return Reply({"error": "invalid refresh token"}, 401)
        self.minted += 1
        token, following = f"eyJcontract.token.{self.minted:08d}", given
        if self.rotates:
            following = f"{REFRESH_TOKEN}-{self.minted}"
            # The one the operator was given stays good here, those in between are used up.
            self.refresh_tokens = {REFRESH_TOKEN, following}
        self.tokens.add(token)
        return Reply({"token": token, "expires_in": 3600, "refresh_token": following})

    @route("GET", "/api/charts/spotify")
    @route("GET", "/api/charts/shazam")
    @route("GET", "/api/charts/tiktok/tracks")
    @route("GET", "/api/charts/applemusic/tracks")
    @route("GET", "/api/charts/soundcloud")
    def chart(self, request: Request) -> Reply:
        if request.bearer not in self.tokens:
            return Reply({"error": "Unauthorized"}, 401)
        if "limit" in request.query:
            return Reply({"error": '"limit" is not allowed'}, 400)
        if request.query.get("country_code") == "ZZ":
            return Reply({"obj": {"length": 0, "data": []}})
        newest = datetime.now(tz=UTC).date() - timedelta(days=self.lag_days)
        fresh = date.fromisoformat(request.query["date"]) > newest
        rows = [] if fresh else [self._row(number) for number in range(len(SONGS))]
        wrapped = rows if "shazam" in request.path else {"length": len(rows), "data": rows}
        reset = {"X-RateLimit-Limit": "1", "X-RateLimit-Remaining": "0"}
        return Reply({"obj": wrapped}, headers=reset)

    def _row(self, number: int) -> dict[str, Any]:
        title, artist, _ = SONGS[number]
        return {
            "rank": number + 1,
            "pre_rank": number + 2,
            "velocity": 0.4,
            "cm_track": 28145374 + number,
            "name": title,
            "artist_names": [artist],
            "isrc": f"USSM1191{number:04d}",
            "current_plays": 1200000,
        }
