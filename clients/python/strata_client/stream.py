"""Measures what a player receives: bytes, gaps between snapshots, also over moves, and how far the own body jumps in a move."""

from __future__ import annotations

import math
import time

from .wire.snapshot import Entity


class Stream:
    def __init__(self) -> None:
        self.snapshots = 0
        self.bytes = 0
        self.entities_sum = 0
        self.gaps: list[float] = []
        """Seconds between two snapshots of the server where the character is live. A reconnection ends a gap without counting it."""
        self.move_gaps: list[float] = []
        """Of these, the gaps from A's last snapshot to B's first one."""
        self.jumps: list[float] = []
        """Metres between the own body in A's last snapshot and in B's first one, in moves that stay on the map."""
        self._last: float | None = None
        self._position: tuple[float, float] | None = None
        self._moving = False
        self._measures_jump = False

    def snapshot(self, me: Entity | None, size: int, entities: int) -> None:
        now = time.monotonic()
        position = None if me is None else (me["x"], me["y"])
        if self._last is not None:
            self.gaps.append(now - self._last)
            if self._moving:
                self.move_gaps.append(now - self._last)
        if self._measures_jump and self._position is not None and position is not None:
            self.jumps.append(math.dist(self._position, position))
        self._moving = self._measures_jump = False
        self._last, self._position = now, position
        self.snapshots += 1
        self.bytes += size
        self.entities_sum += entities

    def moved(self, same_map: bool) -> None:
        """B is live; its next snapshot ends the gap."""
        self._moving = True
        self._measures_jump = same_map

    def reset(self) -> None:
        """All counts begin at zero."""
        self.__dict__.update(Stream().__dict__)

    def interrupted(self) -> None:
        """The connection broke: the time without one is no gap of a stream."""
        self._last = self._position = None
        self._moving = self._measures_jump = False
