"""Runs a number of bots for a time."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import aiohttp

from ..errors import StrataError
from .bot import Bot
from .report import report

_SIGNING_IN = 8
_ENTER_WITHIN_S = 60.0
_LATENESS_S = 0.02


@dataclass(frozen=True, slots=True)
class RunOptions:
    matchmaker: str
    map: str
    bots: int
    seconds: float
    name: str
    tokens: list[str]
    """Bearer tokens, one for each bot; without them the bots use the development login."""
    talk_every: float
    """Seconds between two messages of each bot on the map's chat; 0: none."""
    follows: bool
    """Whether the bots follow moves. Servers rescue those that do not."""


async def run(options: RunOptions, stop: asyncio.Event) -> dict[str, Any]:
    """`stop`: ends the run early. `seconds` count from the moment when all bots have entered, or after a minute when some still wait in line."""
    lateness: list[float] = []
    refused: Counter[str] = Counter()
    # No limit of connections per host: each bot has one, and two in a move.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        tokens: list[str | None] = [*options.tokens, *[None] * options.bots]
        bots = [Bot(f"{options.name} {n + 1}", options.matchmaker, http, tokens[n]) for n in range(options.bots)]
        gate = asyncio.Semaphore(_SIGNING_IN)
        lives = [asyncio.create_task(_live(bot, options, gate, refused, stop)) for bot in bots]
        await _all_entered(bots, refused, stop)
        for bot in bots:
            if bot.world is not None:
                bot.world.stream.reset()
        measuring = asyncio.create_task(_measure_lateness(lateness))
        began = time.monotonic()
        try:
            await asyncio.wait_for(stop.wait(), options.seconds)
        except TimeoutError:
            pass
        measuring.cancel()
        result = report(bots, refused, time.monotonic() - began, lateness)
        stop.set()
        for bot, life in zip(bots, lives, strict=True):
            if bot.world is None:
                life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
    return result


async def _live(bot: Bot, options: RunOptions, gate: asyncio.Semaphore, refused: Counter[str], stop: asyncio.Event) -> None:
    try:
        async with gate:
            await bot.sign_in()
        await bot.enter(options.map, options.follows)
    except StrataError as error:
        refused[error.code] += 1
        return
    await bot.play(stop, options.talk_every)
    await bot.leave()


async def _all_entered(bots: list[Bot], refused: Counter[str], stop: asyncio.Event) -> None:
    """Prints the progress to the error output when it changes."""
    deadline = time.monotonic() + _ENTER_WITHIN_S
    printed = ""
    while time.monotonic() < deadline and not stop.is_set():
        entered = sum(bot.world is not None for bot in bots)
        in_line = sum(bot.waited_in_line and bot.world is None for bot in bots)
        progress = f"{entered} of {len(bots)} entered, {in_line} in line, {refused.total()} refused"
        if progress != printed:
            print(progress, file=sys.stderr, flush=True)
            printed = progress
        if entered + refused.total() >= len(bots):
            return
        await asyncio.sleep(0.05)


async def _measure_lateness(into: list[float]) -> None:
    while True:
        before = time.monotonic()
        await asyncio.sleep(_LATENESS_S)
        into.append(time.monotonic() - before - _LATENESS_S)
