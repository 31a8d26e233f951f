"""Pexels and Pixabay video search, with every trap of their contracts and real little clips.

A query with "nothing" in it finds nothing. Clips are upright unless the query
holds "wide". Files are served here too, so the base URL's origin covers them.
"""

from __future__ import annotations

from typing import Any

from tests.contract_servers import media
from tests.contract_servers.base import ContractServer, Reply, Request, route

PEXELS_KEY = "pexels-contract-key-0123456789"
PIXABAY_KEY = "12345678-pixabay-contract-key"
CLIPS = 5
# The smaller one is for tests, the larger one fills a phone's screen.
SIZES = ((270, 480), (1080, 1920))
SECONDS = 4


def clip_bytes(name: str) -> bytes:
    """The file called "{number}-{width}x{height}.mp4"; every number has a length of its own."""
    number, _, size = name.removesuffix(".mp4").partition("-")
    width, height = (int(side) for side in size.split("x"))
    return media.video(width=width, height=height, duration_s=SECONDS + int(number) % 10 / 10)


class _StockServer(ContractServer):
    def reset_state(self) -> None:
        self.left = 20_000

    @route("GET", "/files/{name}")
    def file(self, request: Request) -> Reply:
        return Reply(clip_bytes(request.parts["name"]), content_type="video/mp4")

    def shapes(self, words: str) -> list[tuple[int, int]]:
        return [(h, w) if "wide" in words else (w, h) for w, h in SIZES]

    def numbers(self, words: str) -> list[int]:
        """Ids of the clips for a query: the same words find the same."""
        if "nothing" in words:
            return []
        start = 100 + sum(map(ord, words)) % 80 * 10
        return list(range(start, start + CLIPS))

    def link(self, number: int, width: int, height: int) -> str:
        return f"{self.url}/files/{number}-{width}x{height}.mp4"


class PexelsServer(_StockServer):
    """`{url}/v1/videos` is the base URL, `{url}/videos` the older form.

    A second page exists for queries with "many".
    """

    name = "pexels"

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1/videos"

    def environment(self) -> dict[str, str]:
        return {"PEXELS_API_KEY": PEXELS_KEY, "PEXELS_BASE_URL": self.base_url}

    @route("GET", "/v1/videos/search")
    @route("GET", "/videos/search")
    def search(self, request: Request) -> Reply:
        if request.header("Authorization") != PEXELS_KEY:
            return Reply({"error": "Unauthorized"}, 401)
        query = request.query
        if not query.get("query"):
            return Reply({"error": "query is missing"}, 400)
        if not 1 <= int(query.get("per_page", "15")) <= 80:
            return Reply({"error": "per_page is out of range"}, 400)
        assert query.get("orientation", "portrait") in ("landscape", "portrait", "square")
        assert query.get("size", "small") in ("large", "medium", "small")
        self.left -= 1
        headers = {
            "X-Ratelimit-Limit": "20000",
            "X-Ratelimit-Remaining": str(self.left),
            "X-Ratelimit-Reset": "1796083200",
        }
        words, page = query["query"], int(query.get("page", "1"))
        numbers = [number + 1000 * page for number in self.numbers(words)]
        body: dict[str, Any] = {
            "page": page,
            "per_page": 80,
            "total_results": 2 * len(numbers),
            "url": "https://www.pexels.com/videos/",
            "videos": [self._video(number, words) for number in numbers] if page < 3 else [],
        }
        if page == 1 and numbers and "many" in words:
            body["next_page"] = f"{self.url}/v1/videos/search/?page=2&query={words}"
        return Reply(body, headers=headers)

    def _video(self, number: int, words: str) -> dict[str, Any]:
        shapes = self.shapes(words)
        files: list[dict[str, Any]] = [
            {
                "id": 1,
                "quality": "hls",
                "file_type": "video/mp4",
                "width": None,
                "height": None,
                "fps": None,
                "link": f"{self.url}/files/{number}.m3u8",
            }
        ]
        files += [
            {
                "id": 2 + place,
                "quality": (None, "uhd")[place],
                "file_type": "video/mp4",
                "width": width,
                "height": height,
                "fps": (None, 15.0)[place],
                "link": self.link(number, width, height),
            }
            for place, (width, height) in enumerate(shapes)
        ]
        return {
            "id": number,
            "width": shapes[-1][0],
            "height": shapes[-1][1],
            "duration": SECONDS,
            "url": f"https://www.pexels.com/video/some-slug-{number}/",
            "image": "https://images.pexels.com/cover.jpg",
            "full_res": None,
            "tags": [],
            "user": {"id": 7, "name": "Jane Doe", "url": "https://www.pexels.com/@jane"},
            "video_files": files,
            "video_pictures": [],
        }


class PixabayServer(_StockServer):
    """`{url}/api` is the base URL. A second page exists for queries with "many"."""

    name = "pixabay"

    @property
    def base_url(self) -> str:
        return f"{self.url}/api"

    def environment(self) -> dict[str, str]:
        return {"PIXABAY_API_KEY": PIXABAY_KEY, "PIXABAY_BASE_URL": self.base_url}

    @route("GET", "/api/videos/")
    def search(self, request: Request) -> Reply:
        query = request.query
        if query.get("key") != PIXABAY_KEY:
            return self._refused(f"[ERROR 400] Invalid or missing API key ({query.get('key')})")
        if not 3 <= int(query.get("per_page", "20")) <= 200:
            return self._refused('[ERROR 400] "per_page" is out of valid range.')
        if len(query.get("q", "")) > 100:
            return self._refused('[ERROR 400] "q" is too long.')
        assert "orientation" not in query, "the video search has no such parameter"
        headers = {
            "X-RateLimit-Limit": "100",
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": "42",
        }
        page = int(query.get("page", "1"))
        numbers = self.numbers(query.get("q", ""))
        pages = 2 if "many" in query.get("q", "") else 1
        hits = [self._hit(number + 1000 * page, query["q"]) for number in numbers]
        total = 201 if pages == 2 else len(numbers)
        body = {"total": 4200, "totalHits": total, "hits": hits if page <= pages else []}
        return Reply(body, headers=headers)

    @staticmethod
    def _refused(text: str) -> Reply:
        return Reply(text, 400, content_type="text/plain")

    def _hit(self, number: int, words: str) -> dict[str, Any]:
        missing = {"url": "", "width": 0, "height": 0, "size": 0, "thumbnail": ""}
        small, full = (
            {
                "url": self.link(number, width, height),
                "width": width,
                "height": height,
                "size": 400_000,
                "thumbnail": "",
            }
            for width, height in self.shapes(words)
        )
        return {
            "id": number,
            "pageURL": f"https://pixabay.com/videos/id-{number}/",
            "type": "film",
            "tags": "rain, city, night",
            "duration": SECONDS,
            "videos": {"large": missing, "medium": full, "small": small, "tiny": small},
            "views": 1,
            "user_id": 1281706,
            "user": "SomeUser",
            "userImageURL": "",
        }
