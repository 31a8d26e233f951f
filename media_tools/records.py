"""Frozen dataclasses kept as JSON and read back as themselves.

Hand-made: what strangers send is read by pydantic (`providers/replies.py`); our own records need
no more than this, and keep mistakes of type as errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Record = TypeVar("Record")
Reader = Callable[[Any], Any]

# What JSON may hold for each plain type; bool is an int to Python, but not to a reader.
_PLAIN: dict[Any, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    Path: (str,),
    NoneType: (NoneType,),
}


class Unreadable(ValueError):
    """Stored JSON that does not fit its type; the message names the field."""


def to_json(record: Any) -> dict[str, Any]:
    """The fields of a dataclass, nested ones too, as a dict that JSON can hold."""
    return asdict(record)


def from_json(kind: type[Record], stored: Any) -> Record:
    """Read what to_json made of a `kind`.

    Unknown keys are ignored, a missing one takes its field's default. Raises Unreadable.
    """
    record: Record = _reader(cast("Any", kind))(stored)
    return record


@cache
def _reader(hint: Any) -> Reader:
    """The function that reads a value of a type. Raises TypeError for a type it cannot read."""
    if hint is Any:
        return lambda value: value
    if is_dataclass(hint):
        return _read_record(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _read_union([_reader(argument) for argument in arguments])
    if origin is tuple and arguments[1:] == (...,):
        return _read_tuple(arguments[0])
    if origin is tuple:
        return _read_row([_reader(argument) for argument in arguments])
    if origin is dict:
        return _read_dict(_reader(arguments[1]))
    if origin is Literal:
        return _read_choice(arguments)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _read_enum(hint)
    return _read_plain(hint)


def _read_record(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind) if field.init}
    required = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Unreadable(f"{kind.__name__} expected, not {value!r:.80}")
        if missing := required - value.keys():
            raise Unreadable(f"{kind.__name__} without {', '.join(sorted(missing))}")
        values = {}
        for name, reader in readers.items():
            if name in value:
                try:
                    values[name] = reader(value[name])
                except Unreadable as error:
                    raise Unreadable(f"{kind.__name__}.{name}: {error}") from None
        return kind(**values)

    return read


def _read_union(readers: list[Reader]) -> Reader:
    def read(value: Any) -> Any:
        errors = []
        for reader in readers:
            try:
                return reader(value)
            except Unreadable as error:
                errors.append(str(error))
        raise Unreadable("; ".join(errors))

    return read


def _read_tuple(hint: Any) -> Reader:
    item = _reader(hint)

    def read(value: Any) -> Any:
        parts = _list(value)
        # A waveform has 1,200 numbers: what is of the type already is taken as it is.
        if hint in _PLAIN and set(map(type, parts)) <= {hint}:
            return tuple(parts)
        return tuple([item(part) for part in parts])

    return read


def _read_row(readers: list[Reader]) -> Reader:
    def read(value: Any) -> Any:
        parts = _list(value)
        if len(parts) != len(readers):
            raise Unreadable(f"{len(readers)} values expected, not {len(parts)}")
        return tuple(reader(part) for reader, part in zip(readers, parts, strict=True))

    return read


def _read_dict(item: Reader) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Unreadable(f"an object expected, not {value!r:.80}")
        return {str(key): item(part) for key, part in value.items()}

    return read


def _read_choice(choices: tuple[Any, ...]) -> Reader:
    def read(value: Any) -> Any:
        if value not in choices:
            raise Unreadable(f"one of {', '.join(map(str, choices))} expected, not {value!r:.80}")
        return value

    return read


def _read_enum(kind: type[Enum]) -> Reader:
    def read(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError as error:
            raise Unreadable(str(error)[:200]) from None

    return read


def _read_plain(kind: Any) -> Reader:
    if kind not in _PLAIN:
        raise TypeError(f"records cannot hold {kind}")
    accepted = _PLAIN[kind]
    convert = kind if kind in (float, Path) else None

    def read(value: Any) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
            raise Unreadable(f"{kind.__name__} expected, not {value!r:.80}")
        return convert(value) if convert else value

    return read


def _list(value: Any) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise Unreadable(f"a list expected, not {value!r:.80}")
    return value
