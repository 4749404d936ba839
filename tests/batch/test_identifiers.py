"""What identifies a patient, and what is a common word."""

from __future__ import annotations

from pyrhi.batch.identifiers import Identifiers


def test_common_words_are_no_identifiers():
    found = Identifiers()
    for text in ("series", "t2_axial_014", "T12", "L2 cord", "MR", "1", "anonymous"):
        found.add_words(text, "file or folder name")
    assert found.kind_of == {}
