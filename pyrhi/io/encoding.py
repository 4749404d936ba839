"""The text of a table that was saved on any computer, where its bytes leave no doubt."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from pyrhi.errors import TableError

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = (
    "{path}: is not UTF-8 text, and its letters can be read in more than one way; in Excel save "
    "it as 'CSV UTF-8 (comma delimited)' or as .xlsx"
)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Letters that Windows has at one place in Western and Central Europe (cp1252, cp1250) and that are
# no letters in DOS code pages; each beside a Latin letter, as runs of them are Cyrillic or Chinese.
_WESTERN = "ÄÖÜäöüéóúíçëîôâÉÇ"
_WESTERN_BYTES = re.escape(_WESTERN.encode("cp1252"))
_ONE_BY_ONE = re.compile(
    rb"(?:[\x00-\x7f]|(?<=[A-Za-z])[%(w)s]\xdf?|(?<![\x80-\xff])[%(w)s]\xdf?(?=[A-Za-z])"
    rb"|(?<=[A-Za-z])\xdf)*" % {b"w": _WESTERN_BYTES}
)

_COMMON_HANZI = 0.5
_NO_HANGUL = 0.25
_LETTERS = 0xC0


def decode_table(data: bytes, path: Path, /) -> str:
    """Decode the bytes of a table.

    Parameters
    ----------
    data
        UTF-8 with or without byte order mark, UTF-16 with one, GB18030 or cp1252.
    path
        Its file, for the message.

    Returns
    -------
    str

    Raises
    ------
    TableError
        If the bytes are none of these, or could be one as well as another.

    Notes
    -----
    cp1252 is taken where every letter beyond ASCII stands beside a Latin letter and is the same
    one in cp1250; GB18030 where at least half of its characters are common Chinese ones (level 1
    of GB 2312), a quarter stand where Korean text has no syllable, and not all of their bytes are
    capitals in Cyrillic or Greek code pages.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name, path)
    if b"\0" in data:
        msg = f"{path}: is not a text table; save it as CSV UTF-8 or as .xlsx"
        raise TableError(msg)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _ONE_BY_ONE.fullmatch(data):
        return data.decode("cp1252")
    if _is_chinese(data):
        return data.decode("gb18030")
    raise TableError(UNKNOWN.format(path=path))


def _strict(data: bytes, name: str, path: Path) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        msg = f"{path}: starts as {name.upper()} and is none ({error.reason}); save it again"
        raise TableError(msg) from None


def _is_chinese(data: bytes) -> bool:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    pairs = [c.encode("gb18030") for c in text if not c.isascii()]
    hanzi = [p for p in pairs if len(p) == 2 and p[0] >= 0xB0 and p[1] >= 0xA1]
    common = sum(p[0] <= 0xD7 for p in hanzi)
    # Korean syllables have the lead bytes B0 to C8.
    apart = sum(0xC9 <= p[0] <= 0xD7 for p in hanzi)
    # Kana stand at the same places in Japanese EUC.
    kana = any(p[0] in (0xA4, 0xA5) for p in pairs)
    # Cyrillic and Greek words in capitals, of an even length, are Chinese to the decoder.
    letters = all(byte >= _LETTERS for byte in data if byte > 0x7F)
    return (
        not kana
        and not letters
        and common >= _COMMON_HANZI * len(pairs)
        and bool(hanzi)
        and apart >= _NO_HANGUL * len(hanzi)
    )
