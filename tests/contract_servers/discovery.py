"""Google's own description of its APIs, against which requests are checked.

The documents come with google-api-python-client, which is for development only. Without it (a demo
on a plain installation) nothing is checked; a test makes sure that it is there when it matters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tests.contract_servers.base import Request

_WORDS = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list}
# What Google sets itself; the schema has them too, because answers hold them.
_READ_ONLY = {
    "uploadStatus",
    "failureReason",
    "rejectionReason",
    "madeForKids",
    "publishedAt",
    "channelId",
    "channelTitle",
    "thumbnails",
    "localized",
    "liveBroadcastContent",
}


class Discovery:
    """One API. document: its discovery document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas = document["schemas"]
        self._common = document["parameters"]
        self._methods = [
            method
            for resource in document["resources"].values()
            for method in resource.get("methods", {}).values()
        ]

    def faults(self, request: Request, body: Any = None, *, scopes: set[str]) -> list[str]:
        """What of a request the API does not know: its path, parameters, parts, fields, rights.

        body: the resource in it; scopes: granted to the sender.
        """
        method = self._method(request)
        if method is None:
            return [f"there is no {request.line}"]
        found = self._parameters(method, request.query)
        if not scopes & set(method["scopes"]):
            found.append(f"{method['id']} needs one of {method['scopes']}")
        resource = method.get("request", {}).get("$ref")
        if body is not None and resource:
            found += self._fields(body, resource, str(resource))
            named = set(request.query.get("part", "").split(","))
            found += [f"{name} is no part of it" for name in set(body) - named - {"id", "kind"}]
        elif body is not None:
            found.append(f"{method['id']} takes no body")
        parts = request.query.get("part", "").split(",") if "part" in method["parameters"] else []
        known = self._schemas.get(resource or self._listed(method), {}).get("properties", {})
        return found + [f"part {part} is unknown" for part in parts if part and part not in known]

    def _method(self, request: Request) -> Mapping[str, Any] | None:
        path = request.path.strip("/")
        for method in self._methods:
            media = method.get("mediaUpload", {}).get("protocols", {})
            places = {method["path"], media.get("simple", {}).get("path", "").strip("/")}
            if method["httpMethod"] == request.method and path in places:
                return method
        return None

    def _listed(self, method: Mapping[str, Any]) -> str:
        """The kind of resource whose list a method returns."""
        answer = self._schemas.get(method.get("response", {}).get("$ref", ""), {})
        items = answer.get("properties", {}).get("items", {}).get("items", {})
        return str(items.get("$ref", ""))

    def _parameters(self, method: Mapping[str, Any], query: Mapping[str, str]) -> list[str]:
        own = method["parameters"]
        found = [f"no parameter {name}" for name in own if own[name].get("required", False)]
        found = [fault for fault in found if fault.rpartition(" ")[2] not in query]
        for name, value in query.items():
            kind = (own.get(name) or self._common.get(name, {})).get("type", "unknown")
            fits = {"boolean": value in ("true", "false"), "integer": value.isdigit()}
            if kind == "unknown" or not fits.get(kind, True):
                found.append(f"parameter {name}={value} is {kind}")
        return found

    def _fields(self, value: Any, schema: str, where: str) -> list[str]:
        found = []
        for name, inner in value.items():
            spec = self._schemas[schema]["properties"].get(name)
            if spec is None or (name in _READ_ONLY and schema.endswith(("Snippet", "Status"))):
                found.append(f"{where}.{name} cannot be set")
            elif "$ref" in spec:
                found += self._fields(inner, spec["$ref"], f"{where}.{name}")
            elif not isinstance(inner, _WORDS.get(spec["type"], object)):
                found.append(f"{where}.{name} is no {spec['type']}")
            elif "enum" in spec and inner not in spec["enum"]:
                found.append(f"{where}.{name} is none of {spec['enum']}")
        return found


@cache
def discovery(name: str) -> Discovery | None:
    """The API of this name and version ("youtube.v3"); None if its documents are not installed."""
    try:
        folder = files("googleapiclient") / "discovery_cache" / "documents"
    except ModuleNotFoundError:
        return None
    return Discovery(json.loads((folder / f"{name}.json").read_text("utf-8")))
