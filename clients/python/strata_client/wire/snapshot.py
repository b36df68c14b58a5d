"""Reads the snapshots of one connection, in order."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ProtocolError
from .layout import Field, Layout

FORMAT = 2
_FULL = 16
_INDEX_LIMIT = 65_536

# The first byte of an update.
_GAP = 7
_NEAR = 8
_FAR = 16
_MORE = 128

Entity = dict[str, Any]
"""`id`, `x`, `y`, in three dimensions `z`, and the fields of the layout by name. In a change, only what changed."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    tick: int
    last_input: int
    full: bool
    entered: list[Entity]
    changed: list[Entity]
    left: list[int]


class _Known:
    """What the client knows of an entity: its id, and its position in steps."""

    __slots__ = ("id", "position")

    def __init__(self, entity_id: int) -> None:
        self.id = entity_id
        self.position = [0, 0, 0]


class SnapshotDecoder:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._readers = [_reader(field) for field in layout.fields]
        self._known: dict[int, _Known] = {}
        self._bytes = b""
        self._at = 0

    def decode(self, data: bytes) -> Snapshot:
        """Raises ProtocolError for bytes that cannot be read. The decoder is not usable afterwards: enter again."""
        self._bytes, self._at = data, 0
        try:
            return self._snapshot()
        except IndexError:
            raise ProtocolError("the snapshot ends too early") from None

    def _snapshot(self) -> Snapshot:
        head = self._u8()
        if head & 15 != FORMAT:
            raise ProtocolError(f"the snapshot has format {head & 15}; this client reads format {FORMAT}")
        full = head & _FULL != 0
        tick, last_input = self._varint(), self._varint()
        if full:
            self._known.clear()
        gone = self._read_left()
        entered = [self._read_entered() for _ in range(self._varint())]
        changed: list[Entity] = []
        index = -1
        while self._at < len(self._bytes):
            index = self._read_update(index, changed)
        if gone:
            # An entity that left and entered again has a new index and stays the same entity.
            again = {entity["id"] for entity in entered}
            gone = [one for one in gone if one not in again]
        return Snapshot(tick, last_input, full, entered, changed, gone)

    def _read_left(self) -> list[int]:
        gone = []
        index = -1
        for _ in range(self._varint()):
            index += self._varint() + 1
            gone.append(self._entity_at(index).id)
            del self._known[index]
        return gone

    def _read_entered(self) -> Entity:
        index = self._varint()
        if index >= _INDEX_LIMIT:
            raise ProtocolError(f"the snapshot has the index {index}; indexes are below {_INDEX_LIMIT}")
        known = _Known(self._varint())
        self._known[index] = known
        entity: Entity = {"id": known.id}
        self._read_position(known, entity)
        self._read_fields(self._varint(), entity)
        return entity

    def _read_update(self, previous: int, changed: list[Entity]) -> int:
        head = self._u8()
        gap = head & _GAP
        index = previous + 1 + gap + (self._varint() if gap == _GAP else 0)
        known = self._entity_at(index)
        change: Entity = {"id": known.id}
        more = self._varint() if head & _MORE else 0
        if head & _FAR:
            self._read_position(known, change)
        elif head & _NEAR:
            for axis in range(self._layout.dimensions):
                known.position[axis] += self._signed(1)
            self._place(known, change)
        self._read_fields((head >> 5 & 3) | more << 2, change)
        changed.append(change)
        return index

    def _read_position(self, known: _Known, into: Entity) -> None:
        for axis in range(self._layout.dimensions):
            known.position[axis] = self._signed(self._layout.position_bytes)
        self._place(known, into)

    def _place(self, known: _Known, into: Entity) -> None:
        step = self._layout.position_step
        x, y, z = known.position
        into["x"], into["y"] = x * step, y * step
        if self._layout.dimensions == 3:
            into["z"] = z * step

    def _read_fields(self, mask: int, into: Entity) -> None:
        """Bit n of the mask is field n. A type that this client does not know is skipped by its size."""
        fields = self._layout.fields
        if mask >> len(fields):
            raise ProtocolError("the snapshot has a field that is not in the layout")
        n = 0
        while mask:
            if mask & 1:
                field, reader = fields[n], self._readers[n]
                size = field.bytes or self._u8()
                raw = self._raw(size)
                if reader is not None:
                    into[field.name] = reader(raw)
            mask >>= 1
            n += 1

    def _entity_at(self, index: int) -> _Known:
        known = self._known.get(index)
        if known is None:
            raise ProtocolError(f"the snapshot names the index {index}, which has no entity")
        return known

    def _u8(self) -> int:
        value = self._bytes[self._at]
        self._at += 1
        return value

    def _signed(self, size: int) -> int:
        return int.from_bytes(self._raw(size), "little", signed=True)

    def _varint(self) -> int:
        value = shift = 0
        while shift < 35:
            byte = self._bytes[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                if value > 0xFFFF_FFFF:
                    break
                return value
            shift += 7
        raise ProtocolError("the snapshot has a number above 2^32−1")

    def _raw(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._bytes):
            raise ProtocolError("the snapshot ends too early")
        raw = self._bytes[self._at : end]
        self._at = end
        return raw


def _reader(field: Field) -> Callable[[bytes], Any] | None:
    """Turns the raw bytes of a field into its value. None for a type of a later release."""
    minimum, step = field.min, field.step
    match field.type:
        case "u8" | "u16" | "u32" | "i8" | "i16" | "i32" | "number":
            return lambda raw: int.from_bytes(raw, "little") * step + minimum
        case "angle":
            per_step = 2 * math.pi / field.steps
            return lambda raw: int.from_bytes(raw, "little") * per_step
        case "bool":
            return lambda raw: any(raw)
        case "choice":
            words = field.of
            return lambda raw: words[raw[0]] if raw[0] < len(words) else ""
        case "entity":
            return lambda raw: int.from_bytes(raw, "little")
        case "text":
            return lambda raw: raw.decode(errors="replace")
        case _:
            return None
