"""What one player sees: entities that stay the same objects while they are visible, also over moves."""

from __future__ import annotations

from .wire.snapshot import Entity, Snapshot


# How long companions are kept that B does not show, in ticks: two seconds at 20 steps a second.
_KEEP_TICKS = 40


class View:
    def __init__(self) -> None:
        self.entities: dict[int, Entity] = {}
        self._kept: set[int] = set()
        self._kept_until: int | None = None

    def keep(self, companions: list[int]) -> None:
        """Keeps these entities over the next full snapshot, for a short time, until they are shown."""
        self._kept = {one for one in companions if one in self.entities}
        self._kept_until = None

    def apply(self, snapshot: Snapshot) -> None:
        if snapshot.full:
            shown = {entity["id"] for entity in snapshot.entered}
            for gone in [one for one in self.entities if one not in shown and one not in self._kept]:
                del self.entities[gone]
            self._kept -= shown
            self._kept_until = snapshot.tick + _KEEP_TICKS
        for left in snapshot.left:
            self.entities.pop(left, None)
        for entity in snapshot.entered:
            self._kept.discard(entity["id"])
            known = self.entities.get(entity["id"])
            if known is None:
                self.entities[entity["id"]] = entity
            else:
                known.update(entity)
        for change in snapshot.changed:
            shown_before = self.entities.get(change["id"])
            if shown_before is not None:
                shown_before.update(change)
        if self._kept and self._kept_until is not None and snapshot.tick >= self._kept_until:
            for late in self._kept:
                self.entities.pop(late, None)
            self._kept = set()
