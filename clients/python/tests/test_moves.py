import unittest

from strata_client.inputs import InputLog
from strata_client.moves import IDLE, Effect, Following, follow
from strata_client.wire.snapshot import Snapshot
from strata_client.view import View

OFFER = {"move": "m1"}
OTHER = {"move": "m2"}


def played(*events: tuple[object, ...]) -> tuple[Following, list[Effect]]:
    """The state and the effects of the last event."""
    following, effects = IDLE, []
    for event in events:
        following, effects = follow(following, *event)  # type: ignore[arg-type]
    return following, effects


GOING = (("offer", OFFER), ("connected", OFFER), ("go", OFFER))


class Moves(unittest.TestCase):
    def test_standby_go_live(self) -> None:
        self.assertEqual(played(*GOING[:1])[1], [Effect.CONNECT])
        self.assertEqual(played(*GOING[:2])[1], [Effect.ARRIVED])
        following, effects = played(*GOING)
        self.assertEqual((effects, following.withheld), ([Effect.ACTIVATE], True))
        self.assertEqual(played(*GOING, ("live",)), (IDLE, [Effect.SWAP]))

    def test_a_second_offer_replaces_the_first_before_go_only(self) -> None:
        self.assertEqual(played(*GOING[:2], ("offer", OTHER))[1], [Effect.LEAVE_DESTINATION, Effect.CONNECT])
        self.assertEqual(played(*GOING, ("offer", OTHER))[1], [])
        self.assertEqual(played(*GOING[:2], ("offer", OFFER))[1], [])

    def test_go_of_another_move_is_ignored(self) -> None:
        self.assertEqual(played(*GOING[:2], ("go", OTHER))[1], [])

    def test_failures_before_go_are_declined(self) -> None:
        self.assertEqual(played(GOING[0], ("refused", OFFER)), (IDLE, [Effect.DECLINED]))
        self.assertEqual(played(*GOING[:2], ("destination_closed",)), (IDLE, [Effect.DECLINED]))

    def test_stay_ends_the_move_at_any_time(self) -> None:
        for length in (1, 2, 3):
            self.assertEqual(played(*GOING[:length], ("stay", OFFER)), (IDLE, [Effect.LEAVE_DESTINATION, Effect.STAY]))
        self.assertEqual(played(*GOING, ("stay", OTHER))[1], [])

    def test_after_go_the_character_is_never_given_up_while_one_server_may_hold_it(self) -> None:
        self.assertEqual(played(*GOING, ("source_closed",))[1], [])
        self.assertEqual(played(*GOING, ("source_closed",), ("live",)), (IDLE, [Effect.SWAP]))
        self.assertEqual(played(*GOING, ("destination_closed",))[1], [Effect.DECLINED])
        self.assertEqual(played(*GOING, ("destination_closed",), ("source_closed",)), (IDLE, [Effect.LEAVE_DESTINATION, Effect.ENTER_AGAIN]))
        self.assertEqual(played(*GOING, ("source_closed",), ("destination_closed",)), (IDLE, [Effect.ENTER_AGAIN]))
        self.assertEqual(played(*GOING, ("timeout",)), (IDLE, [Effect.LEAVE_DESTINATION, Effect.ENTER_AGAIN]))

    def test_a_closed_source_without_a_move_enters_again(self) -> None:
        self.assertEqual(played(("source_closed",)), (IDLE, [Effect.ENTER_AGAIN]))


class Inputs(unittest.TestCase):
    def test_inputs_are_numbered_and_replayed_after_the_last_applied_one(self) -> None:
        log = InputLog()
        for data in "abc":
            log.add(data)
        self.assertEqual([(one.seq, one.data) for one in log.replay(1)], [(2, "b"), (3, "c")])
        log.confirm(3)
        self.assertEqual((log.pending, log.add("d").seq), (0, 4))

    def test_numbers_continue_after_those_that_the_server_knows(self) -> None:
        log = InputLog()
        log.confirm(40)
        self.assertEqual(log.add("a").seq, 41)

    def test_a_broken_connection_drops_what_nobody_confirmed(self) -> None:
        log = InputLog()
        log.add("a")
        log.forget()
        self.assertEqual((log.pending, log.dropped, log.add("b").seq), (0, 1, 2))


class Views(unittest.TestCase):
    def test_entities_stay_the_same_objects_over_a_move_and_companions_are_kept(self) -> None:
        view = View()
        view.apply(Snapshot(1, 0, True, [{"id": 1, "x": 0}, {"id": 2, "x": 0}, {"id": 3, "x": 0}], [], []))
        me = view.entities[1]
        view.keep([2])
        view.apply(Snapshot(7, 0, True, [{"id": 1, "x": 5}], [], []))
        self.assertIs(view.entities[1], me)
        self.assertEqual((me["x"], set(view.entities)), (5, {1, 2}))
        view.apply(Snapshot(100, 0, False, [], [], []))
        self.assertEqual(set(view.entities), {1})
