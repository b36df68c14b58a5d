import unittest

from strata_client.errors import ProtocolError, from_body, from_close, from_text
from strata_client.wire.frames import Bytes, Handshake, Ignored, Message, Pong, Refusal, read_frame, write_message

from .vectors import REFERENCE


class Frames(unittest.TestCase):
    def test_a_message_is_written_and_read(self) -> None:
        frame = write_message("__strata:input", {"seq": 1, "data": {"dx": 0.5}})
        self.assertEqual(frame[:16], bytes([13, 0xA0 + 14]) + b"__strata:input")
        self.assertEqual(read_frame(frame), Message("__strata:input", {"seq": 1, "data": {"dx": 0.5}}))

    def test_the_frame_of_the_page_is_the_one_that_is_written(self) -> None:
        page = (REFERENCE / "protocol.md").read_text()
        self.assertIn(write_message("__strata:arrived", {"move": "m1"}).hex(" "), page)

    def test_other_frames_are_told_apart(self) -> None:
        self.assertEqual(read_frame(bytes([17, 0xA1]) + b"s" + bytes([18, 1])), Bytes("s", bytes([18, 1])))
        self.assertEqual(read_frame(bytes([10, 1, 65, 6]) + b"schema"), Handshake())
        self.assertEqual(read_frame(bytes([18])), Pong())
        self.assertEqual(read_frame(bytes([15, 1, 2, 3])), Ignored())
        self.assertEqual(read_frame(bytes([11, 0xCD, 0x0E, 0x10, 0xA2]) + b"NO"), Refusal(4110, "NO"))
        self.assertEqual(read_frame(bytes([13, 0xA1]) + b"x"), Message("x", None))

    def test_frames_that_end_too_early_are_refused(self) -> None:
        for frame in (b"", bytes([13]), bytes([13, 0xA5, 65]), bytes([13, 0xA1, 65, 0x81]), bytes([11, 0xCD, 0x0E])):
            with self.subTest(frame.hex()), self.assertRaises(ProtocolError):
                read_frame(frame)


class Errors(unittest.TestCase):
    def test_a_refused_join_has_the_code_of_its_text(self) -> None:
        error = from_body(409, {"code": 409, "error": "TICKET_USED: The ticket was already used."})
        self.assertEqual((error.code, error.retryable), ("TICKET_USED", True))
        self.assertEqual(from_text("something else").code, "UNREACHABLE")

    def test_a_close_code_is_a_code_of_the_catalogue_or_an_accident(self) -> None:
        self.assertEqual((from_close(4146).code, from_close(4146).retryable), ("RESCUED", True))
        self.assertEqual((from_close(4140).code, from_close(4140).retryable), ("LIVE_ELSEWHERE", False))
        self.assertEqual((from_close(1006).code, from_close(1006).retryable), ("UNREACHABLE", True))
