"""``pyrhi measure``: a folder of slices with ROIs in, the RHI tables out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyrhi.cli.masks import FILES, how_masks_are_read, mask_options
from pyrhi.cli.options import (
    CLIP,
    IGNORE_UNNAMED,
    JOBS,
    PATH,
    ROIS,
    ROLES,
    SERIES,
    progress_bar,
    say_failures,
)
from pyrhi.cli.tables import LOCALE, SHEET, TABLE
from pyrhi.io.tables import EXCEL_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyrhi.batch.options import RunOptions
    from pyrhi.batch.plan import Task
    from pyrhi.rhi.measures import MeasureOptions

EPILOG = """\b
Examples:
  pyrhi measure slices/ --dry-run
  pyrhi measure slices/ -o results
  pyrhi measure spine.tif --rois spine.RoiSet.zip -o results
  pyrhi measure t2.nii.gz --cord-mask t2_cord.nii.gz --high-mask t2_high.nii.gz -o results
  pyrhi measure t2.nii.gz --cord-mask levels.nii.gz --labels sct --high auto -o results
  pyrhi measure slices/ --high auto -o results
  pyrhi measure slices/ --roles larger=cord -o results
  pyrhi measure --manifest study.csv -o results --resume
  pyrhi measure slices/ -o results --ratings ratings.csv --resume
  pyrhi measure --manifest study.xlsx --sheet Images -o results --excel
"""


@click.command(epilog=EPILOG)
@click.argument("source", required=False, type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Folder for the results; made where it does not exist.  [required but with --dry-run]",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="List image, patient, ROIs and their roles, and what would fail; write nothing.",
)
@ROIS
@mask_options
@click.option(
    "--high",
    "high_text",
    metavar="MODE",
    help="Find the high area where none is drawn: an ImageJ method (Otsu), a value (1200), "
    "ref+3sd, ref+3mad or auto.",
)
@CLIP
@click.option(
    "--summary",
    type=click.Choice(["max", "mean", "pooled"]),
    default="max",
    show_default=True,
    help="Which RHI of its slices becomes the patient's.",
)
@click.option(
    "--manifest",
    type=TABLE,
    help="Table that names the images of a study: patient, image, rois, location, number, visit.",
)
@click.option(
    "--ratings",
    type=TABLE,
    help="ratings.csv of the report: marks slices in rhi.csv, and leaves excluded ones out of "
    "patients.csv.",
)
@click.option("--cord-words", help="Words that name a cord ROI, separated by commas.")
@click.option("--high-words", help="Words that name a high-intensity ROI.")
@click.option("--reference-words", help="Words that name a reference ROI.")
@click.option("--exclude-words", help="Words that name a ROI whose pixels count as nothing.")
@ROLES
@IGNORE_UNNAMED
@SERIES
@click.option(
    "--imager-pixel-spacing",
    is_flag=True,
    help="Take ImagerPixelSpacing where a DICOM file has no PixelSpacing.",
)
@click.option("--patient-id", is_flag=True, help="Write the DICOM PatientID, not a pseudonym.")
@click.option(
    "--key",
    "key_path",
    type=PATH,
    help="Key file of the pseudonyms [default: one of your own, outside the results].",
)
@click.option(
    "--engine",
    type=click.Choice(["numpy", "imagej"]),
    default="numpy",
    show_default=True,
    help="imagej measures by a real ImageJ in Java, one image at a time.",
)
@click.option(
    "--fiji",
    type=PATH,
    help="Fiji or ImageJ folder for --engine imagej [default: ImageJ 1.54p from Maven Central].",
)
@JOBS
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler whose workers measure, such as tcp://10.0.0.1:8786 [default: this "
    "machine].",
)
@click.option("--resume", is_flag=True, help="Skip images that are done and have not changed.")
@click.option("--report", is_flag=True, help="Write report.html too: every slice with outlines.")
@click.option(
    "--measures",
    is_flag=True,
    help="Write measures.csv, lesions.csv and signal.csv too: lesions, axial damage ratio, signal "
    "against a reference ROI, SINS location, Tokuhashi's vertebrae.",
)
@click.option(
    "--slice-distance",
    type=float,
    metavar="MM",
    help="With --measures: distance of neighbouring slices of images that do not say it (TIFF).",
)
@click.option(
    "--slice-plane",
    type=click.Choice(["axial", "sagittal", "coronal"]),
    help="With --measures: plane of the slices of images that do not say it (TIFF).",
)
@click.option("--excel", is_flag=True, help="Write results.xlsx too: all tables in one workbook.")
@SHEET
@LOCALE
@click.option("--hash", "hash_inputs", is_flag=True, help="Write SHA-256 of inputs to run.json.")
def command(output: Path | None, dry_run: bool, report: bool, excel: bool, **given: Any) -> int:
    """Measure RHI on an image, a folder or a study.

    Writes rhi.csv, rois.csv, patients.csv, failures.csv and run.json. An image that cannot be
    measured goes to failures.csv, the rest is measured, and the exit code is 1.
    Research use only; not a medical device.
    """
    from pyrhi.batch.run import run

    _check(given)
    options, tasks = _options(given, excel, report), _tasks(given)
    if dry_run:
        from pyrhi.cli.dry import dry_run as show

        return show(tasks, options)
    if output is None:
        msg = "give a folder for the results: -o or --output FOLDER (or --dry-run)"
        raise click.UsageError(msg)
    with progress_bar(len(tasks), "images") as progress:
        result = run(tasks, options, output=output, progress=progress)
    code = say_failures(result, output)
    if excel:
        from pyrhi.report.workbook import write_results_workbook

        click.echo(f"{write_results_workbook(output)}: all tables.", err=True)
    if report:
        from pyrhi.cli.report import say_report
        from pyrhi.report.qc import write_report

        with progress_bar(len(tasks), "pictures") as progress:
            written = write_report(
                output,
                tasks=tasks,
                names=result.names_of(tasks),
                work=options.work,
                jobs=options.jobs,
                progress=progress,
            )
        say_report(written)
    return code


def _check(given: dict[str, Any]) -> None:
    """Refuse options that do not go together."""
    if (given["source"] is None) == (given["manifest"] is None):
        msg = "give a SOURCE (image or folder) or a --manifest, one of the two"
        raise click.UsageError(msg)
    if given["source"] is not None and given["source"].suffix.lower() in (".csv", EXCEL_SUFFIX):
        msg = f"{given['source']} is a table: give it as --manifest, or give an image or folder"
        raise click.UsageError(msg)
    if given["manifest"] is not None:
        for name in ("rois", *FILES):
            if given[name] is not None:
                option = "--" + name.replace("_", "-")
                msg = f"{option} is for a SOURCE; name the files in the manifest's column {name}"
                raise click.UsageError(msg)
    all_high = given["roles"] is not None and given["roles"].strip().lower() == "all=high"
    if all_high and given["cord_mask"] is None:
        msg = "--roles all=high makes every ROI high: give the cord by --cord-mask"
        raise click.UsageError(msg)
    if given["fiji"] is not None and given["engine"] != "imagej":
        msg = "--fiji is for --engine imagej; add it, or leave --fiji out"
        raise click.UsageError(msg)
    if given["scheduler"] is not None and given["jobs"] is not None:
        msg = "--jobs is for this machine, --scheduler for a cluster: leave one of the two out"
        raise click.UsageError(msg)


def _measures(given: dict[str, Any]) -> MeasureOptions | None:
    geometry = given["slice_distance"], given["slice_plane"]
    if given["measures"]:
        from pyrhi.rhi.measures import MeasureOptions

        return MeasureOptions(*geometry)
    if geometry != (None, None):
        msg = "--slice-distance and --slice-plane are for --measures; add it"
        raise click.UsageError(msg)
    return None


def _tasks(given: dict[str, Any]) -> Sequence[Task]:
    from pyrhi.batch.plan import find_tasks, tasks_of_manifest

    if given["manifest"] is not None:
        return tasks_of_manifest(given["manifest"])
    named = {name: given[name] for name in ("rois", "series", *FILES)}
    plan = find_tasks(given["source"], **named)
    if plan.left_out:
        note = f"note: {plan.left_out} DICOM folders without series {given['series']} are left out"
        click.echo(note, err=True)
    return plan


def _options(given: dict[str, Any], excel: bool, report: bool) -> RunOptions:
    from pyrhi.batch.options import RunOptions, WorkOptions
    from pyrhi.batch.ratings import read_ratings
    from pyrhi.batch.write import REPORT_NAME, WORKBOOK_NAME
    from pyrhi.rhi.measure import RhiParameters
    from pyrhi.rhi.roles import (
        CORD_WORDS,
        EXCLUDE_WORDS,
        HIGH_WORDS,
        REFERENCE_WORDS,
        RolePatterns,
    )
    from pyrhi.rhi.summary import Summary

    patterns = RolePatterns(
        cord=_words(given["cord_words"], CORD_WORDS),
        high=_words(given["high_words"], HIGH_WORDS),
        reference=_words(given["reference_words"], REFERENCE_WORDS),
        exclude=_words(given["exclude_words"], EXCLUDE_WORDS),
    )
    named = {name: given[name] for name in ("series", "imager_pixel_spacing", "patient_id")}
    return RunOptions(
        work=WorkOptions(
            parameters=RhiParameters.of(
                find_high=given["high_text"],
                roles=given["roles"],
                patterns=patterns,
                clip=given["clip"],
                ignore_unnamed=given["ignore_unnamed"],
            ),
            key_path=str(given["key_path"]) if given["key_path"] else None,
            engine=given["engine"],
            fiji=str(given["fiji"]) if given["fiji"] else None,
            measures=_measures(given),
            masks=how_masks_are_read(given),
            plane=given["plane"],
            **named,
        ),
        summary=Summary(given["summary"]),
        ratings=read_ratings(given["ratings"]) if given["ratings"] is not None else None,
        jobs=given["jobs"] or 0,
        processes=True,
        scheduler=given["scheduler"],
        resume=given["resume"],
        hash_inputs=given["hash_inputs"],
        arguments=tuple(sys.argv[1:]),
        made_afterwards=(WORKBOOK_NAME,) * excel + (REPORT_NAME,) * report,
    )


def _words(text: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    if text is None:
        return default
    return tuple(word.strip() for word in text.split(",") if word.strip())
