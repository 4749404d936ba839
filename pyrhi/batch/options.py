"""How a run is done: one object from the command line to the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrhi.engines.choose import NUMPY
from pyrhi.io.geometry import ACQUIRED
from pyrhi.rhi.mask_options import MaskOptions
from pyrhi.rhi.measure import RhiParameters
from pyrhi.rhi.summary import Summary

if TYPE_CHECKING:
    from pyrhi.batch.ratings import Ratings
    from pyrhi.rhi.measures import MeasureOptions


@dataclass(frozen=True)
class WorkOptions:
    """What every image of a run is measured with.

    Parameters
    ----------
    parameters
        What decides the numbers.
    series
        DICOM series to take where a folder has several.
    imager_pixel_spacing
        True accepts ImagerPixelSpacing where PixelSpacing is missing.
    patient_id
        True writes the DICOM PatientID itself, not a pseudonym.
    key_path
        Key file of the pseudonyms; None takes the user's own.
    engine, fiji
        As of `pyrhi.engines.choose.start_engine`.
    measures
        What measures beside RHI need; None makes none.
    masks
        How masks are read.
    plane
        Plane of the slices that masks of a volume are measured on: one of
        `pyrhi.io.geometry.PLANE_CHOICES`.
    """

    parameters: RhiParameters = field(default_factory=RhiParameters)
    series: str | None = None
    imager_pixel_spacing: bool = False
    patient_id: bool = False
    key_path: str | None = None
    engine: str = NUMPY
    fiji: str | None = None
    measures: MeasureOptions | None = None
    masks: MaskOptions = field(default_factory=MaskOptions)
    plane: str = ACQUIRED


@dataclass(frozen=True)
class RunOptions:
    """How a run is done.

    Parameters
    ----------
    work
        What every image is measured with.
    summary
        Which value of the slices becomes a patient's RHI.
    ratings
        Readers' ratings of slices; None adds no columns.
    jobs
        Images measured at the same time; 0 takes the cores there are. The engine ImageJ does
        one at a time.
    processes
        True may start processes for images that only libraries in Python can read; False keeps
        everything in this one.
    scheduler
        Address of a Dask scheduler whose workers do the work; None takes this machine.
    resume
        True skips images that an earlier run in the same folder finished unchanged.
    hash_inputs
        True writes the SHA-256 of every input to ``run.json``.
    arguments
        Command line, for ``run.json``.
    made_afterwards
        Names of the files that the caller makes of the tables (`pyrhi.batch.write.ON_REQUEST`).
    """

    work: WorkOptions = field(default_factory=WorkOptions)
    summary: Summary = Summary.MAX
    ratings: Ratings | None = None
    jobs: int = 0
    processes: bool = False
    scheduler: str | None = None
    resume: bool = False
    hash_inputs: bool = False
    arguments: tuple[str, ...] = ()
    made_afterwards: tuple[str, ...] = ()
