"""Answers of services, read into small typed models.

A required field must be usable, or the answer is refused by that field's name. A field with a
default has it whenever the service leaves the field out or sends something else there, so that an
odd detail does not lose an answer that may have been paid for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import PydanticUseDefault

from media_tools import foreign
from media_tools.errors import ProviderUnavailable

# Fields longer than this in a message are not names but attacks.
_FIELD_CHARACTERS = 80

Label = Annotated[str, BeforeValidator(foreign.label)]
# A sentence or an address to show: longer than a label, still on one line.
LongLabel = Annotated[str, BeforeValidator(partial(foreign.label, longest=1000))]
# An id or an address to follow, exactly as written.
Reference = Annotated[str, BeforeValidator(foreign.reference)]
# Numbers; a figure may be written as text. Bounds: Annotated[Whole, Field(ge=1)].
Whole = Annotated[int, BeforeValidator(foreign.whole)]
Finite = Annotated[float, BeforeValidator(foreign.finite)]
Figure = Annotated[float, BeforeValidator(foreign.figure)]
# Zero or more, zero if it is not told.
Amount = Annotated[Finite, Field(ge=0.0)]


def at(*path: str | int, default: Any = "") -> Any:
    """A field by its place in the answer: artist: Label = at("artist", "name")."""
    return Field(default=default, validation_alias=AliasPath(str(path[0]), *path[1:]))


def first(most: int) -> BeforeValidator:
    """Cut a list to its first entries: Annotated[list[Row], first(100)]."""
    return BeforeValidator(lambda value: value[:most] if isinstance(value, list) else value)


def rows(most: int) -> BeforeValidator:
    """Cut a list of objects as first() does; what is none is a row without fields."""
    return BeforeValidator(
        lambda value: (
            [row if isinstance(row, Mapping) else {} for row in value[:most]]
            if isinstance(value, list)
            else value
        )
    )


class Reply(BaseModel):
    """A JSON object of an answer.

    Values are read strictly (no text as a number, nothing as a boolean) unless a type above says
    otherwise. Fields nobody asked for are left out.
    """

    # Built when the first answer is read: a command that asks no service does not pay for it.
    model_config = ConfigDict(
        extra="ignore", frozen=True, strict=True, populate_by_name=True, defer_build=True
    )

    @classmethod
    def of(cls, value: object) -> Self:
        """Read what can be read, nothing from what is no object; for models of defaults alone."""
        return cls.model_validate(foreign.fields(value))

    @field_validator("*", mode="wrap")
    @classmethod
    def _forgive(
        cls, value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo[Any]
    ) -> Any:
        try:
            return read(value)
        except ValidationError as error:
            if cls.model_fields[str(info.field_name)].is_required():
                raise
            raise PydanticUseDefault from error


Read = TypeVar("Read", bound=Reply)


def read_reply(model: type[Read], body: Any, *, provider: str, what: str = "its answer") -> Read:
    """The model of a JSON value (as HttpReply.data has it).

    what: the object for messages. Raises ProviderUnavailable (bad_answer) naming the field.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fault = reply_fault(error)
    # Raised out here: the library's error quotes the answer and must not be chained.
    raise ProviderUnavailable(
        provider,
        f"{what} cannot be used: {fault}",
        code="bad_answer",
        action="it is tried again later",
    )


def reply_fault(error: ValidationError) -> str:
    """Name the first field that is missing or unusable, without what stood in it."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = foreign.label(".".join(map(str, fault["loc"])), longest=_FIELD_CHARACTERS)
    if not where:
        return "it is no JSON object"
    return f'it has no "{where}"' if fault["type"] == "missing" else f'its "{where}" is unusable'


def _unpacked(value: Any) -> Any:
    try:
        return foreign.read_json(value) if isinstance(value, str) else value
    except foreign.Refused:
        return None


# Before a value that may be written as JSON inside a string: Annotated[Row, UNPACKED].
UNPACKED = BeforeValidator(_unpacked)
