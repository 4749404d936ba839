"""The tables of a run as pandas DataFrames, made of the records themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyrhi.batch.write import ROI_HEADINGS, SLICE_INDEX
from pyrhi.imagej.results import HEADINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from pyrhi.io.tables import Cell
    from pyrhi.rhi.record import ImageRecord


def frame(headings: Sequence[str], rows: Iterable[Sequence[Cell]], /) -> pd.DataFrame:
    """Return a table of cells.

    Parameters
    ----------
    headings
        Column names.
    rows
        Cells of each row; every number keeps its last digit.
    """
    import pandas as pd

    return pd.DataFrame([list(row) for row in rows], columns=list(headings))


def roi_frame(records: Iterable[ImageRecord], /) -> pd.DataFrame:
    """Return ``rois.csv`` of some records.

    Parameters
    ----------
    records
        Images that were measured; those with an error have no rows.
    """
    import pandas as pd

    records = [record for record in records if not record.error]
    tables = [record.rois for record in records]
    values = np.concatenate([np.zeros((0, len(HEADINGS))), *(t.numbers for t in tables)])
    text_columns: dict[str, list[str] | list[int]] = {
        "Image": [record.name for record in records for _ in record.rois.names],
        "Slice": [number for table in tables for number in table.slices],
        "Roi": [name for table in tables for name in table.names],
        "Role": [role for table in tables for role in table.roles],
        "Level": [level for table in tables for level in table.levels],
    }
    numbers = np.delete(values, SLICE_INDEX, axis=1)
    measured = dict(zip(ROI_HEADINGS[len(text_columns) :], numbers.T, strict=True))
    return pd.DataFrame({**text_columns, **measured})
