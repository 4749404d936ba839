"""Patients with their RHI from a CSV file or from the table ``RHI`` on the screen."""

from __future__ import unicode_literals

import csv
import math

from java.io import File, IOException
from java.nio.file import Files

from pyrhi_fiji import messages
from pyrhi_fiji.beside import refuse_pipe
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.predictions import Patient
from pyrhi_fiji.text import FORMULA_STARTS, quoted
from pyrhi_fiji.tiers import location_in, number_group, number_in

EXCLUDED = "exclude"
"""Rating of a slice that a reader left out of the patient's RHI."""

_DELIMITERS = (",", ";", "\t")
_BYTE_ORDER_MARK = "\ufeff"


def read_patients(path):
    """Read ``patients.csv``, or ``rhi.csv`` with the largest RHI of each patient.

    Slices of ``rhi.csv`` that are rated ``exclude`` do not count, as in ``patients.csv``.

    Returns
    -------
    list
        Name, visit and `Patient` of each.
    """
    columns, rows = _read_table(path)
    for column in ("patient", "rhi"):
        if column not in columns:
            raise RhiError(
                messages.COLUMN_MISSING.format(
                    path=path, column=quoted(column), columns=", ".join(columns)
                )
            )
    name = File(path).getName()
    by_slice = "slice" in columns
    patients, seen = [], {}
    for line, cells in rows:
        row = dict(zip(columns, cells))
        where = "%s, line %d, column " % (name, line)
        who, visit = row["patient"], row.get("visit", "")
        if not who:
            raise RhiError(messages.PATIENT_MISSING.format(where=where + "patient"))
        rhi = number_in(row["rhi"], where + "rhi")
        if rhi is not None and rhi < 0:
            raise RhiError(messages.RHI_NEGATIVE.format(where=where + "rhi", rhi="%g" % rhi))
        if by_slice and row.get("rating", "").lower() == EXCLUDED:
            rhi = None
        location = location_in(row.get("location"), where + "location")
        number = number_group(row.get("lesions"), where + "lesions")
        if (who, visit) not in seen:
            patient = Patient(rhi, location, number)
            seen[who, visit] = (patient, line)
            patients.append((who, visit, patient))
            continue
        patient, before = seen[who, visit]
        if not by_slice:
            raise RhiError(
                messages.PATIENT_TWICE.format(
                    where=where + "patient", name=quoted(who), line=before
                )
            )
        if rhi is not None and (patient.rhi is None or rhi > patient.rhi):
            patient.rhi = rhi
    return patients


def patients_of_table(table):
    """Return the patients of an ImageJ table with the columns Patient and RHI, by largest RHI."""
    columns = [] if table is None else list(table.getHeadings())
    if "Patient" not in columns or "RHI" not in columns:
        raise RhiError(messages.NO_RHI_TABLE)
    patients, seen = [], {}
    for i in range(table.size()):
        name, rhi = table.getStringValue("Patient", i), table.getValue("RHI", i)
        rhi = None if math.isnan(rhi) else rhi
        if name not in seen:
            seen[name] = Patient(rhi)
            patients.append((name, "", seen[name]))
        elif rhi is not None and (seen[name].rhi is None or rhi > seen[name].rhi):
            seen[name].rhi = rhi
    if not patients:
        raise RhiError(messages.NO_RHI_TABLE)
    return patients


def _read_table(path):
    """Return the columns in small letters, and line number and cells of each row."""
    refuse_pipe(path)
    try:
        data = Files.readAllBytes(File(path).toPath()).tostring()
    except IOException as error:
        reason = error.getMessage() or "no such file"
        raise RhiError(messages.UNREADABLE.format(path=path, reason=reason))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise RhiError(messages.NOT_UTF8.format(path=path))
    if text.startswith(_BYTE_ORDER_MARK):
        text = text[1:]
    first = text.split("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    # Jython's csv reads bytes.
    lines = text.encode("utf-8").splitlines(True)
    reader = csv.reader(lines, delimiter=str(delimiter), strict=True)
    columns, rows, line = [], [], 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            cells = [cell.decode("utf-8").strip() for cell in cells]
            if not any(cells):
                continue
            if not columns:
                columns = [cell.lower() for cell in cells]
                for i, column in enumerate(columns):
                    if column in columns[:i]:
                        raise RhiError(
                            messages.COLUMN_TWICE.format(path=path, column=quoted(column))
                        )
            elif len(cells) != len(columns):
                raise RhiError(
                    messages.CELL_COUNT.format(
                        path=path, line=start, cells=len(cells), columns=len(columns)
                    )
                )
            else:
                rows.append((start, [_plain(cell) for cell in cells]))
    except csv.Error as error:
        raise RhiError(
            messages.NOT_A_TABLE.format(path=path, line=reader.line_num, reason=error)
        )
    if not rows:
        raise RhiError(messages.NO_ROWS.format(path=path))
    return columns, rows


def _plain(cell):
    """Take back the apostrophe that stands before a text which would be a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell
