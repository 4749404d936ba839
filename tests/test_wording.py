"""A line to a person counts as people do."""

from __future__ import annotations

from pyrhi.wording import counted


def test_one_image_is_not_one_images():
    assert [counted(n, "image") for n in (0, 1, 2, 11)] == [
        "0 images", "1 image", "2 images", "11 images",
    ]  # fmt: skip
