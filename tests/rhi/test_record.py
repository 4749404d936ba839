"""Tables of ROIs without pixels: no row is lost where tables are joined."""

from __future__ import annotations

import numpy as np
from rigs.rois import measured, rect

from pyrhi.rhi.record import RoiTable


def test_a_joined_table_has_every_row_in_order():
    rows = measured([rect("cord", 2, 2, 9, 9), rect("high L2", 3, 3, 4, 4)], slices=3).rois
    whole = RoiTable.of(rows)
    parts = [RoiTable.of(rows[:1]), RoiTable.of([]), RoiTable.of(rows[1:])]
    joined = RoiTable.joined(parts)
    for name in ("slices", "names", "roles", "levels"):
        assert getattr(joined, name) == getattr(whole, name)
    np.testing.assert_array_equal(joined.numbers, whole.numbers)
    assert whole.slices == tuple(row.slice for row in rows)
    assert whole.names[:2] == ("cord", "high L2")
