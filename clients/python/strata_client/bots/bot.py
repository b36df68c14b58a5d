"""One bot: signs in, enters, plays until it is told to stop, and leaves."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from random import Random
from typing import Any

import aiohttp

from ..client import Client
from ..errors import StrataError
from ..matchmaker import SessionSource
from ..world import World
from .talker import Talker
from .walker import Bag, Walker

_STEP_S = 0.1


class Bot:
    def __init__(self, name: str, matchmaker: str, http: aiohttp.ClientSession, session: SessionSource | None = None) -> None:
        self.name = name
        self._client = Client(matchmaker, session, http)
        self._signs_in = session is None
        self._random = Random(name)
        self.bag = Bag()
        self.talk = Talker()
        self.moves: Counter[str] = Counter()
        self.move_failures: Counter[str] = Counter()
        self.server_changes = 0
        self.reconnects: Counter[str] = Counter()
        self._cause = ""
        self.waited_in_line = False
        self.error: StrataError | None = None
        self.world: World | None = None

    async def sign_in(self) -> None:
        """Raises StrataError."""
        if self._signs_in:
            await self._client.login(self.name)
        await self._client.choose_character(self.name)

    async def enter(self, map_name: str, follows: bool = True) -> None:
        """Waits in line if needed. Raises StrataError."""
        self.world = await self._client.enter({"map": map_name}, self._on_event, follows)

    async def play(self, until: asyncio.Event, talk_every: float = 0) -> None:
        """`talk_every`: seconds between two messages on the map's chat; 0: none."""
        world = self.world
        if world is None:
            return
        walker = Walker(world, self._random)
        talking = asyncio.create_task(self.talk.talk(world, talk_every)) if talk_every > 0 else None
        while not until.is_set() and not world.closed:
            walker.step(time.monotonic())
            await asyncio.sleep(_STEP_S)
        if talking is not None:
            talking.cancel()

    async def leave(self) -> None:
        if self.world is not None:
            await self.world.leave()

    def _on_event(self, name: str, data: Any) -> None:
        match name:
            case "live":
                self.bag.live(data["self"])
            case "moved":
                self.moves[data["cause"]] += 1
                self.server_changes += data["from_server"] != data["to_server"]
            case "move_failed":
                self.move_failures[data["reason"]] += 1
            case "reconnecting":
                # The first cause of several attempts is the one that ended the session.
                self._cause = self._cause or data.code
            case "reconnected":
                self.reconnects[self._cause] += 1
                print(f"{self.name} is back after {self._cause}", file=sys.stderr, flush=True)
                self._cause = ""
            case "line":
                self.waited_in_line = True
            case "closed":
                self.error = data
            case "chat":
                self.talk.heard(data)
            case "message":
                kind, content = data
                if kind == "gathered":
                    self.bag.add(content["item"], content["count"])
