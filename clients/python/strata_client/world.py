"""One continuous world for the game: it follows moves between servers and enters again after a broken connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp

from .chat import ChatLine
from .errors import StrataError, unreachable
from .inputs import InputLog
from .matchmaker import Matchmaker, Seat, backoff
from .moves import IDLE, Effect, EventName, Following, follow
from .room import Room
from .stream import Stream
from .view import View
from .wire.snapshot import Entity, Snapshot

_LIVE_S = 10.0
_GO_S = 12.0
_ENTER_ATTEMPTS = 5
_OUTBOX = 64

OnEvent = Callable[[str, Any], None]
"""Called with a name and data: `live`, `moved`, `move_failed`, `line`, `reconnecting`, `reconnected`, `message` (type and data of the game's own messages),
`chat` (a message of a channel: `id`, `channel`, `to`, `from`, `text`, `at`, `past`),
`closed` (a StrataError, or None after `leave`), and the control messages of the server without their prefix, such as `closing`."""


class World:
    """Make one with `enter`."""

    def __init__(self, matchmaker: Matchmaker, http: aiohttp.ClientSession, on_event: OnEvent | None = None, follows: bool = True) -> None:
        self._follows = follows
        self._matchmaker = matchmaker
        self._http = http
        self._emit: OnEvent = on_event or (lambda _name, _data: None)
        self._view = View()
        self._inputs = InputLog()
        self._chat = ChatLine(lambda message: self._emit("chat", message))
        self._outbox: list[tuple[str, Any]] = []
        self._room: Room | None = None
        """The connection to the server where the character is live; None while entering again."""
        self._standby: Room | None = None
        self._following: Following = IDLE
        self._waiting_for_live: asyncio.Future[tuple[Room, dict[str, Any]]] | None = None
        self._go_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._live: dict[str, Any] = {}
        self._travels: dict[str, asyncio.Future[None]] = {}
        self.closed = False
        self.stream = Stream()

    @staticmethod
    async def enter(
        matchmaker: Matchmaker, http: aiohttp.ClientSession, wish: dict[str, Any], on_event: OnEvent | None = None, follows: bool = True
    ) -> World:
        """`wish`: for example `{"map": "forest"}`. Waits in line if needed. Raises StrataError. Without `follows` the client ignores offers of moves, and servers
        rescue it: for tests of servers."""
        world = World(matchmaker, http, on_event, follows)
        for attempt in range(1, _ENTER_ATTEMPTS + 1):
            try:
                await world._join(wish)
                return world
            except StrataError as error:
                if not error.retryable or attempt == _ENTER_ATTEMPTS:
                    raise
            await asyncio.sleep(backoff(attempt))
        raise AssertionError("the loop returns or raises")

    @property
    def entities(self) -> dict[int, Entity]:
        return self._view.entities

    @property
    def self_id(self) -> int:
        return int(self._live["entity"])

    @property
    def me(self) -> Entity | None:
        """The player's own entity. None until the first snapshot."""
        return self._view.entities.get(self.self_id)

    @property
    def connected(self) -> bool:
        """False while entering again, and after the end."""
        return self._room is not None

    @property
    def map(self) -> str:
        return str(self._live["map"])

    @property
    def copy(self) -> str:
        return str(self._live["copy"])

    @property
    def server(self) -> str:
        return str(self._live["server"])

    @property
    def tick_rate(self) -> float:
        return float(self._live["tickRate"])

    @property
    def self_state(self) -> Any:
        """The game's own data for the player, from the newest `live`."""
        return self._live["self"]

    @property
    def inputs(self) -> InputLog:
        return self._inputs

    def input(self, data: Any) -> bool:
        """Sends one input of the game. False while entering again: the input is dropped."""
        if self._room is None:
            return False
        numbered = self._inputs.add(data)
        if not self._following.withheld:
            self._room.send_input(numbered.seq, numbered.data)
        return True

    def send(self, kind: str, data: Any) -> None:
        """Sends a message of the game. Between two servers it waits for the next one."""
        if self._room is not None and not self._following.withheld:
            self._room.send(kind, data)
        else:
            self._outbox = [*self._outbox, (kind, data)][-_OUTBOX:]

    async def say(self, channel: str, text: str, to: str | None = None) -> None:
        """Talks on `map`, `party`, `guild`, `whisper` (`to`: a name) or `custom` (`to`: a channel). Raises StrataError. A move loses no message and sends none twice."""
        await self._chat.say(channel, text, to)

    async def join_channel(self, name: str) -> None:
        """Raises StrataError. Custom channels last as long as the world."""
        await self._chat.join(name)

    async def leave_channel(self, name: str) -> None:
        """Raises StrataError."""
        await self._chat.leave(name)

    async def travel(self, wish: dict[str, Any]) -> None:
        """Moves to another place without a loading screen. Raises StrataError: MOVE_FAILED when the server gives the move up."""
        move = await self._matchmaker.travel(wish, lambda line: self._emit("line", line))
        done = self._travels.setdefault(move, asyncio.get_running_loop().create_future())
        try:
            await done
        finally:
            self._travels.pop(move, None)

    async def leave(self) -> None:
        await self._end(None)

    # --- entering -----------------------------------------------------------------------------------------------

    async def _join(self, wish: dict[str, Any]) -> None:
        seat = await self._matchmaker.seat(wish, lambda line: self._emit("line", line))
        self._waiting_for_live = asyncio.get_running_loop().create_future()
        room = await Room.join(self._http, seat, self)
        try:
            live_room, live = await asyncio.wait_for(self._waiting_for_live, _LIVE_S)
        except TimeoutError:
            self._spawn(room.leave())
            raise unreachable(f"the character was not live within {_LIVE_S:.0f} s") from None
        finally:
            self._waiting_for_live = None
        self._play_on(live_room, live)

    async def _enter_again(self, cause: StrataError) -> None:
        since = time.monotonic()
        if self._room is not None:
            self._spawn(self._room.leave())
        self._room = None
        self._chat.pause()
        self._inputs.forget()
        self.stream.interrupted()
        wish = {"map": self.map}
        failures = 0
        while not self.closed:
            self._emit("reconnecting", cause)
            failures += 1
            await asyncio.sleep(backoff(failures, first=0.2))
            try:
                await self._join(wish)
                if self.closed and self._room is not None:
                    await self._room.leave()
            except StrataError as error:
                cause = error
                if error.code == "BAD_REQUEST" and "map" in wish:
                    wish = {"instance": self.map}
                elif not error.retryable:
                    await self._end(error)
                continue
            self._emit("reconnected", time.monotonic() - since)
            return

    # --- what a room tells (RoomListener) -------------------------------------------------------------------------

    def snapshot(self, room: Room, snapshot: Snapshot, size: int) -> None:
        if room is not self._room:
            return
        self._inputs.confirm(snapshot.last_input)
        self._view.apply(snapshot)
        self.stream.snapshot(self.me, size, len(self._view.entities))

    def message(self, room: Room, kind: str, data: Any) -> None:
        name = kind.removeprefix("__strata:")
        if room is self._standby:
            if name == "live":
                self._go_live(room, data)
            elif name == "chat":
                self._chat.received_early(data)
        elif room is not self._room:
            if name == "live" and self._waiting_for_live is not None and not self._waiting_for_live.done():
                # At once: the snapshots that follow in the same read belong to this room.
                self._room = room
                self._waiting_for_live.set_result((room, data))
                self._live = data
        elif name == kind:
            self._emit("message", (kind, data))
        elif name == "chat":
            self._chat.received(data)
        elif name == "said":
            self._chat.answered(data)
        elif name == "offer" and not self._follows:
            self._emit(name, data)
        elif name in ("offer", "go", "stay"):
            self._advance(name, data)  # type: ignore[arg-type]
        elif name == "border":
            self._spawn(self._request_border_seat(data["map"]))
        else:
            self._emit(name, data)

    def closed_by_server(self, room: Room, error: StrataError) -> None:
        if self.closed:
            return
        if room is self._standby:
            self._standby = None
            self._chat.forget_early()
            self._advance("destination_closed", {"reason": str(error)})
        elif room is self._room:
            # While B claims, A's close with LIVE_ELSEWHERE may arrive before B's `live`.
            if error.retryable or self._following.withheld:
                self._advance("source_closed", cause=error)
            else:
                self._spawn(self._end(error))
        elif self._waiting_for_live is not None and not self._waiting_for_live.done():
            self._waiting_for_live.set_exception(error)

    # --- moves ------------------------------------------------------------------------------------------------------

    def _advance(self, event: EventName, message: dict[str, Any] | None = None, cause: StrataError | None = None) -> None:
        before = self._following
        self._following, effects = follow(before, event, message)
        for effect in effects:
            self._perform(effect, before, message or {}, cause)
        if not self._following.withheld and self._go_timer is not None:
            self._go_timer.cancel()
            self._go_timer = None
        if event == "stay" and message is not None:
            self._travel_ends(message["move"], message["reason"])

    def _perform(self, effect: Effect, before: Following, message: dict[str, Any], cause: StrataError | None) -> None:
        match effect:
            case Effect.CONNECT:
                self._spawn(self._stand_by(message))
            case Effect.ARRIVED:
                self._tell_source("__strata:arrived", {"move": before.move})
            case Effect.DECLINED:
                self._tell_source("__strata:declined", {"move": before.move, "reason": str(message.get("reason", "closed"))[:200]})
            case Effect.ACTIVATE:
                self._inputs.confirm(message["lastInput"])
                self._chat.pause()
                self._go_timer = asyncio.get_running_loop().call_later(_GO_S, self._advance, "timeout")
                if self._standby is not None:
                    self._standby.send("__strata:activate", {"move": message["move"], "epoch": message["epoch"]})
            case Effect.SWAP:
                pass  # done by _go_live, which has the message
            case Effect.STAY:
                if self._room is not None:
                    self._resend(self._room, message["lastInput"])
                    self._chat.live(self._room)
                self._emit("move_failed", message)
            case Effect.LEAVE_DESTINATION:
                if self._standby is not None:
                    self._spawn(self._standby.leave())
                self._standby = None
                self._chat.forget_early()
            case Effect.ENTER_AGAIN:
                self._spawn(self._enter_again(cause or unreachable("the move was never finished")))

    async def _stand_by(self, offer: dict[str, Any]) -> None:
        at = offer.get("at") or self.me or {"x": 0.0, "y": 0.0}
        try:
            seat = Seat(offer["address"], offer["copy"], offer["ticket"])
            room = await Room.join(self._http, seat, self, {axis: at[axis] for axis in ("x", "y", "z") if axis in at})
        except StrataError as error:
            self._advance("refused", {**offer, "reason": str(error)})
            return
        if self.closed or self._following.state != "connecting" or self._following.move != offer["move"]:
            await room.leave()
            return
        self._standby = room
        self._chat.rejoin(room)
        self._advance("connected", offer)

    def _go_live(self, room: Room, live: dict[str, Any]) -> None:
        offer = self._following.offer
        if self._following.state != "going" or offer is None:
            return
        source, before = self._room, self._live
        self._advance("live")
        self._standby = None
        self._room = room
        self._view.keep(offer["companions"])
        self.stream.moved(same_map=before["map"] == live["map"])
        self._play_on(room, live)
        if source is not None:
            self._spawn(source.leave())
        self._travel_ends(offer["move"], None)
        self._emit("moved", {"move": offer["move"], "cause": offer["cause"], "from": before["copy"], "to": live["copy"], "from_server": before["server"], "to_server": live["server"]})

    async def _request_border_seat(self, map_name: str) -> None:
        if self._following.state != "idle":
            return
        try:
            await self._matchmaker.travel({"map": map_name, "border": True})
        except StrataError:
            pass  # without a seat the player cannot cross; the server asks again

    def _play_on(self, room: Room, live: dict[str, Any]) -> None:
        self._live = live
        self._room = room
        self._resend(room, live["lastInput"])
        self._chat.live(room)
        self._emit("live", live)

    def _resend(self, room: Room, last_input: int) -> None:
        for numbered in self._inputs.replay(last_input):
            room.send_input(numbered.seq, numbered.data)
        waiting, self._outbox = self._outbox, []
        for kind, data in waiting:
            room.send(kind, data)

    def _tell_source(self, kind: str, data: Any) -> None:
        if self._room is not None:
            self._room.send(kind, data)

    def _travel_ends(self, move: str, failure: str | None) -> None:
        # The move may end before the answer of the matchmaker names it.
        done = self._travels.setdefault(move, asyncio.get_running_loop().create_future())
        if done.done():
            return
        if failure is None:
            done.set_result(None)
        else:
            done.set_exception(StrataError("MOVE_FAILED", failure, True))
            done.exception()  # nobody may wait for it

    # --- ending -----------------------------------------------------------------------------------------------------

    async def _end(self, error: StrataError | None) -> None:
        if self.closed:
            return
        self.closed = True
        if self._go_timer is not None:
            self._go_timer.cancel()
        rooms = [room for room in (self._standby, self._room) if room is not None]
        self._room = self._standby = None
        self._chat.close()
        self._emit("closed", error)
        await asyncio.gather(*(room.leave() for room in rooms))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
