"""Agreement of two outlines of one region: overlap and distances."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need

BOTH_EMPTY = "neither reader marked it: full agreement by definition, no distance"
ONE_EMPTY = "only one reader marked it: no overlap, no distance"


@dataclass(frozen=True)
class OutlineAgreement:
    """Agreement of two outlines.

    Parameters
    ----------
    dice, jaccard
        Overlap, 0 to 1.
    hausdorff
        Largest distance from one outline to the other, in the unit of the spacing.
    mean_surface_distance
        Mean distance over the pixels of both outlines.
    note
        What is defined rather than measured.
    """

    dice: float
    jaccard: float
    hausdorff: float
    mean_surface_distance: float
    note: str = ""


def outline_agreement(
    first: npt.ArrayLike, second: npt.ArrayLike, /, *, spacing: tuple[float, float] = (1.0, 1.0)
) -> OutlineAgreement:
    """Compare two masks of one region.

    Parameters
    ----------
    first, second
        Masks, shape ``(height, width)``; what is not 0 belongs to the region.
    spacing
        Height and width of a pixel.

    Returns
    -------
    OutlineAgreement
        Both empty: Dice and Jaccard 1, distances NaN. One empty: 0 and NaN. The note says so.

    Raises
    ------
    ParameterError
        If the shapes differ or are not of two dimensions.

    Notes
    -----
    Dice 2 a∩b / (a + b), Jaccard a∩b / a∪b. An outline is the pixels of a mask that share an
    edge with a pixel outside; distances run between pixel centres (``scipy.ndimage``). Hausdorff
    distance and mean (symmetric) surface distance as in Heimann T et al. IEEE Trans Med Imaging
    2009; 28: 1251-1265.
    """
    a, b = np.asarray(first) != 0, np.asarray(second) != 0
    if a.shape != b.shape or a.ndim != 2:
        msg = f"masks of shape {a.shape} and {b.shape} cannot be compared"
        raise ParameterError(msg)
    sizes = int(a.sum()), int(b.sum())
    if sizes == (0, 0):
        return OutlineAgreement(1.0, 1.0, math.nan, math.nan, BOTH_EMPTY)
    if 0 in sizes:
        return OutlineAgreement(0.0, 0.0, math.nan, math.nan, ONE_EMPTY)
    common = int((a & b).sum())
    distances = _distances(a, b, spacing)
    return OutlineAgreement(
        dice=2 * common / sum(sizes),
        jaccard=common / (sum(sizes) - common),
        hausdorff=float(distances.max()),
        mean_surface_distance=float(distances.mean()),
    )


def _distances(
    a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_], spacing: tuple[float, float]
) -> npt.NDArray[np.float64]:
    """Return the distance of every outline pixel of either mask to the other's outline."""
    ndimage = need("scipy.ndimage", "study")
    rows, columns = np.nonzero(a | b)
    # Nothing outside of both masks matters; one pixel around keeps outlines at the image's edge.
    box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    outlines = []
    for mask in (a, b):
        padded = np.pad(mask[box], 1)
        outlines.append(padded & ~ndimage.binary_erosion(padded))
    far = [ndimage.distance_transform_edt(~outline, sampling=spacing) for outline in outlines]
    return np.concatenate([far[1][outlines[0]], far[0][outlines[1]]])
