"""Where one bot of the sample game walks, and what it gathers."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from ..wire.snapshot import Entity
from ..world import World

# Of the sample game: things have ids from here on, these kinds can be gathered within this distance, and this flag says that one has to grow back.
FIRST_THING = 2**31
RESOURCES = (1, 2, 3, 4)
REACH_M = 3.0
DEPLETED = 1
GATHERING_S = 1.6

_RANGE_M = 40.0
_GATHERS = 0.4
_LEG_S = 8.0


class Walker:
    """Walks to random places around the point where it entered, and to resources, which it gathers."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        self._home: tuple[float, float] | None = None
        self._goal: tuple[float, float] | None = None
        self._node: int | None = None
        self._goal_until = 0.0
        self._stands_until = 0.0
        self._sent: dict[str, float] | None = None
        self._sent_in = ""

    def step(self, now: float) -> None:
        """Call it ten times a second. `now` in seconds."""
        me = self._world.me
        if me is None or now < self._stands_until:
            return
        if self._home is None:
            self._home = (me["x"], me["y"])
        if self._goal is None or now >= self._goal_until:
            self._choose(now)
        goal = self._goal or self._home
        dx, dy = goal[0] - me["x"], goal[1] - me["y"]
        distance = math.hypot(dx, dy)
        if distance > REACH_M:
            self._walk(dx / distance, dy / distance)
            return
        self._goal = None
        if self._node is not None:
            self._walk(0, 0)
            self._world.send("gather", {"node": self._node})
            self._stands_until = now + GATHERING_S

    def _choose(self, now: float) -> None:
        self._goal_until = now + _LEG_S
        self._node = None
        if self._random.random() < _GATHERS:
            nodes: list[Entity] = [one for one in self._world.entities.values() if _is_ripe(one)]
            if nodes:
                node = self._random.choice(nodes)
                self._goal, self._node = (node["x"], node["y"]), node["id"]
                return
        home = self._home or (0.0, 0.0)
        self._goal = (home[0] + self._random.uniform(-_RANGE_M, _RANGE_M), home[1] + self._random.uniform(-_RANGE_M, _RANGE_M))

    def _walk(self, dx: float, dy: float) -> None:
        """The server keeps the last direction, so it is sent when it changes, and again in another copy."""
        wanted = {"dx": max(-1.0, min(1.0, dx)), "dy": max(-1.0, min(1.0, dy))}
        known = self._sent
        same = known is not None and math.hypot(wanted["dx"] - known["dx"], wanted["dy"] - known["dy"]) < 0.1
        if same and self._sent_in == self._world.copy:
            return
        if self._world.input(wanted):
            self._sent, self._sent_in = wanted, self._world.copy


class Bag:
    """Counts what the server says was gathered, and what is missing after a move or a new login."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.gathered = 0
        self.lost = 0

    def live(self, self_state: Any) -> None:
        items = self_state.get("items", {}) if isinstance(self_state, dict) else {}
        for item, count in self.counts.items():
            self.lost += max(0, count - int(items.get(item, 0)))
        self.counts = {str(item): int(count) for item, count in items.items()}

    def add(self, item: str, count: int) -> None:
        self.gathered += 1
        self.lost += max(0, self.counts.get(item, 0) + 1 - count)
        self.counts[item] = count


def _is_ripe(entity: Entity) -> bool:
    return entity["id"] >= FIRST_THING and entity["kind"] in RESOURCES and not entity["flags"] & DEPLETED
