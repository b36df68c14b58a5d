"""One connection to one room: the join, frames in order, and the decoder of its snapshots."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp

from .errors import ProtocolError, StrataError, from_body, from_close, from_ended, from_text, unreachable
from .wire.frames import JOIN_ROOM, LEAVE_ROOM, SNAPSHOT, Bytes, Handshake, Message, Refusal, read_frame, write_message
from .wire.layout import read_layout
from .matchmaker import PROTOCOL, Seat
from .wire.snapshot import Snapshot, SnapshotDecoder

_JOIN_S = 8.0
_LEAVE_S = 2.0
_BROKEN = 1006


class RoomListener(Protocol):
    """Called in order, from one task for each connection."""

    def snapshot(self, room: Room, snapshot: Snapshot, size: int) -> None: ...
    def message(self, room: Room, kind: str, data: Any) -> None: ...
    def closed_by_server(self, room: Room, error: StrataError) -> None: ...


class Room:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse, listener: RoomListener) -> None:
        self._socket = socket
        self._listener = listener
        self._decoder: SnapshotDecoder | None = None
        self._seen: int | None = None
        self._refusal: StrataError | None = None
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._left = False
        self._closed = asyncio.Event()
        self._stays_s = 0.0
        self._joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.bytes = 0
        self.frames = 0
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]

    @staticmethod
    async def join(http: aiohttp.ClientSession, seat: Seat, listener: RoomListener, at: dict[str, float] | None = None) -> Room:
        """Joins and confirms the join. `at`: the position of a player who joins as standby. Raises StrataError."""
        options: dict[str, Any] = {"ticket": seat.ticket, "protocol": PROTOCOL}
        if at is not None:
            options["at"] = at
        room: Room | None = None
        joined = False
        try:
            async with asyncio.timeout(_JOIN_S):
                room = Room(await _connect(http, seat, options), listener)
                await asyncio.shield(room._joined)
                joined = True
                return room
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
            raise unreachable(f"the server does not answer: {error!r}") from error
        finally:
            if room is not None and not joined:
                room._left = True
                room._joined.cancel()
                await room._socket.close()

    def send(self, kind: str, data: Any) -> None:
        """Sends in order. After the connection has closed it does nothing."""
        if not self._left:
            self._out.put_nowait(write_message(kind, data))

    def send_input(self, seq: int, data: Any) -> None:
        message = {"seq": seq, "data": data}
        if self._seen is not None:
            message["seen"] = self._seen
        self.send("__strata:input", message)

    async def leave(self) -> None:
        """Leaves on purpose. Returns when the server has closed the connection, which waits while the game keeps the body."""
        if self._left:
            return
        self._left = True
        self._out.put_nowait(bytes([LEAVE_ROOM]))
        while not self._closed.is_set():
            stays, self._stays_s = self._stays_s, 0.0
            try:
                await asyncio.wait_for(self._closed.wait(), stays + _LEAVE_S)
            except TimeoutError:
                if self._stays_s == 0:
                    break
        await self._socket.close()

    async def _read(self) -> None:
        close_code = _BROKEN
        try:
            async for received in self._socket:
                if received.type is aiohttp.WSMsgType.BINARY:
                    self._receive(received.data)
            close_code = self._socket.close_code or _BROKEN
        except ProtocolError as error:
            self._refusal = unreachable(str(error))
            await self._socket.close()
        finally:
            self._end(self._refusal if close_code not in range(4100, 4300) and self._refusal is not None else from_close(close_code, self._refusal))

    def _end(self, error: StrataError) -> None:
        self._closed.set()
        self._tasks[1].cancel()
        if not self._joined.done():
            self._joined.set_exception(error)
        elif not self._left:
            self._left = True
            self._listener.closed_by_server(self, error)

    async def _write(self) -> None:
        while True:
            frame = await self._out.get()
            try:
                await self._socket.send_bytes(frame)
            except (ConnectionError, aiohttp.ClientError):
                return  # the reader reports the close

    def _receive(self, data: bytes) -> None:
        self.bytes += len(data)
        self.frames += 1
        frame = read_frame(data)
        match frame:
            case Bytes(type=kind, data=content) if kind == SNAPSHOT:
                if self._decoder is not None and not self._left:
                    snapshot = self._decoder.decode(content)
                    self._seen = snapshot.tick
                    self._listener.snapshot(self, snapshot, len(data))
            case Message(type=kind, data=content):
                self._message(kind, content)
            case Handshake():
                self._out.put_nowait(bytes([JOIN_ROOM]))
                if not self._joined.done():
                    self._joined.set_result(None)
            case Refusal(text=text):
                self._refusal = from_text(text)
            case _:
                pass

    def _message(self, kind: str, content: Any) -> None:
        if kind == "__strata:layout":
            self._decoder = SnapshotDecoder(read_layout(content))
        elif kind == "__strata:staying":
            self._stays_s = float(content["forMs"]) / 1000
        elif kind == "__strata:ended":
            self._refusal = from_ended(content)
        elif not self._left:
            self._listener.message(self, kind, content)


async def _connect(http: aiohttp.ClientSession, seat: Seat, options: dict[str, Any]) -> aiohttp.ClientWebSocketResponse:
    origin = seat.address.replace("ws", "http", 1)
    async with http.post(f"{origin}/matchmake/joinById/{seat.copy}", json=options) as answer:
        reservation = await answer.json(content_type=None)
        if answer.status >= 400 or "sessionId" not in reservation:
            raise from_body(answer.status, reservation)
    url = f"{seat.address}/{reservation['processId']}/{seat.copy}?sessionId={reservation['sessionId']}"
    return await http.ws_connect(url, max_msg_size=0, compress=0)
