"""UIDs that depend on what they name alone: the same inputs give the same objects."""

from __future__ import annotations

import uuid

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "pyrhi.report.dicom")
UUID_ROOT = "2.25."
"""Root of UIDs made of a UUID (PS3.5, B.2)."""


def uid_of(*parts: str) -> str:
    """Return the UID of what the parts name.

    Parameters
    ----------
    *parts
        Texts that together name one thing.

    Examples
    --------
    >>> uid_of("a", "b") == uid_of("a", "b") != uid_of("ab")
    True
    """
    return f"{UUID_ROOT}{uuid.uuid5(NAMESPACE, chr(0).join(parts)).int}"
