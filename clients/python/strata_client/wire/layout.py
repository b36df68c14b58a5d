"""How a server writes entities: `__strata:layout`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from ..errors import ProtocolError

_FIELDS_MAX = 31
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,63}$")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    bytes: int
    min: float = 0
    step: float = 1
    steps: int = 256
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    dimensions: int
    position_bytes: int
    position_step: float
    fields: tuple[Field, ...]


def read_layout(raw: Any) -> Layout:
    """Ignores members and types of a later release. Raises ProtocolError for a layout that cannot be read."""
    layout = _members(raw, "the layout")
    if layout.get("layout") != 1:
        raise _unreadable("layout", "must be 1")
    dimensions = layout.get("dimensions")
    if dimensions not in (2, 3):
        raise _unreadable("dimensions", "must be 2 or 3")
    position = _members(layout.get("position"), "position")
    fields = layout.get("fields")
    if not isinstance(fields, list) or len(fields) > _FIELDS_MAX:
        raise _unreadable("fields", f"must be a list of at most {_FIELDS_MAX}")
    return Layout(
        dimensions=int(dimensions),
        position_bytes=_whole(position.get("bytes"), "position.bytes", 1, 4),
        position_step=_above_zero(position.get("step"), "position.step"),
        fields=tuple(_field(one) for one in fields),
    )


def _field(raw: Any) -> Field:
    field = _members(raw, "a field")
    name, kind = field.get("name"), field.get("type")
    if not isinstance(name, str) or _NAME.match(name) is None:
        raise _unreadable("a field", "needs a name")
    if not isinstance(kind, str):
        raise _unreadable(name, "needs a type")
    words = field.get("of", [])
    if not isinstance(words, list) or len(words) > 256 or not all(isinstance(word, str) for word in words):
        raise _unreadable(name, "needs a list of at most 256 words")
    return Field(
        name=name,
        type=kind,
        bytes=_whole(field.get("bytes"), f"{name}.bytes", 0, 255),
        min=_number(field.get("min", 0), f"{name}.min"),
        step=_above_zero(field.get("step", 1), f"{name}.step"),
        steps=_whole(field.get("steps", 256), f"{name}.steps", 1, 65_536),
        of=tuple(words),
    )


def _unreadable(what: str, problem: str) -> ProtocolError:
    return ProtocolError(f"the layout cannot be read: {what} {problem}")


def _members(raw: Any, what: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _unreadable(what, "must be a map")
    return raw


def _number(raw: Any, what: str) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not math.isfinite(raw):
        raise _unreadable(what, "must be a number")
    return raw


def _above_zero(raw: Any, what: str) -> float:
    value = _number(raw, what)
    if value <= 0:
        raise _unreadable(what, "must be above 0")
    return value


def _whole(raw: Any, what: str, least: int, most: int) -> int:
    value = _number(raw, what)
    if value != int(value) or not least <= value <= most:
        raise _unreadable(what, f"must be a whole number from {least} to {most}")
    return int(value)
