"""`python -m strata_client`: bots for load tests."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

from .bots.run import RunOptions, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m strata_client", description="Bots that walk and gather in the sample game, and measure what they receive.")
    parser.add_argument("--matchmaker", default="http://127.0.0.1:7100", metavar="URL", help="address of the matchmaker (default: %(default)s)")
    parser.add_argument("--map", default="forest", help="map that the bots enter (default: %(default)s)")
    parser.add_argument("--bots", type=_above_zero, default=10, metavar="N", help="number of bots (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="duration after all bots have entered (default: %(default)s)")
    parser.add_argument("--name", default="Python", help="names of accounts and characters: NAME 1, NAME 2 and so on (default: %(default)s)")
    parser.add_argument("--tokens", type=Path, metavar="FILE", help="file with one bearer token a line, for each bot one; without it: the development login")
    parser.add_argument("--talk", type=float, default=0, metavar="S", help="each bot says a number on the map's chat every S seconds (default: it is silent)")
    parser.add_argument("--no-follow", action="store_true", help="ignore offers of moves, so that servers rescue the bots: for tests of servers")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    tokens = [] if arguments.tokens is None else arguments.tokens.read_text().split()
    if arguments.tokens is not None and len(tokens) < arguments.bots:
        parser.error(f"{arguments.tokens} has {len(tokens)} tokens for {arguments.bots} bots")
    options = RunOptions(arguments.matchmaker, arguments.map, arguments.bots, arguments.seconds, arguments.name, tokens, arguments.talk, not arguments.no_follow)
    result = asyncio.run(_until_interrupted(options))
    print(json.dumps(result, indent=2) if arguments.json else _text(result))
    if result["entered"] == 0:
        sys.exit(1)


async def _until_interrupted(options: RunOptions) -> dict[str, Any]:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return await run(options, stop)


def _text(result: dict[str, Any]) -> str:
    width = max(len(name) for name in result)
    return "\n".join(f"{name.ljust(width)}  {json.dumps(value)}" for name, value in result.items())


def _above_zero(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


if __name__ == "__main__":
    main()
