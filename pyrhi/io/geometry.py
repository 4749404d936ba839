"""Where the voxels of an image lie in the patient, and how two grids of voxels fit each other.

One convention everywhere: voxel (column, row, slice) to mm, x to the patient's right, y to the
front, z to the head (RAS+, as nibabel has it). DICOM and ITK point x and y the other way (LPS).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

SAME_VOXEL = 1e-3
"""Largest distance, in voxels, at which two grids are the same."""

CLEARLY_LARGER = 1.2
"""Slices were acquired across the axis whose spacing is at least this many times each other's."""

OBLIQUE_COSINE = 0.8
"""A slice whose normal is farther from all three axes is oblique (the threshold that
``com.pixelmed.dicom.ImageOrientationPatient`` of PixelMed and dicom3tools use)."""

PLANES = ("sagittal", "coronal", "axial")
"""Planes in the order of the axes that they are cut across: right, front, head."""

OBLIQUE = "oblique"
ACQUIRED = "acquired"
PLANE_CHOICES = (ACQUIRED, "sagittal", "axial", "coronal")

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_LETTERS = (("L", "R"), ("P", "A"), ("I", "S"))


@dataclass(frozen=True, eq=False)
class Geometry:
    """The grid of an image's voxels.

    Parameters
    ----------
    affine
        Voxel (column, row, slice) to mm, RAS+, float64, shape ``(4, 4)``.
    shape
        Number of columns, rows and slices.
    origins
        Where the first voxel of each slice lies, shape ``(slices, 3)``, for slices that are not
        evenly spaced; None where the affine says all.
    """

    affine: NDArray[np.float64]
    shape: tuple[int, int, int]
    origins: NDArray[np.float64] | None = None

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of neighbouring voxels along the three axes, in mm."""
        x, y, z = np.linalg.norm(self.affine[:3, :3], axis=0).tolist()
        return x, y, z

    def to_world(self, voxels: NDArray[np.float64], /) -> NDArray[np.float64]:
        """Return where voxels lie in mm; both of shape ``(n, 3)``."""
        if self.origins is None:
            points: NDArray[np.float64] = voxels @ self.affine[:3, :3].T + self.affine[:3, 3]
            return points
        inside: NDArray[np.float64] = voxels[:, :2] @ self.affine[:3, :2].T
        numbers = np.arange(len(self.origins))
        origin = np.stack([np.interp(voxels[:, 2], numbers, o) for o in self.origins.T], axis=1)
        points = inside + origin
        return np.asarray(points, np.float64)

    def to_voxels(self, points: NDArray[np.float64], /) -> NDArray[np.float64]:
        """Return which voxels lie at points in mm; both of shape ``(n, 3)``."""
        if self.origins is None:
            inverse = np.linalg.inv(self.affine)
            voxels: NDArray[np.float64] = points @ inverse[:3, :3].T + inverse[:3, 3]
            return voxels
        normal = np.cross(self.affine[:3, 0], self.affine[:3, 1])
        normal /= np.linalg.norm(normal)
        along = self.origins @ normal
        order = np.argsort(along)
        slices = _extrapolated(points @ normal, along[order], order.astype(np.float64))
        numbers = np.arange(len(along))
        origin = np.stack([np.interp(slices, numbers, o) for o in self.origins.T], axis=1)
        inside = np.linalg.lstsq(self.affine[:3, :2], (points - origin).T, rcond=None)[0].T
        return np.column_stack([inside, slices])


def _extrapolated(
    x: NDArray[np.float64], known: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate, and go on beyond both ends by the steps there."""
    out = np.interp(x, known, values)
    first, last = known[1] - known[0], known[-1] - known[-2]
    below, above = x < known[0], x > known[-1]
    step = values[1] - values[0], values[-1] - values[-2]
    out[below] = values[0] + (x[below] - known[0]) / first * step[0]
    out[above] = values[-1] + (x[above] - known[-1]) / last * step[1]
    return out


def from_lps(
    affine: ArrayLike, shape: Sequence[int], origins: ArrayLike | None = None, /
) -> Geometry | None:
    """Return the geometry of an affine in DICOM's and ITK's axes; None if it cannot be one."""
    ras = None if origins is None else np.asarray(origins, np.float64) * [-1.0, -1.0, 1.0]
    return usable_geometry(_LPS_TO_RAS @ np.asarray(affine, np.float64), shape, ras)


def usable_geometry(
    affine: ArrayLike, shape: Sequence[int], origins: NDArray[np.float64] | None = None, /
) -> Geometry | None:
    """Return the geometry of an affine in RAS+; None where it is no grid in space."""
    matrix = np.asarray(affine, np.float64)
    if not np.isfinite(matrix).all():
        return None
    sizes = np.linalg.norm(matrix[:3, :3], axis=0)
    if sizes.min() <= 0 or abs(np.linalg.det(matrix[:3, :3] / sizes)) < 1e-3:
        return None
    columns, rows, slices = (int(n) for n in shape)
    return Geometry(matrix, (columns, rows, slices), origins)


@dataclass(frozen=True)
class Fit:
    """How a grid is turned so that it lies on another one.

    Parameters
    ----------
    axes
        Which axis of the grid runs along the other's first, second and third.
    flips
        True where that axis runs backwards.
    start
        Voxel of the other grid on which the turned grid starts.
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]
    start: tuple[int, int, int]


def fit_grids(image: Geometry, mask: Geometry, /) -> Fit | None:
    """Return how the voxels of a mask become voxels of an image; None if they are other ones.

    Parameters
    ----------
    image, mask
        Both grids.

    Returns
    -------
    fit : Fit or None
        Such that every voxel of the turned mask lies within `SAME_VOXEL` of a voxel on the
        image's lattice. It may cover another part of it than the image does.

    Examples
    --------
    >>> import numpy as np
    >>> image = Geometry(np.diag([0.5, 0.5, 3.0, 1.0]), (20, 30, 9))
    >>> flipped = np.diag([-0.5, 0.5, 3.0, 1.0])
    >>> flipped[0, 3] = 9.5
    >>> fit_grids(image, Geometry(flipped, (20, 30, 9))).flips
    (True, False, False)
    """
    best: tuple[float, Fit] | None = None
    for axes, flips in _turns():
        shape = tuple(mask.shape[a] for a in axes)
        corners = _outline(shape, image.origins is not None or mask.origins is not None)
        there = image.to_voxels(mask.to_world(_turned(corners, axes, flips, mask.shape)))
        start = np.rint(there[0])
        off = float(np.abs(there - corners - start).max())
        if off <= SAME_VOXEL and (best is None or off < best[0] - SAME_VOXEL / 10):
            x, y, z = (int(v) for v in start)
            best = off, Fit(axes, flips, (x, y, z))
    return None if best is None else best[1]


def _turns() -> Iterator[tuple[tuple[int, int, int], tuple[bool, bool, bool]]]:
    """All ways to lay one box along another's axes, the unturned one first."""
    for axes in itertools.permutations(range(3)):
        for flips in itertools.product((False, True), repeat=3):
            yield axes, flips  # type: ignore[misc]


def _turned(
    voxels: NDArray[np.float64],
    axes: Sequence[int],
    flips: Sequence[bool],
    shape: Sequence[int],
) -> NDArray[np.float64]:
    """Return the voxels of the unturned grid of `shape` that turned ones are."""
    out = np.empty_like(voxels)
    for to, (axis, flip) in enumerate(zip(axes, flips, strict=True)):
        out[:, axis] = shape[axis] - 1 - voxels[:, to] if flip else voxels[:, to]
    return out


def _outline(shape: Sequence[int], all_along: bool) -> NDArray[np.float64]:
    """Voxels that decide where a grid lies: its corners, or its edges where it is uneven."""
    ends: list[Sequence[int]] = [(0, n - 1) for n in shape]
    sets = [ends]
    if all_along:
        sets = [[range(n) if a == b else ends[b] for b in range(3)] for a, n in enumerate(shape)]
    return np.array([v for one in sets for v in itertools.product(*one)], np.float64)


def turn(values: NDArray[Any], fit: Fit, /) -> NDArray[Any]:
    """Turn values of shape ``(slices, rows, columns)`` as `fit` says; no value changes.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.arange(6).reshape(1, 2, 3)
    >>> turn(values, Fit((1, 0, 2), (False, False, False), (0, 0, 0))).tolist()
    [[[0, 3], [1, 4], [2, 5]]]
    """
    # Arrays count their axes from the slice down: axis a of the grid is axis 2 - a of the array.
    order = tuple(2 - fit.axes[2 - i] for i in range(3))
    out = values.transpose(order)
    return out[tuple(slice(None, None, -1 if fit.flips[2 - i] else 1) for i in range(3))]


def nearest(values: NDArray[Any], mask: Geometry, image: Geometry, /) -> NDArray[Any]:
    """Return the values that lie nearest to an image's voxels, 0 outside the mask's grid.

    Parameters
    ----------
    values
        Values of the mask, shape ``(slices, rows, columns)``.
    mask, image
        Both grids.

    Returns
    -------
    values : ndarray
        On the grid of the image; a voxel in the middle of two takes the upper one, as
        ``itk::NearestNeighborInterpolateImageFunction`` rounds.
    """
    columns, rows, slices = image.shape
    out = np.zeros((slices, rows, columns), values.dtype)
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    flat = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)]).astype(np.float64)
    limits = np.array(mask.shape)
    for number in range(slices):
        flat[:, 2] = number
        there = np.floor(mask.to_voxels(image.to_world(flat)) + 0.5).astype(np.int64)
        inside = ((there >= 0) & (there < limits)).all(axis=1)
        i, j, k = there[inside].T
        out[number].reshape(-1)[inside] = values[k, j, i]
    return out


def difference(image: Geometry, mask: Geometry, /) -> str:
    """Say in a few words, with mm, how the grid of a mask differs from that of an image."""
    axes, flips = _nearest_turn(image, mask)
    shape = tuple(mask.shape[a] for a in axes)
    voxels = [mask.spacing[a] for a in axes]
    there = mask.to_world(_turned(_outline(shape, False), axes, flips, mask.shape))
    here = image.to_world(_outline(image.shape, False))
    apart = np.linalg.norm(there - here, axis=1)
    farthest = f"up to {_mm(apart.max())} mm"
    if not np.allclose(voxels, image.spacing, rtol=SAME_VOXEL, atol=0.0):
        return f"its voxels are {_by(voxels)} mm, not {_by(image.spacing)} mm ({farthest} apart)"
    angle = _angle(image, mask, axes, flips)
    if angle > 0.05:
        return f"its grid is turned by {angle:.1f} degrees ({farthest} apart)"
    if image.origins is not None or mask.origins is not None:
        return f"the slices are not evenly spaced ({farthest} apart)"
    first = image.to_voxels(there[:1])
    beside = np.linalg.norm(image.to_world(first) - image.to_world(np.rint(first)))
    if shape != image.shape and beside > SAME_VOXEL * min(image.spacing):
        return f"its voxels lie {_mm(beside)} mm beside those of the image"
    if shape != image.shape:
        return f"it has {_by(shape)} voxels, not {_by(image.shape)} ({farthest} apart)"
    return f"it lies {_mm(np.linalg.norm((there - here).mean(axis=0)))} mm away"


def _nearest_turn(
    image: Geometry, mask: Geometry
) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """The turn under which the axes of both grids run most alike."""
    ours = image.affine[:3, :3] / image.spacing
    theirs = mask.affine[:3, :3] / mask.spacing

    def alike(turned: tuple[tuple[int, int, int], tuple[bool, bool, bool]]) -> float:
        axes, flips = turned
        signs = np.where(flips, -1.0, 1.0)
        return float(sum(signs[i] * ours[:, i] @ theirs[:, axes[i]] for i in range(3)))

    return max(_turns(), key=alike)


def _angle(image: Geometry, mask: Geometry, axes: Sequence[int], flips: Sequence[bool]) -> float:
    cosines = [
        abs(float(image.affine[:3, i] @ mask.affine[:3, axes[i]]))
        / (image.spacing[i] * mask.spacing[axes[i]])
        for i in range(3)
    ]
    return math.degrees(math.acos(min(1.0, *cosines)))


def _by(numbers: Sequence[float]) -> str:
    return " x ".join(f"{n:.4g}" for n in numbers)


def _mm(distance: np.floating | float) -> str:
    return f"{float(distance):.3g}"


def acquired_axis(spacing: Sequence[float], /) -> int:
    """Return the axis across which the slices were acquired: the third unless another is clear.

    Examples
    --------
    >>> acquired_axis((3.3, 0.6, 0.6)), acquired_axis((0.7, 0.9, 0.8)), acquired_axis((1, 1, 1))
    (0, 2, 2)
    """
    widest = int(np.argmax(spacing))
    others = [s for i, s in enumerate(spacing) if i != widest]
    return widest if spacing[widest] >= CLEARLY_LARGER * max(others) else 2


def axis_of_plane(geometry: Geometry, plane: str, /) -> int:
    """Return the axis of the voxels across which a plane is cut: 0, 1 or 2."""
    wanted = PLANES.index(plane)
    return int(np.flatnonzero(_anatomical(geometry)[:, 0] == wanted)[0])


def plane_of(geometry: Geometry | None, /) -> str:
    """Return the plane of the slices: one of `PLANES`, ``"oblique"``, or empty without geometry.

    Examples
    --------
    >>> import numpy as np
    >>> plane_of(Geometry(np.diag([0.5, 0.5, 3.0, 1.0]), (20, 30, 9)))
    'axial'
    """
    if geometry is None:
        return ""
    normal = np.cross(geometry.affine[:3, 0], geometry.affine[:3, 1])
    cosines = np.abs(normal / np.linalg.norm(normal))
    axis = int(np.argmax(cosines))
    return PLANES[axis] if cosines[axis] > OBLIQUE_COSINE else OBLIQUE


def _anatomical(geometry: Geometry) -> NDArray[np.int64]:
    """Which of right, front, head each voxel axis runs along, and whether towards it (1, -1)."""
    from nibabel.orientations import io_orientation

    return np.asarray(io_orientation(geometry.affine)).astype(np.int64)


@dataclass(frozen=True)
class Display:
    """How a slice is shown the right way up, and what to write at its four edges.

    Parameters
    ----------
    transpose
        True where rows and columns change places, before the flips.
    flip_x, flip_y
        True where the picture is mirrored left to right, top to bottom.
    left, right, top, bottom
        Letters of the directions: L, R, A, P, S (head) or I (foot).
    """

    transpose: bool
    flip_x: bool
    flip_y: bool
    left: str
    right: str
    top: str
    bottom: str

    def picture(self, plane: NDArray[Any], /) -> NDArray[Any]:
        """Return a slice of shape ``(height, width, ...)`` the right way up."""
        out = plane.swapaxes(0, 1) if self.transpose else plane
        return out[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1]

    def point(self, x: float, y: float, height: int, width: int, /) -> tuple[float, float]:
        """Return where a point of the slice lies in the picture; sizes are the slice's own.

        Notes
        -----
        Coordinates are edges of pixels, as ImageJ counts them: the slice is ``width`` wide.
        """
        if self.transpose:
            x, y, height, width = y, x, width, height
        return (width - x if self.flip_x else x), (height - y if self.flip_y else y)


def display_of(geometry: Geometry, /) -> Display:
    """Return how the slices of a geometry are shown as radiologists are used to.

    Notes
    -----
    Head up, and front up on axial slices; the patient's right on the left, and on sagittal slices
    the front on the left.

    Examples
    --------
    >>> import numpy as np
    >>> shown = display_of(Geometry(np.diag([0.5, 0.5, 3.0, 1.0]), (20, 30, 9)))
    >>> shown.left, shown.top, shown.flip_x, shown.flip_y
    ('R', 'A', True, True)
    """
    axes = _anatomical(geometry)
    (x_axis, x_sign), (y_axis, y_sign) = axes[0].tolist(), axes[1].tolist()
    # The vertical is the head's axis where it lies in the slice, else the front's.
    transpose = x_axis > y_axis
    if transpose:
        (x_axis, x_sign), (y_axis, y_sign) = (y_axis, y_sign), (x_axis, x_sign)
    # On the left: right (axis 0) or front (axis 1). On top: front or head.
    flip_x, flip_y = x_sign > 0, y_sign > 0
    away_x, to_x = _LETTERS[x_axis]
    away_y, to_y = _LETTERS[y_axis]
    return Display(transpose, flip_x, flip_y, to_x, away_x, to_y, away_y)
