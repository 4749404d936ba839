"""What each DICOM object of pyrhi says of itself: UIDs made of the input alone, and who made it."""

from __future__ import annotations

import uuid
from typing import Any

from pyrhi import __version__

MANUFACTURER = "The pyrhi developers"
MODEL = "pyrhi"

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


def instance(name: str, key: str, /, *, series_number: int, description: str) -> dict[str, Any]:
    """Return highdicom's keywords of an object that is the only one of its series.

    Parameters
    ----------
    name
        What the object is, for its UIDs.
    key
        What the UIDs depend on.
    series_number, description
        Of the series.
    """
    return {
        "series_instance_uid": uid_of(f"{name} series", key),
        "series_number": series_number,
        "series_description": description,
        "sop_instance_uid": uid_of(name, key),
        "instance_number": 1,
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": MODEL,
        "software_versions": __version__,
    }
