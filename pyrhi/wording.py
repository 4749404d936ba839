"""Words beside numbers, as people read them."""

from __future__ import annotations


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
