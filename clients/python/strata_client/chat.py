"""The chat of one world, over all its servers: what got no answer is sent again to the next server, and nothing is shown twice or out of order."""

from __future__ import annotations

import asyncio
import random
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from .errors import StrataError

_ANSWER_S = 15.0
"""It covers a move and most reconnects."""
_PENDING = 32
_EARLY = 256
"""Messages that are kept from the destination of a move until it is live."""
_STREAMS = 2_000
_NUMBERED = re.compile(r"^(.+):(\d+)$")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Link(Protocol):
    def send(self, kind: str, data: Any) -> None: ...


class ChatOrder:
    """Drops messages that came before, or after a later one of the same sender in the same channel."""

    def __init__(self, capacity: int = _STREAMS) -> None:
        """`capacity`: streams that are remembered; the one that was silent for longest is forgotten first."""
        self._last: OrderedDict[tuple[str, str, str], int] = OrderedDict()
        self._capacity = capacity

    def is_new(self, message: dict[str, Any]) -> bool:
        """Records the message. False: do not show it."""
        stream, number, sender = str(message["id"]), 0, ""
        if message.get("from") is not None:
            sender = str(message["from"]["character"])
            if found := _NUMBERED.match(stream):
                stream, number = found[1], int(found[2])
        key = (sender, stream, f"{message['channel']}:{message.get('to', '')}")
        last = self._last.get(key)
        if last is not None and number <= last:
            return False
        self._last[key] = number
        self._last.move_to_end(key)
        if len(self._last) > self._capacity:
            self._last.popitem(last=False)
        return True


class ChatLine:
    def __init__(self, show: Callable[[dict[str, Any]], None]) -> None:
        self._show = show
        self._stream = "".join(random.choices(_LETTERS, k=10))
        self._number = 0
        self._pending: dict[str, tuple[str, dict[str, Any], asyncio.Future[None]]] = {}
        self._joined: set[str] = set()
        self._order = ChatOrder()
        self._early: list[dict[str, Any]] = []
        self._link: Link | None = None
        """None while no server handles requests: while entering again, and in a move after `go`."""

    async def say(self, channel: str, text: str, to: str | None = None) -> None:
        """Returns when the message was sent to the servers of the channel. Raises StrataError."""
        message = {"channel": channel, "text": text}
        await self._request("__strata:say", message if to is None else {**message, "to": to})

    async def join(self, name: str) -> None:
        """Raises StrataError."""
        await self._request("__strata:channel", {"name": name, "action": "join"})
        self._joined.add(name)

    async def leave(self, name: str) -> None:
        """Raises StrataError."""
        self._joined.discard(name)
        await self._request("__strata:channel", {"name": name, "action": "leave"})

    def live(self, link: Link) -> None:
        """A server is live: joins the custom channels there, shows what it sent on standby, and sends again what has no answer."""
        if link is not self._link:
            self.rejoin(link)
        self._link = link
        early, self._early = self._early, []
        for message in early:
            self.received(message)
        for kind, request, _ in list(self._pending.values()):
            link.send(kind, request)

    def rejoin(self, link: Link) -> None:
        """Joins the custom channels at a server, also on standby: then a move misses no message."""
        for name in sorted(self._joined):
            link.send("__strata:channel", {"id": self._next_id(), "name": name, "action": "join"})

    def pause(self) -> None:
        """No server handles requests until the next `live`."""
        self._link = None

    def received(self, message: dict[str, Any]) -> None:
        if self._order.is_new(message):
            self._show(message)

    def received_early(self, message: dict[str, Any]) -> None:
        """From the destination of a move. The source sends it, too, and counts until the destination is live."""
        self._early = [*self._early, message][-_EARLY:]

    def forget_early(self) -> None:
        self._early = []

    def answered(self, said: dict[str, Any]) -> None:
        pending = self._pending.pop(str(said["id"]), None)
        if pending is None or pending[2].done():
            return
        code = said.get("code")
        if code is None:
            pending[2].set_result(None)
        else:
            pending[2].set_exception(StrataError(str(code), str(said.get("message", "")), False))

    def close(self) -> None:
        self._link = None
        for _, _, done in self._pending.values():
            if not done.done():
                done.set_exception(StrataError("CLOSED", "the world was left", False))
        self._pending.clear()

    async def _request(self, kind: str, content: dict[str, Any]) -> None:
        if len(self._pending) >= _PENDING:
            raise StrataError("TOO_MANY_REQUESTS", "too many messages have no answer yet; wait for them", True)
        request = {"id": self._next_id(), **content}
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending[request["id"]] = (kind, request, done)
        if self._link is not None:
            self._link.send(kind, request)
        try:
            await asyncio.wait_for(done, _ANSWER_S)
        except TimeoutError:
            raise StrataError("UNREACHABLE", "no server answered in time", True) from None
        finally:
            self._pending.pop(request["id"], None)

    def _next_id(self) -> str:
        self._number += 1
        return f"{self._stream}:{self._number}"
