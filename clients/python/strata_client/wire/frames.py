"""The frames of a room: one WebSocket message is one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgpack

from ..errors import ProtocolError

JOIN_ROOM = 10
ERROR = 11
LEAVE_ROOM = 12
ROOM_DATA = 13
ROOM_DATA_BYTES = 17
PING = 18

SNAPSHOT = "s"


@dataclass(frozen=True, slots=True)
class Handshake:
    """The server waits for the client's JOIN_ROOM."""


@dataclass(frozen=True, slots=True)
class Refusal:
    close_code: int
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    type: str
    data: Any


@dataclass(frozen=True, slots=True)
class Bytes:
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ping."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Slow state, and what later servers send."""


Frame = Handshake | Refusal | Message | Bytes | Pong | Ignored


def read_frame(frame: bytes) -> Frame:
    """Raises ProtocolError for a frame that ends too early or is not MessagePack."""
    if not frame:
        raise ProtocolError("the frame is empty")
    code = frame[0]
    if code == ROOM_DATA_BYTES:
        kind, at = _text(frame, 1)
        return Bytes(kind, frame[at:])
    if code == ROOM_DATA:
        kind, at = _text(frame, 1)
        return Message(kind, _unpacked(frame[at:]) if at < len(frame) else None)
    if code == JOIN_ROOM:
        return Handshake()
    if code == PING:
        return Pong()
    if code == ERROR:
        number, at = _number(frame, 1)
        return Refusal(number, _text(frame, at)[0])
    return Ignored()


def write_message(kind: str, data: Any) -> bytes:
    head = bytes([ROOM_DATA]) + _packed(kind)
    return head + _packed(data)


def _packed(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value)
    return packed


def _unpacked(data: bytes) -> Any:
    try:
        return msgpack.unpackb(data, strict_map_key=False)
    except ValueError as error:
        raise ProtocolError(f"the message is not MessagePack: {error}") from error


def _text(frame: bytes, at: int) -> tuple[str, int]:
    """A type is shorter than 256 bytes; the message of a refusal may be longer."""
    head = _byte(frame, at)
    if 0xA0 <= head <= 0xBF:
        start, length = at + 1, head - 0xA0
    elif head == 0xD9:
        start, length = at + 2, _byte(frame, at + 1)
    elif head == 0xDA:
        start, length = at + 3, int.from_bytes(frame[at + 1 : at + 3], "little")
    else:
        raise ProtocolError(f"the frame has the byte {head} where a text begins")
    if start + length > len(frame):
        raise ProtocolError("the frame ends in a text")
    try:
        return frame[start : start + length].decode(), start + length
    except UnicodeDecodeError as error:
        raise ProtocolError("a text of the frame is not UTF-8") from error


def _number(frame: bytes, at: int) -> tuple[int, int]:
    head = _byte(frame, at)
    if head < 128:
        return head, at + 1
    size = {0xCC: 1, 0xCD: 2, 0xCE: 4}.get(head)
    if size is None or at + 1 + size > len(frame):
        raise ProtocolError("the frame has no number where one is expected")
    return int.from_bytes(frame[at + 1 : at + 1 + size], "little"), at + 1 + size


def _byte(frame: bytes, at: int) -> int:
    if at >= len(frame):
        raise ProtocolError("the frame ends too early")
    return frame[at]
