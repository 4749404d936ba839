"""``rhi.csv`` and ``failures.csv`` as ``pyrhi measure`` writes them, and tables for the screen."""

from __future__ import unicode_literals

from ij.measure import ResultsTable
from java.io import File, IOException
from java.lang import String, UnsupportedOperationException
from java.nio.file import Files, StandardCopyOption
from java.nio.file.attribute import PosixFilePermissions

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.text import csv_line

RHI_HEADINGS = (
    "Patient", "Image", "Slice", "Level", "RHI", "CordArea", "HighArea", "Unit", "CordPercent",
    "HighPercent", "HighCount", "HighOutsidePercent", "CordMean", "HighMean", "ExcludedPixels",
    "Plane", "Method", "Warnings",
)  # fmt: skip
"""Columns of ``rhi.csv``."""

FAILURE_HEADINGS = ("Image", "Error")
"""Columns of ``failures.csv``."""

_DECIMALS = 4


def cells_of(patient, image, row):
    """Return the cells of one row of ``rhi.csv``."""
    return [
        patient,
        image,
        row.slice,
        row.level,
        row.rhi,
        row.cord_area,
        row.high_area,
        row.unit,
        row.cord_percent,
        row.high_percent,
        row.high_count,
        row.high_outside_percent,
        row.cord_mean,
        row.high_mean,
        row.excluded_pixels,
        "",  # what plane a slice has in the patient is not known to ImageJ
        row.method,
        "; ".join(row.warnings),
    ]


def write_csv(path, headings, rows):
    """Write a table whole or not at all: beside its place, then renamed."""
    target = File(path)
    if target.isDirectory():
        raise RhiError(messages.IS_A_FOLDER.format(path=path))
    text = csv_line(headings) + "".join(csv_line(row) for row in rows)
    temporary = None
    try:
        temporary = Files.createTempFile(
            target.getAbsoluteFile().getParentFile().toPath(), "." + target.getName(), ".tmp"
        )
        Files.write(temporary, String(text).getBytes("UTF-8"))
        _readable_as_usual(temporary)
        Files.move(temporary, target.toPath(), StandardCopyOption.REPLACE_EXISTING)
        temporary = None
    except IOException as error:
        reason = error.getMessage() or error.getClass().getSimpleName()
        raise RhiError(messages.NOT_WRITTEN.format(path=path, reason=reason))
    finally:
        if temporary is not None:
            Files.deleteIfExists(temporary)


def _readable_as_usual(path):
    """Give a temporary file, which only its owner may read, the rights of a usual one."""
    try:
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"))
    except UnsupportedOperationException:
        pass  # Windows has no such rights


def make_folder(path):
    """Make an output folder and the folders above it."""
    folder = File(path)
    if folder.isFile():
        raise RhiError(messages.IS_A_FILE.format(path=path))
    if not folder.isDirectory() and not folder.mkdirs():
        raise RhiError(messages.NOT_MADE.format(path=path))


def rhi_table(rows):
    """Return the table for the screen: Patient, which is the same in all rows, comes last."""
    return results_table(RHI_HEADINGS[1:] + RHI_HEADINGS[:1], [row[1:] + row[:1] for row in rows])


def results_table(headings, rows):
    """Return a table of ImageJ's with the same cells; text cells stay text."""
    table = ResultsTable()
    table.setPrecision(_DECIMALS)
    table.showRowNumbers(False)
    for cells in rows:
        table.incrementCounter()
        for heading, value in zip(headings, cells):
            table.addValue(heading, value)
    return table
