"""From the rows of a patient to one RHI."""

from __future__ import annotations

import math

from pyrhi.rhi.measure import RhiNumbers
from pyrhi.rhi.summary import PatientTotals, Summary


def row(level: str, cord: float, high: float, unit: str = "mm^2", slice_: int = 1) -> RhiNumbers:
    return RhiNumbers(
        image="a.tif",
        slice=slice_,
        level=level,
        cord_area=cord,
        high_area=high,
        unit=unit,
        cord_percent=math.nan,
        high_percent=math.nan,
        rhi=100.0 * high / cord,
        high_count=int(high > 0),
        high_outside_percent=math.nan,
        cord_mean=math.nan,
        high_mean=math.nan,
        excluded_pixels=0,
        plane="",
        method="drawn",
        warnings=(),
    )


def totals_of(rows: list[RhiNumbers], location: str = "") -> PatientTotals:
    totals = PatientTotals("p")
    totals.add(rows, [], location=location)
    return totals


def test_a_patients_rhi_is_max_mean_or_pooled_of_the_slices():
    rows = [row("L2", 100.0, 10.0), row("L3", 300.0, 90.0, slice_=2), row("T1", 50.0, 0.0)]
    result = totals_of(rows).row(Summary.MAX)
    assert (result.rhi, result.rhi_max, result.rhi_mean) == (30.0, 30.0, 40.0 / 3)
    assert result.rhi_pooled == 100.0 * 100.0 / 450.0
    assert (result.images, result.slices, result.lesions) == (1, 2, 2)
    assert result.location == "lumbar"
    assert totals_of(rows).row(Summary.POOLED).rhi == result.rhi_pooled
    assert totals_of(rows, "sacral").row(Summary.MEAN).location == "sacral"


def test_pooled_needs_one_unit():
    rows = [row("", 100.0, 10.0), row("", 100.0, 10.0, "pixel^2")]
    assert math.isnan(totals_of(rows).row(Summary.MAX).rhi_pooled)
