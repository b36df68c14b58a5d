"""The matchmaker's HTTP API: sign in, characters, seats, the line, travel."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from .errors import StrataError, from_body, unreachable

PROTOCOL = 2

_CALL_S = 10.0
_LINE_S = 20.0
_FIRST_PAUSE_S = 0.4
_LONGEST_PAUSE_S = 3.0

SessionSource = str | Callable[[], Awaitable[str]]
"""A bearer token, or a function that gets one: at first, and whenever the last one has expired."""


@dataclass(frozen=True, slots=True)
class Seat:
    address: str
    copy: str
    ticket: str


def backoff(failures: int, first: float = _FIRST_PAUSE_S, longest: float = _LONGEST_PAUSE_S) -> float:
    """Seconds before the next attempt. Doubles with each failure; half of it is random."""
    full: float = min(longest, first * 2 ** max(0, failures - 1))
    return full * (0.5 + random.random() / 2)


class Matchmaker:
    """Calls in the name of one account and, once `character` is set, of one character."""

    def __init__(self, url: str, http: aiohttp.ClientSession, session: SessionSource | None = None) -> None:
        self._url = url.rstrip("/")
        self._http = http
        self._source = session
        self._token = session if isinstance(session, str) else None
        self.character: str | None = None

    async def login(self, account: str) -> None:
        """The development login. It is repeated when the session expires."""

        async def renewed() -> str:
            answer = await self._send("POST", "/v1/login", {"account": account}, {}, _CALL_S)
            return str(answer["session"])

        self._source = renewed
        self._token = await renewed()

    async def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, timeout: float = _CALL_S) -> Any:
        """Raises StrataError. An expired session is renewed once."""
        try:
            return await self._send(method, path, body, await self._authorized(headers), timeout)
        except StrataError as error:
            if error.code != "SESSION_INVALID" or not callable(self._source):
                raise
        self._token = None
        return await self._send(method, path, body, await self._authorized(headers), timeout)

    async def choose_character(self, name: str) -> None:
        """Plays the first character of the account. Makes one of this name when there is none."""
        answer = await self.call("GET", "/v1/characters")
        known = answer["characters"]
        chosen = known[0] if known else await self.call("POST", "/v1/characters", {"name": name})
        self.character = str(chosen["character"])

    async def seat(self, wish: dict[str, Any], on_line: Callable[[dict[str, Any]], None] | None = None) -> Seat:
        """A seat for a character who is not in the world, after a wait in line if needed."""
        answer = await self._turn(await self.call("POST", "/v1/enter", {**wish, "protocol": PROTOCOL}), on_line)
        if "seat" not in answer:
            raise StrataError("MOVE_IN_PROGRESS", "the character is in the world and is being moved", True)
        seat = answer["seat"]
        return Seat(seat["address"], seat["copy"], seat["ticket"])

    async def travel(self, wish: dict[str, Any], on_line: Callable[[dict[str, Any]], None] | None = None) -> str:
        """Orders a move of a character who is in the world. Returns the id of the move, which the server then offers."""
        answer = await self._turn(await self.call("POST", "/v1/travel", {**wish, "protocol": PROTOCOL}), on_line)
        if "move" not in answer:
            raise StrataError("NOT_IN_WORLD", "the character was not in the world when its turn came", True)
        return str(answer["move"]["id"])

    async def _turn(self, answer: Any, on_line: Callable[[dict[str, Any]], None] | None) -> Any:
        """Waits in line. The matchmaker keeps the place after a failure; it is given up when this task is cancelled."""
        failures = 0
        while "line" in answer:
            line = answer["line"]
            if on_line is not None:
                on_line(line)
            headers = {"x-line-ticket": line["ticket"]}
            try:
                answer = await self.call("GET", "/v1/line", headers=headers, timeout=_LINE_S)
                failures = 0
            except asyncio.CancelledError:
                await asyncio.shield(self._leave_line(headers))
                raise
            except StrataError as error:
                if not error.retryable or error.code == "LINE_UNKNOWN":
                    raise
                failures += 1
                await asyncio.sleep(backoff(failures))
        return answer

    async def _leave_line(self, headers: dict[str, str]) -> None:
        try:
            await self.call("DELETE", "/v1/line", headers=headers)
        except StrataError:
            pass  # without this call the place lapses by itself

    async def _authorized(self, headers: dict[str, str] | None) -> dict[str, str]:
        if self._token is None and callable(self._source):
            self._token = await self._source()
        token = {} if self._token is None else {"authorization": f"Bearer {self._token}"}
        character = {} if self.character is None else {"strata-character": self.character}
        return {**token, **character, **(headers or {})}

    async def _send(self, method: str, path: str, body: Any, headers: dict[str, str], timeout: float) -> Any:
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            async with self._http.request(method, self._url + path, json=body, headers=headers, timeout=limit) as answer:
                status, parsed = answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise unreachable(f"the matchmaker does not answer ({method} {path}): {error!r}") from error
        if status >= 400:
            raise from_body(status, parsed)
        return parsed
