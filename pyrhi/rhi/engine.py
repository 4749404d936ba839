"""What the measuring of RHI asks of an engine: ImageJ's numbers for one image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pyrhi.imagej.mask import Region
    from pyrhi.imagej.roi import Roi


class Engine(Protocol):
    """Measures ROIs on the slices of one image."""

    def measure(self, roi: Roi, slice_number: int, /) -> tuple[tuple[float, ...], Region]:
        """Return the row of Results (in the order of HEADINGS) and the pixels of a ROI."""

    def mean(self, region: Region, slice_number: int, /) -> float:
        """Return the calibrated mean of a region."""

    def values(self, region: Region, slice_number: int, /) -> NDArray[np.float64]:
        """Return the calibrated values of the region's box, shape ``(height, width)``."""

    def above_threshold(
        self, region: Region, slice_number: int, method: str, /
    ) -> NDArray[np.bool_]:
        """Return which pixels of the region's box ``setAutoThreshold("METHOD dark")`` takes."""
