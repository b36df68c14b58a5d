"""What all bots of a run received, as one JSON object. Times in ms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from .bot import Bot

LONG_GAP_S = 0.25


def report(bots: list[Bot], refused: Counter[str], seconds: float, lateness: list[float]) -> dict[str, Any]:
    """`refused`: players that could not enter, by the code. `lateness`: how late this process ran its timers, in seconds; it adds to all gaps."""
    worlds = [bot.world for bot in bots if bot.world is not None]
    streams = [world.stream for world in worlds]
    gaps = [gap for stream in streams for gap in stream.gaps]
    jumps = [jump for stream in streams for jump in stream.jumps]
    snapshots = sum(stream.snapshots for stream in streams)
    entered = max(1, len(worlds))
    return {
        "players": len(bots),
        "entered": len(worlds),
        "refused": dict(refused),
        "waited_in_line": sum(bot.waited_in_line for bot in bots),
        "in_world_at_end": sum(world.connected for world in worlds),
        "ended": dict(Counter(bot.error.code for bot in bots if bot.error is not None)),
        "seconds": round(seconds, 1),
        "snapshots_per_player_per_second": round(snapshots / entered / seconds, 2),
        "snapshot_bytes_per_player_per_second": round(sum(stream.bytes for stream in streams) / entered / seconds),
        "entities_in_sight": round(sum(stream.entities_sum for stream in streams) / max(1, snapshots), 1),
        "gap_ms": durations(gaps),
        "gaps_above_250_ms": sum(gap > LONG_GAP_S for gap in gaps),
        "move_gap_ms": durations(gap for stream in streams for gap in stream.move_gaps),
        "moves": dict(sum((bot.moves for bot in bots), Counter())),
        "moves_to_another_server": sum(bot.server_changes for bot in bots),
        "moves_failed": dict(sum((bot.move_failures for bot in bots), Counter())),
        "reconnects": dict(sum((bot.reconnects for bot in bots), Counter())),
        "jump_m": {"count": len(jumps), "max": round(max(jumps, default=0.0), 2)},
        "inputs_unconfirmed": sum(world.inputs.pending for world in worlds),
        "inputs_dropped": sum(world.inputs.dropped for world in worlds),
        "gathered": sum(bot.bag.gathered for bot in bots),
        "items_lost": sum(bot.bag.lost for bot in bots),
        "chat": {
            "delivered": sum(bot.talk.delivered for bot in bots),
            "refused": dict(sum((bot.talk.refused for bot in bots), Counter())),
            "received": sum(bot.talk.received for bot in bots),
            "missed": sum(bot.talk.missed for bot in bots),
            "out_of_order": sum(bot.talk.out_of_order for bot in bots),
        },
        "lateness_ms": durations(lateness),
    }


def durations(values: Iterable[float]) -> dict[str, float | int | None]:
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "p50": None, "p99": None, "max": None}

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 1)

    return {"count": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": at(1)}
