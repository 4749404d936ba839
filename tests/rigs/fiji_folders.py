"""Folders laid out as those of Fiji and ImageJ, old and new, and small files to install."""

from __future__ import annotations

import gzip
from pathlib import Path
from xml.etree import ElementTree as ET

from pyrhi.fiji import ShippedFile

EPOCH = "1767225600"  # 2026-01-01 00:00:00 UTC
FIRST, SECOND = 20260101000000, 20260101000001
"""Timestamps of a site that is made at `EPOCH`, and of what is made anew then."""

STARTUP = 'macro "AutoRun" { }\n'

LAYOUTS: dict[str, tuple[str, ...]] = {
    # Fiji before 2025, the same on every system but for the launchers.
    "Fiji.app": (
        "ImageJ-linux64",
        "ImageJ-win64.exe",
        "Contents/Info.plist",
        "Contents/MacOS/ImageJ-macosx",
        "db.xml.gz",
        "README.md",
        "jars/ij-1.54f.jar",
        "jars/imagej-legacy-1.2.1.jar",
        "jars/scijava-common-2.97.1.jar",
        "jars/Lib/imcalc.py",
        "java/linux-amd64/zulu8/bin/java",
        "luts/fire.lut",
        "macros/StartupMacros.fiji.ijm",
        "macros/toolsets/Brush.txt",
        "plugins/Analyze/Analyze_Particles.bsh",
        "plugins/bio-formats_plugins-7.0.jar",
        "scripts/Plugins/Utilities/Record_Desktop.py",
    ),
    # Fiji since 2025: launchers of Jaunch, the Mac's application is one launcher of several.
    "Fiji": (
        "fiji",
        "fiji.bat",
        "fiji-linux-x64",
        "fiji-windows-x64.exe",
        "Fiji.app/Contents/Info.plist",
        "Fiji.app/Contents/MacOS/fiji-macos-arm64",
        "config/fiji.py",
        "config/environment.yml",
        "config/jaunch/fiji.toml",
        "config/jaunch/jaunch-linux-x64",
        "db.xml.gz",
        "README.md",
        "WELCOME.md",
        "jars/ij-1.54p.jar",
        "jars/imagej-legacy-2.0.2.jar",
        "jars/linux64/javafx-base-21.jar",
        "jars/scijava-common-2.99.2.jar",
        "java/linux64/jdk/bin/java",
        "macros/StartupMacros.fiji.ijm",
        "macros/toolsets/Brush.txt",
        "plugins/Analyze/Analyze_Particles.bsh",
        "scripts/Plugins/Utilities/Record_Desktop.py",
    ),
    # ImageJ for Linux and Windows.
    "ImageJ": (
        "ij.jar",
        "ImageJ",
        "ImageJ.exe",
        "ImageJ.cfg",
        "jre/bin/java",
        "luts/fire.lut",
        "macros/StartupMacros.txt",
        "macros/toolsets/Brush Tools.txt",
        "plugins/Filters/Smooth_.class",
    ),
    # ImageJ for the Mac: the jar is in the application, the plugins beside it.
    "ImageJ_Mac": (
        "ImageJ.app/Contents/Info.plist",
        "ImageJ.app/Contents/Java/ij.jar",
        "macros/StartupMacros.txt",
        "plugins/Filters/Smooth_.class",
    ),
}


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def folders(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_dir()}


def shipped(**contents: str) -> list[ShippedFile]:
    """Files to install in place of pyrhi's own: ``a_ijm="text"`` goes to plugins/RHI/a.ijm."""
    return [
        ShippedFile(
            f"plugins/RHI/{name.replace('_ijm', '.ijm')}", Path(__file__), text.encode(), False
        )
        for name, text in contents.items()
    ]


def lay_out(name: str, parent: Path) -> Path:
    """Make a folder like one of `LAYOUTS`."""
    for file in LAYOUTS[name]:
        path = parent / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STARTUP if "StartupMacros" in file else file)
    return parent / name


def database(site: Path) -> dict[str, ET.Element]:
    """Return the records of an update site by their file."""
    root = ET.fromstring(gzip.decompress((site / "db.xml.gz").read_bytes()))
    assert root.tag == "pluginRecords"
    return {plugin.attrib["filename"]: plugin for plugin in root}
