"""Words for people: a number with its noun, a foreign error on one line."""

from __future__ import annotations

MOST_LETTERS = 200
"""Letters of a foreign error that go into a message."""


def counted(count: int, noun: str, /) -> str:
    """Return a number with its noun.

    Parameters
    ----------
    count
        How many.
    noun
        One of them; more take an s.

    Returns
    -------
    str

    Examples
    --------
    >>> counted(1, "image"), counted(0, "image"), counted(2, "statistic")
    ('1 image', '0 images', '2 statistics')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def one_line(error: BaseException, /) -> str:
    r"""Return the text of a foreign error on one line, short enough for a table cell.

    Examples
    --------
    >>> one_line(OSError("no such\n  file")), one_line(KeyError(0))
    ('no such file', 'damaged: KeyError 0')
    """
    text = " ".join(str(error).split())
    if not text or isinstance(error, LookupError):  # whose text is a key alone
        text = f"damaged: {type(error).__name__} {text}".rstrip()
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
