"""A language model behind the OpenAI-compatible contract, with every trap of it by model name.

Any other model name answers well. It checks what it is sent: the key, the shape of a strict
schema, the word JSON. The texts are the offline writer's, so that whole runs can be made with it.

name         what it does
no-schema    400 on json_schema, well on json_object
no-format    400 on any response_format
endpoints    OpenRouter's 404 when no endpoint has the required parameters
reasoning    400 on max_tokens, temperature and seed, as reasoning models
truncated    cut off at the limit once; truncated-always: each time
refusal      message.refusal; filtered: finish_reason content_filter
fenced       JSON in a code fence; chatty: words around it; thinking: reasoning_content
no-usage     no usage; empty-once, invalid-once, unfit-once: bad once, then well
invalid      never JSON
error-in-200, choice-error: HTTP 200 with an error inside (once)
costed       OpenRouter's usage.cost; cached: cached tokens in usage
script-title a title in letters that no font has; script-title-once: once
             further names: llm_dresses.py
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from media_tools.records import to_json
from media_tools.text.base import (
    Concept,
    ConceptBrief,
    Lyrics,
    LyricsBrief,
    LyricsSection,
    Persona,
    PersonaBrief,
    ReflectionBrief,
)
from media_tools.text.offline import OfflineWriter
from tests.contract_servers.base import ContractServer, Reply, Request, route
from tests.contract_servers.llm_dresses import DRESSES

_OWN = object()
GOOD_KEY = "sk-contract-0123456789abcdef"
SPENT_KEY = "sk-contract-no-money-left-0000"


def refusal(status: int, message: str, **details: Any) -> Reply:
    """An error body as OpenAI sends it."""
    kind = {"type": "invalid_request_error", "param": None, "code": None}
    return Reply({"error": {"message": message, **kind, **details}}, status)


def _messages_of(body: dict[str, Any]) -> str:
    return "\n".join(message["content"] for message in body["messages"])


def written(body: dict[str, Any]) -> str:
    """What the offline writer makes of a request, in the schema asked for."""
    return _written(next(m["content"] for m in body["messages"] if m["role"] == "user"))


@cache
def _written(user: str) -> str:
    data = json.loads(user.split("<data>\n")[1].split("\n</data>")[0])
    schema = json.loads(user.split("JSON schema:\n")[1])
    write = next(write for name, write in _WRITERS.items() if name in schema["properties"])
    return json.dumps(write(data))


def _persona_in(data: dict[str, Any]) -> Persona:
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in data["persona"].items()}
    return Persona(**fields)


def _persona(data: dict[str, Any]) -> dict[str, Any]:
    brief = PersonaBrief(data["genre"], frozenset(data["names_taken"]), data["variation"])
    made = vars(OfflineWriter().persona(brief))
    made = {k: list(v) if isinstance(v, tuple) else v for k, v in made.items() if k != "genre"}
    keys = [*made["keys"], "A minor", "C major"]
    return made | {"themes": made["themes"][:5], "keys": list(dict.fromkeys(keys))[:4]}


def _concept(data: dict[str, Any]) -> dict[str, Any]:
    lessons = tuple(data["lessons"].values())
    made = OfflineWriter().concept(
        ConceptBrief(
            persona=_persona_in(data),
            lessons=lessons,
            trend=data["trend"],
            recent_titles=tuple(data["recent_titles"]),
            music_prompt_prefix="",
            duration_s=tuple(data["length_s"]),
            seed=data["variation"],
        )
    )
    plan = made.as_json()
    del plan["trend"]
    return plan | {
        "keywords": (plan["keywords"] + ["window", "street", "rain", "lamp"])[:8],
        "music_style": plan.pop("music_prompt")[:600],
        "lessons_applied": [lessons.index(text) + 1 for text in made.lessons_applied],
        "follows_trend": made.trend is not None,
    }


def _lyrics(data: dict[str, Any]) -> dict[str, Any]:
    brief = LyricsBrief(
        Concept.from_json(data["concept"]),
        _persona_in(data),
        tuple(data["lessons"]),
        data["variation"],
    )
    return to_json(OfflineWriter().lyrics(brief))


def _reflection(data: dict[str, Any]) -> dict[str, Any]:
    sections = re.findall(r"\[(\w+)[^\]]*\]\n(.*?)(?:\n\n|\n?\Z)", data["lyrics"], re.S)
    notes = OfflineWriter().reflection(
        ReflectionBrief(
            concept=Concept.from_json(data["concept"]),
            persona=_persona_in(data),
            lyrics=Lyrics(
                tuple(LyricsSection(kind.lower(), tuple(t.split("\n"))) for kind, t in sections)
            ),
            facts=data["facts"],
            findings=tuple(data["findings"]),
            recent_decisions=tuple(
                (d["decision"], d["reasons"], d["comment"]) for d in data["recent_decisions"]
            ),
            lessons=tuple(data["lessons"]),
            seed=0,
        )
    )
    return {
        "text": notes.text,
        "alignment": notes.alignment,
        "strengths": list(notes.strengths)[:5],
        "problems": list(notes.problems)[:5],
        "proposed_changes": [
            {
                "field": change.field,
                "text": change.new if isinstance(change.new, str) else None,
                "items": change.new if isinstance(change.new, list) else None,
                "number": change.new if isinstance(change.new, int) else None,
                "why": change.why,
            }
            for change in notes.proposed_changes[:3]
        ],
        "lessons": list(notes.lessons)[:3],
    }


# By a field that only this text has.
_WRITERS = {
    "backstory": _persona,
    "music_style": _concept,
    "sections": _lyrics,
    "alignment": _reflection,
}


def _strict_fault(schema: dict[str, Any]) -> str:
    """Why a strict mode would refuse a schema, or ""."""
    unknown = set(schema) - {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "description",
    }
    if unknown:
        return f"keyword {sorted(unknown)[0]} is not permitted"
    if "properties" in schema:
        if schema.get("additionalProperties") is not False:
            return "additionalProperties must be false"
        if set(schema.get("required", ())) != set(schema["properties"]):
            return "every property must be required"
    inner = [
        *schema.get("properties", {}).values(),
        *([schema["items"]] if "items" in schema else []),
    ]
    return next(filter(None, map(_strict_fault, inner)), "")


class LlmServer(ContractServer):
    """`{url}/v1` is the base URL for every provider profile."""

    name = "llm"

    def reset_state(self) -> None:
        self.met: set[str] = set()
        # Told in every answer instead of its own, if anything is set.
        self.usage_told: Any = _OWN
        self.labels_told: dict[str, Any] = {}

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def environment(self) -> dict[str, str]:
        return {
            "AI_ARTIST_WRITER": "llm",
            "REFLECTION_LLM_PRIMARY": "openai:gpt-6-luna",
            "OPENAI_API_KEY": GOOD_KEY,
            "OPENAI_BASE_URL": self.base_url,
        }

    def first_time(self, model: str) -> bool:
        """Whether a "once" model is met for the first time."""
        new = model not in self.met
        self.met.add(model)
        return new

    @route("GET", "/v1/models")
    def list_models(self, request: Request) -> Reply:
        if request.bearer != GOOD_KEY:
            return refusal(401, f"Incorrect API key provided: {request.bearer}.")
        models = [{"id": name, "object": "model"} for name in ("gpt-6-luna", "good", "vendor/good")]
        return Reply({"object": "list", "data": models})

    @route("GET", "/v1/key")
    def read_key(self, request: Request) -> Reply:
        return Reply({"data": {"label": "test", "limit": 10, "limit_remaining": 7.25}})

    @route("POST", "/v1/chat/completions")
    def complete(self, request: Request) -> Reply:
        body = request.json
        if request.bearer == SPENT_KEY:
            return refusal(429, "You exceeded your current quota.", code="insufficient_quota")
        if request.bearer != GOOD_KEY:
            return refusal(
                401, f"Incorrect API key provided: {request.bearer}.", code="invalid_api_key"
            )
        return self.objection(body) or self.answer(body)

    def objection(self, body: dict[str, Any]) -> Reply | None:
        """A 4xx for a request the model does not take."""
        model = body["model"]
        asked = body.get("response_format", {}).get("type")
        if asked == "json_object" and "JSON" not in _messages_of(body):
            return refusal(400, "'messages' must contain the word 'json'", param="messages")
        if asked == "json_schema":
            wrapped = body["response_format"]["json_schema"]
            if not wrapped.get("name") or (fault := _strict_fault(wrapped["schema"])):
                return refusal(400, f"Invalid schema: {fault}", param="response_format")
        if (model == "no-schema" and asked == "json_schema") or (model == "no-format" and asked):
            return refusal(
                400,
                f"'response_format' of type '{asked}' is not supported with this model.",
                param="response_format",
            )
        if model == "endpoints" and "provider" in body:
            return Reply(
                {
                    "error": {
                        "code": 404,
                        "message": "No endpoints found that can handle the requested parameters.",
                    }
                },
                404,
            )
        if model == "reasoning":
            for name in ("max_tokens", "temperature", "seed"):
                if name in body:
                    return refusal(
                        400,
                        f"Unsupported parameter: '{name}' is not supported with this model.",
                        param=name,
                        code="unsupported_parameter",
                    )
        return None

    def answer(self, body: dict[str, Any]) -> Reply:
        model = body["model"]
        once = model.removesuffix("-once")
        troubled = not model.endswith("-once") or self.first_time(model)
        if model in ("error-in-200", "choice-error") and self.first_time(model):
            wrong = {"error": {"code": 502, "message": "Upstream failed."}}
            choice = {"index": 0, "finish_reason": "error", "message": {}, **wrong}
            return Reply(wrong if model == "error-in-200" else {"choices": [choice]})
        message: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
        finish = "stop"
        cut = model == "truncated-always" or (model == "truncated" and self.first_time(model))
        if model == "refusal":
            message |= {"content": None, "refusal": "I can't help with that."}
        elif model == "filtered":
            message["content"], finish = None, "content_filter"
        elif model == "invalid" or (once == "invalid" and troubled):
            message["content"] = "Sure! Here is your song: {"
        elif once == "unfit" and troubled:
            message["content"] = '{"name": "Nova"}'
        elif not (once == "empty" and troubled):
            message["content"] = written(body)
        if cut:
            message["content"], finish = message["content"][:40], "length"
        if model == "fenced":
            message["content"] = f"```json\n{message['content']}\n```"
        if dress := DRESSES.get(model):
            message["content"] = dress(json.loads(message["content"]))
        if once == "script-title" and troubled:
            answered = json.loads(message["content"])
            renamed = {"title": "𝓝𝓮𝓸𝓷", "name": "𝓥𝓮𝓻𝓪 𝓛𝓾𝓷𝓮"}
            answered |= {name: renamed[name] for name in renamed.keys() & answered.keys()}
            message["content"] = json.dumps(answered)
        if model == "chatty":
            message["content"] = f"Here it is:\n{message['content']}\nEnjoy!"
        if model == "thinking":
            message["reasoning_content"] = "The user wants {JSON}. I think ..."
        answered = {
            "id": "c-1",
            "object": "chat.completion",
            "created": 1763790000,
            "model": model,
            "choices": [{"index": 0, "finish_reason": finish, "message": message}],
            **self.usage(model),
            **self.labels_told,
        }
        return Reply(
            answered, headers={} if "id" in self.labels_told else {"x-request-id": "req-1"}
        )

    def usage(self, model: str) -> dict[str, Any]:
        if self.usage_told is not _OWN:
            return {"usage": self.usage_told}
        if model == "no-usage":
            return {}
        usage: dict[str, Any] = {
            "prompt_tokens": 1000,
            "completion_tokens": 500,
            "total_tokens": 1500,
        }
        if model == "cached":
            usage["prompt_tokens_details"] = {"cached_tokens": 400}
        if model == "costed":
            usage["cost"] = 0.00123
        return {"usage": usage}
