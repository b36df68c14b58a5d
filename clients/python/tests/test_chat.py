import asyncio
import unittest
from typing import Any

from strata_client.chat import ChatLine, ChatOrder
from strata_client.errors import StrataError


class Server:
    """What a server received."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def send(self, kind: str, data: Any) -> None:
        self.sent.append((kind, data))


def chat(number: int, sender: str = "ada", channel: str = "map", stream: str = "s") -> dict[str, Any]:
    return {"id": f"{stream}:{number}", "channel": channel, "from": {"character": sender, "name": sender}, "text": str(number), "at": 0}


class Order(unittest.TestCase):
    def test_what_came_before_or_is_older_is_dropped_for_each_sender_and_channel(self) -> None:
        order = ChatOrder()
        self.assertEqual([order.is_new(chat(n)) for n in (1, 2, 2, 1, 4, 3)], [True, True, False, False, True, False])
        self.assertTrue(order.is_new(chat(1, sender="bela")))
        self.assertTrue(order.is_new(chat(1, channel="guild")))
        self.assertTrue(order.is_new(chat(1, stream="another session")))

    def test_messages_of_operators_are_dropped_only_when_they_came_before(self) -> None:
        order = ChatOrder()
        message = {"id": "notice:7", "channel": "announcement", "text": "", "at": 0}
        self.assertEqual([order.is_new(message), order.is_new(message), order.is_new({**message, "id": "notice:6"})], [True, False, True])

    def test_the_stream_that_was_silent_for_longest_is_forgotten(self) -> None:
        order = ChatOrder(capacity=2)
        for number, sender in enumerate(("ada", "bela", "ada", "cyd"), start=1):
            self.assertTrue(order.is_new(chat(number, sender)))
        # Ada spoke after Bela.
        self.assertFalse(order.is_new(chat(1, "ada")))
        self.assertTrue(order.is_new(chat(1, "bela")))


class Line(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.shown: list[str] = []
        self.line = ChatLine(lambda message: self.shown.append(message["text"]))

    async def test_what_has_no_answer_is_sent_again_to_the_next_server_with_the_same_id(self) -> None:
        first, second = Server(), Server()
        self.line.live(first)
        said = asyncio.create_task(self.line.say("map", "hello"))
        await asyncio.sleep(0)
        self.line.pause()
        later = asyncio.create_task(self.line.say("whisper", "psst", "Bela"))
        await asyncio.sleep(0)
        self.assertEqual(len(first.sent), 1)
        self.line.live(second)
        self.assertEqual(second.sent[0], first.sent[0])
        self.assertEqual(second.sent[1][1] | {"id": ""}, {"id": "", "channel": "whisper", "text": "psst", "to": "Bela"})
        self.line.answered({"id": second.sent[0][1]["id"]})
        await said
        self.line.answered({"id": second.sent[1][1]["id"], "code": "CHAT_LISTENER_ABSENT", "message": "no"})
        with self.assertRaises(StrataError) as refused:
            await later
        self.assertEqual(refused.exception.code, "CHAT_LISTENER_ABSENT")

    async def test_custom_channels_are_joined_at_each_server(self) -> None:
        first, second = Server(), Server()
        self.line.live(first)
        joining = asyncio.create_task(self.line.join("trade"))
        await asyncio.sleep(0)
        self.line.answered({"id": first.sent[0][1]["id"]})
        await joining
        self.line.rejoin(second)
        self.assertEqual([(kind, data["name"], data["action"]) for kind, data in second.sent], [("__strata:channel", "trade", "join")])

    async def test_messages_from_the_destination_wait_until_it_is_live(self) -> None:
        source, destination = Server(), Server()
        self.line.live(source)
        self.line.received(chat(1))
        for number in (1, 2, 3):
            self.line.received_early(chat(number))
        self.line.received(chat(2))
        self.assertEqual(self.shown, ["1", "2"])
        self.line.live(destination)
        self.assertEqual(self.shown, ["1", "2", "3"])
        self.line.received_early(chat(4))
        self.line.forget_early()
        self.line.live(source)
        self.assertEqual(self.shown, ["1", "2", "3"])

    async def test_leaving_the_world_ends_requests(self) -> None:
        said = asyncio.create_task(self.line.say("map", "hello"))
        await asyncio.sleep(0)
        self.line.close()
        with self.assertRaises(StrataError) as closed:
            await said
        self.assertEqual(closed.exception.code, "CLOSED")
