"""Inputs that no server has confirmed yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class NumberedInput:
    seq: int
    data: Any


class InputLog:
    """Numbers inputs over the whole session. Sending one again is harmless: servers apply each number once."""

    def __init__(self) -> None:
        self._seq = 0
        self._pending: list[NumberedInput] = []
        self.dropped = 0
        """Inputs that were discarded unconfirmed, because a connection broke."""

    @property
    def pending(self) -> int:
        return len(self._pending)

    def add(self, data: Any) -> NumberedInput:
        self._seq += 1
        numbered = NumberedInput(self._seq, data)
        self._pending.append(numbered)
        return numbered

    def confirm(self, last_input: int) -> None:
        if self._pending and self._pending[0].seq <= last_input:
            self._pending = [one for one in self._pending if one.seq > last_input]
        self._seq = max(self._seq, last_input)

    def replay(self, last_input: int) -> list[NumberedInput]:
        """The inputs that the next server has not applied, oldest first."""
        self.confirm(last_input)
        return list(self._pending)

    def forget(self) -> None:
        """After a broken connection nobody knows whether they were applied."""
        self.dropped += len(self._pending)
        self._pending = []
