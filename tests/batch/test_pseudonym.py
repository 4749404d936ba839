"""Pseudonyms: those that anybody computes with the key, and none without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrhi.batch.pseudonym import KEY_BYTES, pseudonym, read_key
from pyrhi.errors import OutputError

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def test_a_pseudonym_is_the_printed_hmac_in_letters():
    """RFC 4231, test case 6; the letters are RFC 4648's, five bits each."""
    printed = 0x60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54
    letters = "".join(LETTERS[printed >> (251 - 5 * i) & 31] for i in range(12))
    text = "Test Using Larger Than Block-Size Key - Hash Key First"
    assert pseudonym(text, b"\xaa" * 131) == "P" + letters


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "below" / "key"
    key = read_key(path)
    assert len(key) == KEY_BYTES
    assert path.stat().st_mode & 0o077 == 0
    assert read_key(path) == key


def test_an_empty_file_of_a_process_that_was_killed_becomes_a_key(tmp_path: Path):
    (tmp_path / "key").touch()
    assert len(read_key(tmp_path / "key")) == KEY_BYTES


def test_a_word_is_no_key(tmp_path: Path):
    (tmp_path / "key").write_text("secret")
    with pytest.raises(OutputError, match="is too short for a key"):
        read_key(tmp_path / "key")
    assert (tmp_path / "key").read_text() == "secret"
