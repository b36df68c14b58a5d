"""The vectors of docs/reference/ticket-vectors.json."""

import unittest
from dataclasses import asdict

from strata_client.errors import StrataError
from strata_client.wire.ticket import verify_ticket

from .vectors import vectors


class Tickets(unittest.TestCase):
    def test_right_ones_say_what_stands_beside_them(self) -> None:
        told = vectors("ticket-vectors")
        self.assertGreater(len(told["accepted"]), 1)
        for vector in told["accepted"]:
            with self.subTest(vector["title"]):
                read = verify_ticket(vector["token"], told["keys"], told["now"])
                self.assertEqual({name: value for name, value in asdict(read).items() if value is not None}, vector["ticket"])

    def test_wrong_ones_are_refused_with_their_code(self) -> None:
        told = vectors("ticket-vectors")
        self.assertGreater(len(told["refused"]), 10)
        for vector in told["refused"]:
            with self.subTest(vector["reason"]):
                with self.assertRaises(StrataError) as refused:
                    verify_ticket(vector["token"], told["keys"], told["now"])
                self.assertEqual(refused.exception.code, vector["code"])
