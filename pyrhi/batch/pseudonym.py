"""Pseudonyms of patients: the same for the same identifier and key, and no way back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from pyrhi.errors import OutputError
from pyrhi.io.regular import check_regular

KEY_BYTES = 32
PSEUDONYM_LETTERS = 12


def default_key_path() -> Path:
    """Return where the key of this user lies: outside of every output folder."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "pyrhi" / "pseudonym.key"


def read_key(path: Path | None = None, /) -> bytes:
    """Read the key of the pseudonyms; it is made, readable by its owner only, if there is none.

    Parameters
    ----------
    path
        Key file; None takes the user's own.

    Raises
    ------
    OutputError
        If it cannot be read or made, or is too short to be a key.
    """
    path = path or default_key_path()
    try:
        check_regular(path)
        # An empty file is that of a process that was killed before it wrote the key.
        if not path.exists() or path.stat().st_size == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            import secrets

            with os.fdopen(handle, "wb") as stream:
                stream.write(secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:
        msg = f"{path}: the key of the pseudonyms cannot be read or made ({error.strerror})"
        raise OutputError(msg) from None
    if len(key) < KEY_BYTES:
        msg = f"{path}: is too short for a key ({len(key)} bytes); give a file of {KEY_BYTES}"
        raise OutputError(msg)
    return key


def pseudonym(identifier: str, key: bytes, /) -> str:
    """Return the pseudonym of an identifier: HMAC-SHA-256 under the key, as letters and digits.

    Parameters
    ----------
    identifier
        For example a DICOM PatientID.
    key
        The key; without it the identifier cannot be guessed from its pseudonym.

    Examples
    --------
    >>> pseudonym("12345", b"k" * 32) == pseudonym("12345", b"k" * 32)
    True
    """
    digest = hmac.new(key, identifier.encode("utf-8"), hashlib.sha256).digest()
    return "P" + base64.b32encode(digest).decode("ascii")[:PSEUDONYM_LETTERS]
