"""The client's side of one move: a pure state machine. A is the server where the player is, B the destination.

| state                        | event                 | next                        | effects                       |
| ---------------------------- | --------------------- | --------------------------- | ----------------------------- |
| idle                         | offer                 | connecting                  | Connect                       |
| connecting, standing         | offer of another move | connecting                  | LeaveDestination, Connect     |
| connecting                   | connected             | standing                    | Arrived                       |
| connecting                   | refused               | idle                        | Declined                      |
| standing                     | destination closed    | idle                        | Declined                      |
| standing                     | go                    | going                       | Activate                      |
| going                        | live                  | idle                        | Swap                          |
| going                        | destination closed    | returning, idle when alone  | Declined, EnterAgain when alone |
| connecting ... returning     | stay of this move     | idle                        | LeaveDestination, Stay        |
| idle                         | stay                  | idle                        | Stay                          |
| going                        | source closed         | going, alone                | none                          |
| all others                   | source closed         | idle                        | LeaveDestination, EnterAgain  |
| going, returning             | timeout               | idle                        | LeaveDestination, EnterAgain  |

Other events change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, Literal

Offer = dict[str, Any]


class Effect(Enum):
    CONNECT = auto()
    ARRIVED = auto()
    DECLINED = auto()
    ACTIVATE = auto()
    SWAP = auto()
    STAY = auto()
    LEAVE_DESTINATION = auto()
    ENTER_AGAIN = auto()


State = Literal["idle", "connecting", "standing", "going", "returning"]
EventName = Literal["offer", "connected", "refused", "go", "live", "stay", "source_closed", "destination_closed", "timeout"]


@dataclass(frozen=True, slots=True)
class Following:
    state: State = "idle"
    offer: Offer | None = None
    alone: bool = False
    """A has closed."""

    @property
    def move(self) -> str | None:
        return None if self.offer is None else str(self.offer["move"])

    @property
    def withheld(self) -> bool:
        """No server applies inputs now."""
        return self.state in ("going", "returning")


IDLE = Following()


def follow(following: Following, event: EventName, message: dict[str, Any] | None = None) -> tuple[Following, list[Effect]]:
    """`message`: of `offer`, `go` and `stay`; for `connected` and `refused` the offer that was followed."""
    state = following.state
    same_move = message is not None and following.move == message.get("move")
    match event:
        case "offer":
            if following.withheld or same_move:
                return following, []
            leave = [] if state == "idle" else [Effect.LEAVE_DESTINATION]
            return Following("connecting", message), [*leave, Effect.CONNECT]
        case "connected" if state == "connecting" and same_move:
            return replace(following, state="standing"), [Effect.ARRIVED]
        case "refused" if state == "connecting" and same_move:
            return IDLE, [Effect.DECLINED]
        case "go" if state == "standing" and same_move:
            return replace(following, state="going"), [Effect.ACTIVATE]
        case "live" if state == "going":
            return IDLE, [Effect.SWAP]
        case "stay" if state == "idle":
            return IDLE, [Effect.STAY]
        case "stay" if same_move:
            return IDLE, [Effect.LEAVE_DESTINATION, Effect.STAY]
        case "destination_closed" if state == "standing":
            return IDLE, [Effect.DECLINED]
        case "destination_closed" if state == "going":
            if following.alone:
                return IDLE, [Effect.ENTER_AGAIN]
            return replace(following, state="returning"), [Effect.DECLINED]
        case "source_closed" if state == "going":
            return replace(following, alone=True), []
        case "source_closed":
            leave = [] if state == "idle" else [Effect.LEAVE_DESTINATION]
            return IDLE, [*leave, Effect.ENTER_AGAIN]
        case "timeout" if following.withheld:
            return IDLE, [Effect.LEAVE_DESTINATION, Effect.ENTER_AGAIN]
    return following, []
