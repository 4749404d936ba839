"""Options that say which masks an image has and how they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyrhi.rhi.mask_options import MaskOptions

FILES = ("cord_mask", "high_mask", "masks")
"""Options that name masks, as `pyrhi.batch.plan.find_tasks` takes them."""

OPTIONS = (
    click.option(
        "--cord-mask",
        help="Mask of the cord or vertebra: NIfTI, NRRD, MetaImage, TIFF, PNG, DICOM SEG or "
        "RTSTRUCT; {stem} stands for the image's name.",
    ),
    click.option("--high-mask", help="Mask of the high-intensity area."),
    click.option(
        "--masks",
        help="One file with both: .seg.nrrd, DICOM SEG, RTSTRUCT, or a label map with --labels.",
    ),
    click.option(
        "--labels",
        multiple=True,
        metavar="CONVENTION",
        help="What the values of a label map mean: sct, totalspineseg, verse, totalsegmentator, "
        "spider, a CSV file (value,role,level), or binary, which melts them. cord=... or high=... "
        "is for that mask alone.",
    ),
    click.option(
        "--whole",
        type=click.Choice(["cord", "vertebra", "canal"]),
        help="Which labels are the whole [default: vertebrae with a level, else cord, else canal].",
    ),
    click.option(
        "--mask-threshold",
        type=float,
        default=0.5,
        show_default=True,
        help="Least probability at which a pixel belongs to a soft mask.",
    ),
    click.option(
        "--resample-masks",
        is_flag=True,
        help="Take the nearest voxel of a mask on another grid, and say so.",
    ),
    click.option(
        "--plane",
        type=click.Choice(["acquired", "sagittal", "axial", "coronal"]),
        default="acquired",
        show_default=True,
        help="Slices of a volume that masks are measured on.",
    ),
)


def mask_options(command: Callable[..., Any], /) -> Callable[..., Any]:
    """Give a command the options of masks."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def how_masks_are_read(given: dict[str, Any], /) -> MaskOptions:
    """Return the options of masks from a command's parameters.

    Raises
    ------
    ParameterError
        If one does not fit.
    """
    from pyrhi.rhi.mask_options import MaskOptions

    return MaskOptions(
        labels=tuple(given["labels"]),
        whole=given["whole"],
        threshold=given["mask_threshold"],
        resample=given["resample_masks"],
    )
