"""Puts the files for ImageJ and Fiji into the wheel; editable installations read the checkout."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = ("macros", "fiji_scripts")


class FijiFiles(BuildHookInterface):
    """Include the folders in a wheel only.

    As ``force-include`` in pyproject.toml they would be copied into site-packages by an editable
    installation too, as half a second package ``pyrhi`` that grows old there.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the folders where this is not an editable installation."""
        if version != "editable":
            build_data["force_include"].update({f: f"pyrhi/fiji/files/{f}" for f in FOLDERS})
