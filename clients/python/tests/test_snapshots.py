"""The vectors of docs/reference/protocol-vectors.json and protocol-vectors-refused.json."""

import unittest

from strata_client.errors import ProtocolError
from strata_client.wire.layout import read_layout
from strata_client.wire.snapshot import SnapshotDecoder

from .vectors import vectors


class Snapshots(unittest.TestCase):
    def test_right_ones_say_what_stands_beside_them(self) -> None:
        connections = vectors("protocol-vectors")
        self.assertGreater(len(connections), 1)
        for connection in connections:
            decoder = SnapshotDecoder(read_layout(connection["layout"]))
            for step in connection["snapshots"]:
                with self.subTest(connection["title"], tick=step["snapshot"]["tick"]):
                    read = decoder.decode(bytes.fromhex(step["hex"]))
                    told = {
                        "tick": read.tick,
                        "lastInput": read.last_input,
                        "full": read.full,
                        "entered": read.entered,
                        "changed": read.changed,
                        "left": read.left,
                    }
                    self.assertEqual(told, step["snapshot"])

    def test_wrong_snapshots_are_refused(self) -> None:
        refused = vectors("protocol-vectors-refused")["snapshots"]
        self.assertGreater(len(refused), 10)
        for vector in refused:
            with self.subTest(vector["reason"]):
                decoder = SnapshotDecoder(read_layout(vector["layout"]))
                for valid in vector["before"]:
                    decoder.decode(bytes.fromhex(valid))
                with self.assertRaises(ProtocolError):
                    decoder.decode(bytes.fromhex(vector["hex"]))

    def test_wrong_layouts_are_refused(self) -> None:
        refused = vectors("protocol-vectors-refused")["layouts"]
        self.assertGreater(len(refused), 5)
        for vector in refused:
            with self.subTest(vector["reason"]), self.assertRaises(ProtocolError):
                read_layout(vector["layout"])

    def test_a_field_of_an_unknown_type_is_skipped(self) -> None:
        later = {"name": "later", "type": "quaternion", "bytes": 2}
        blob = {"name": "blob", "type": "blob", "bytes": 0}
        u8 = {"name": "health", "type": "u8", "bytes": 1, "more": "ignored"}
        layout = read_layout({"layout": 1, "dimensions": 2, "position": {"bytes": 1, "step": 1}, "fields": [later, blob, u8], "new": True})
        read = SnapshotDecoder(layout).decode(bytes.fromhex("1201000001" + "0007" + "0102" + "07" + "aabb" + "03010203" + "5a"))
        self.assertEqual(read.entered, [{"id": 7, "x": 1, "y": 2, "health": 90}])
