"""One player: an account, and the character of it that plays."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import aiohttp

from .matchmaker import Matchmaker, SessionSource
from .world import OnEvent, World


class Client:
    """Use it with `async with`. `session`: a bearer token, or a function that gets one; without it, call `login`."""

    def __init__(self, matchmaker: str, session: SessionSource | None = None, http: aiohttp.ClientSession | None = None) -> None:
        """`http`: a session to share with other clients; the caller closes it."""
        self._owns_http = http is None
        self._http = http or aiohttp.ClientSession()
        self.matchmaker = Matchmaker(matchmaker, self._http, session)

    async def login(self, account: str) -> None:
        """The development login."""
        await self.matchmaker.login(account)

    async def choose_character(self, name: str) -> None:
        """Plays the first character of the account. Makes one of this name when there is none."""
        await self.matchmaker.choose_character(name)

    async def enter(self, wish: dict[str, Any], on_event: OnEvent | None = None, follows: bool = True) -> World:
        """`wish`: for example `{"map": "forest"}`. Waits in line if needed. Raises StrataError. `follows`: see `World.enter`."""
        return await World.enter(self.matchmaker, self._http, wish, on_event, follows)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if self._owns_http:
            await self._http.close()
