"""Pseudonyms: those that anybody computes with the key, and none without it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pyrhi.batch.pseudonym import KEY_BYTES, pseudonym, read_key
from pyrhi.errors import OutputError


def test_a_pseudonym_is_what_openssl_computes_under_the_key():
    key = bytes(range(KEY_BYTES))
    done = subprocess.run(
        f"openssl dgst -sha256 -mac HMAC -macopt hexkey:{key.hex()} -binary | base32",
        input="Müller 4711".encode(), shell=True, capture_output=True, check=True,
    )  # fmt: skip
    assert pseudonym("Müller 4711", key) == "P" + done.stdout.decode()[:12]


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
