"""What one bot says and hears on the chat of its map: numbers that rise by one, so that what is missing or out of order shows."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from ..errors import StrataError
from ..world import World


class Talker:
    def __init__(self) -> None:
        self.delivered = 0
        self.refused: Counter[str] = Counter()
        self.received = 0
        self.missed = 0
        self.out_of_order = 0
        self._last: dict[str, int] = {}

    async def talk(self, world: World, every: float) -> None:
        number = 0
        while not world.closed:
            await asyncio.sleep(every)
            number += 1
            try:
                await world.say("map", f"number {number}")
                self.delivered += 1
            except StrataError as error:
                self.refused[error.code] += 1
                # Nobody receives a number that was refused, so it is used again.
                number -= 1

    def heard(self, message: dict[str, Any]) -> None:
        sender, text = message.get("from"), str(message["text"])
        if sender is None or message.get("past") or not text.startswith("number "):
            return
        self.received += 1
        number = int(text.removeprefix("number "))
        last = self._last.get(sender["character"])
        if last is not None:
            self.out_of_order += number <= last
            self.missed += max(0, number - last - 1)
        self._last[sender["character"]] = max(number, last or 0)
