"""Macros, toolset and scripts for ImageJ and Fiji: where they go, and putting them there."""

from pyrhi.fiji.install import Action, Done, Report, install, uninstall
from pyrhi.fiji.layout import (
    PACKAGE_FOLDER,
    Kind,
    ShippedFile,
    Target,
    find_target,
    shipped_files,
)
from pyrhi.fiji.package import Package, package

__all__ = [
    "PACKAGE_FOLDER",
    "Action",
    "Done",
    "Kind",
    "Package",
    "Report",
    "ShippedFile",
    "Target",
    "find_target",
    "install",
    "package",
    "shipped_files",
    "uninstall",
]
