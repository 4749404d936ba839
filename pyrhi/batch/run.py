"""A whole run: images in, the tables of a study out."""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyrhi import __version__
from pyrhi.batch.hide import HIDDEN, Hider, hide_record, leaking
from pyrhi.batch.journal import InputFile, Journal, input_file, inputs_of, key_of
from pyrhi.batch.pool import Processes, default_jobs
from pyrhi.batch.pseudonym import pseudonym, read_key
from pyrhi.batch.ratings import EXCLUDE, EXCLUDED, RATING_HEADINGS, Ratings
from pyrhi.batch.tasks import check_unique
from pyrhi.batch.work import (
    ROI_HEADINGS,
    WorkOptions,
    cord_histogram,
    measure_task,
    packed_record,
    text_patient,
    unpacked,
)
from pyrhi.engines.choose import NUMPY, start_engine
from pyrhi.errors import EngineError, PyrhiError
from pyrhi.io.atomic import make_folder, sweep, writing
from pyrhi.io.rois.encode import write_roiset
from pyrhi.io.rois.files import stem_of
from pyrhi.io.tables import NOT_UNICODE, csv_line, write_csv
from pyrhi.rhi.columns import RHI_COLUMNS
from pyrhi.rhi.high import MAD_TO_SD, HighKind, Reference
from pyrhi.rhi.summary import PatientRow, SliceSummary, Summary, summarize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pyrhi.batch.pool import Workers
    from pyrhi.batch.tasks import Task
    from pyrhi.rhi.lesions import LabelledSlice

RHI_HEADINGS = ("Patient", *RHI_COLUMNS)
"""Columns of ``rhi.csv``."""

PATIENT_HEADINGS = (
    "Patient",
    "Images",
    "Slices",
    "RHI",
    "RHI_max",
    "RHI_mean",
    "RHI_pooled",
    "Lesions",
    "Location",
)
"""Columns of ``patients.csv``; Number and Visit follow where the manifest has them."""

LEVEL, HIGH_COUNT = RHI_COLUMNS.index("Level"), RHI_COLUMNS.index("HighCount")

FAILURE_HEADINGS = ("Image", "Error")
"""Columns of ``failures.csv``."""

RESEARCH_USE = "Research use only; not a medical device."


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
        Processes; 0 takes the cores there are. The engine ImageJ has one.
    scheduler
        Address of a Dask scheduler whose workers do the work; None takes this machine.
    resume
        True skips images that an earlier run in the same folder finished unchanged.
    hash_inputs
        True writes the SHA-256 of every input to ``run.json``.
    arguments
        Command line, for ``run.json``.
    """

    work: WorkOptions = field(default_factory=WorkOptions)
    summary: Summary = Summary.MAX
    ratings: Ratings | None = None
    jobs: int = 0
    scheduler: str | None = None
    resume: bool = False
    hash_inputs: bool = False
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunResult:
    """What a run gave: the tables as lines of CSV, without their headings.

    Parameters
    ----------
    rois, rhi, patients, failures
        Lines of the four tables.
    rhi_headings, patient_headings
        Columns of ``rhi.csv`` and ``patients.csv``.
    found
        ROI sets with found high regions: path below ``rois/`` and name and bytes of each ROI.
    notes
        Sentences about what was left out.
    resumed
        Number of images taken from an earlier run.
    names
        What the column Image says of each task.
    """

    rois: tuple[str, ...]
    rhi: tuple[str, ...]
    patients: tuple[str, ...]
    failures: tuple[str, ...]
    rhi_headings: tuple[str, ...]
    patient_headings: tuple[str, ...]
    found: tuple[tuple[str, tuple[tuple[str, bytes], ...]], ...]
    notes: tuple[str, ...]
    resumed: int
    names: tuple[str, ...]


def _measure(
    options: WorkOptions, item: tuple[Task, Reference | None]
) -> tuple[list[InputFile], str]:
    # Looked at before they are read: a file that changes meanwhile is measured again on --resume.
    inputs = inputs_of(item[0])
    return inputs, measure_task(item[0], options, item[1])


def _died(item: tuple[Task, Reference | None]) -> tuple[list[InputFile], str]:
    path = item[0].image
    record: dict[str, Any] = {
        "error": f"{path}: ended the process that measured it; check the file"
    }
    return [], json.dumps(record)


def _histogram(options: WorkOptions, task: Task) -> list[list[float]]:
    try:
        return cord_histogram(task, options)
    except PyrhiError:
        # The error is told when the image itself is measured.
        return [[], []]


def _no_histogram(task: Task) -> list[list[float]]:
    return [[], []]


WITNESSES = 8
"""Images whose files every worker of a cluster must see."""


@contextmanager
def _workers(tasks: Sequence[Task], options: RunOptions) -> Iterator[Workers]:
    """Choose who does the work: the workers of a cluster, or processes of this machine."""
    if options.scheduler is None:
        # A process has one JVM, and a process that has one must not be forked.
        one = options.work.engine != NUMPY
        yield Processes(1 if one else options.jobs or default_jobs())
        return
    from pyrhi.batch.cluster import Cluster

    if options.work.engine != NUMPY:
        msg = (
            f"--engine {options.work.engine} measures in one Java process on this machine; "
            "leave --scheduler out, or take --engine numpy"
        )
        raise EngineError(msg)
    step = max(len(tasks) // WITNESSES, 1)
    files = [f for task in tasks[::step][:WITNESSES] for f in inputs_of(task)]
    with Cluster(options.scheduler, [(f.path, f.size) for f in files if f.size >= 0]) as cluster:
        yield cluster


def _parsed(
    record: str, task: Task, options: WorkOptions, texts: frozenset[str]
) -> tuple[dict[str, Any], str]:
    """Return a record and its text, with pseudonyms where it holds identifiers.

    The key of the pseudonyms is used in this process only: workers may run elsewhere.
    """
    parsed: dict[str, Any] = json.loads(record)
    identifier, hide = parsed.pop("identifier", None), texts.union(parsed.pop("hide", ()))
    if identifier is None and not hide:
        return parsed, record
    key = partial(_key, options)
    if hide:
        hide_record(parsed, task, Hider(hide, key))
    if identifier is not None:
        parsed["patient"] = pseudonym(identifier, key())
    return parsed, packed_record(parsed)


def _key(options: WorkOptions) -> bytes:
    return read_key(Path(options.key_path) if options.key_path else None)


def _texts(tasks: Sequence[Task], options: RunOptions) -> frozenset[str]:
    """Return what DICOM headers say of patients and the names of any image or argument repeat.

    Other images may lie in a folder called after the patient of a series; and records, which the
    journal keeps, hold no identifiers by which a resumed run could hide them.
    """
    if options.work.patient_id:
        return frozenset()
    names = [*options.arguments, *(task.image for task in tasks), *(task.name for task in tasks)]
    return frozenset(text for task in tasks for text in leaking(task, None, names))


def references_of(
    tasks: Sequence[Task], work: WorkOptions, workers: Workers, /
) -> list[Reference | None]:
    """Return centre and spread of each patient's cord over all slices, for ``--high auto``.

    Parameters
    ----------
    tasks
        The images.
    work
        What they are measured with; None for each task in every other mode.
    workers
        Who reads them.
    """
    mode = work.parameters.high
    if mode is None or mode.kind is not HighKind.AUTO:
        return [None] * len(tasks)
    pooled: dict[tuple[str, str], dict[float, int]] = {}
    keys = [(task.patient or text_patient(task), task.visit) for task in tasks]
    for done in workers.work_through(partial(_histogram, work), tasks, _no_histogram):
        for index, (values, counts) in done:
            histogram = pooled.setdefault(keys[index], {})
            for value, count in zip(values, counts, strict=True):
                histogram[value] = histogram.get(value, 0) + int(count)
    references = {key: _robust(histogram) for key, histogram in pooled.items()}
    return [references.get(key) for key in keys]


def _robust(histogram: dict[float, int]) -> Reference | None:
    """Median and MAD of a histogram, as `reference_of` gives them for the values."""
    if not histogram:
        return None
    values = np.array(sorted(histogram))
    counts = np.array([histogram[v] for v in values.tolist()])
    center = _weighted_median(values, counts)
    deviations = np.abs(values - center)
    order = np.argsort(deviations, kind="stable")
    spread = MAD_TO_SD * _weighted_median(deviations[order], counts[order])
    return Reference(center, spread, int(counts.sum()))


def _weighted_median(values: np.ndarray[Any, Any], counts: np.ndarray[Any, Any]) -> float:
    ends = np.cumsum(counts)
    n = int(ends[-1])
    low = values[np.searchsorted(ends, (n - 1) // 2, side="right")]
    high = values[np.searchsorted(ends, n // 2, side="right")]
    return float((low + high) / 2)


def run(
    tasks: Sequence[Task],
    options: RunOptions,
    /,
    *,
    output: Path | None = None,
    progress: Callable[[int], object] | None = None,
) -> RunResult:
    """Measure all tasks and make the tables; with `output`, write them.

    Parameters
    ----------
    tasks
        The images.
    options
        How to measure them.
    output
        Folder for the tables; None writes nothing.
    progress
        Called with the number of images that were just finished.

    Returns
    -------
    result : RunResult
        The tables; images that could not be measured stand among the failures.

    Raises
    ------
    TableError
        If an image stands twice, or a slice is rated that the run does not have.
    OutputError
        If the results cannot be written; an old table stays as it was.
    ClusterError
        If a scheduler is given, and it or its workers cannot do the work.
    """
    started = time.time()
    check_unique(list(tasks))
    if options.ratings is not None:
        options.ratings.check_images(tasks)
    if output is not None:
        make_folder(output)
        sweep(output)
        sweep(output / "rois", below=True)
    records: list[dict[str, Any]] = [{} for _ in tasks]
    inputs: list[list[InputFile]] = [[] for _ in tasks]
    resumed = 0
    texts = _texts(tasks, options)
    with _workers(tasks, options) as workers:
        engine = start_engine(options.work.engine, options.work.fiji)
        references = references_of(tasks, options.work, workers)
        if output is None:
            items = list(zip(tasks, references, strict=True))
            for done in workers.work_through(partial(_measure, options.work), items, _died):
                for index, (inputs[index], record) in done:
                    records[index], _ = _parsed(record, tasks[index], options.work, texts)
        else:
            resumed = _journalled(
                tasks, references, options, workers, output, records, inputs, progress, texts
            )
    result = _tables(tasks, records, options, resumed)
    if output is not None:
        _write(output, result)
        hider = Hider(texts, partial(_key, options.work)) if texts else None
        _write_run(output, tasks, inputs, options, result, started, engine, hider)
    return result


def _journalled(
    tasks: Sequence[Task],
    references: Sequence[Reference | None],
    options: RunOptions,
    workers: Workers,
    output: Path,
    records: list[dict[str, Any]],
    inputs: list[list[InputFile]],
    progress: Callable[[int], object] | None,
    texts: frozenset[str],
) -> int:
    """Fill `records`, taking finished images from the journal; return how many those were."""
    with Journal(output, resume=options.resume) as journal:

        def key(index: int) -> str:
            return key_of(tasks[index], inputs[index], options.work, references[index])

        hider = Hider(texts, partial(_key, options.work)) if texts else None
        finished: set[int] = set()
        for index in range(len(tasks)) if journal.done else ():
            inputs[index] = inputs_of(tasks[index])
            record = journal.done.get(key(index))
            if record is not None:
                records[index] = json.loads(record)
                if hider is not None:
                    hide_record(records[index], tasks[index], hider)
                finished.add(index)
        if progress and finished:
            progress(len(finished))
        todo = [i for i in range(len(tasks)) if i not in finished]
        items = [(tasks[i], references[i]) for i in todo]
        for done in workers.work_through(partial(_measure, options.work), items, _died):
            for position, (seen, record) in done:
                index = todo[position]
                inputs[index] = seen
                records[index], text = _parsed(record, tasks[index], options.work, texts)
                journal.add(key(index), text)
            journal.flush()
            if progress:
                progress(len(done))
    return len(finished)


def _tables(
    tasks: Sequence[Task], records: Sequence[dict[str, Any]], options: RunOptions, resumed: int
) -> RunResult:
    rois, rhi, failures, notes = [], [], [], []
    ratings = options.ratings
    if ratings is not None:
        _check_ratings(ratings, tasks, records)
    excluded = 0
    found: list[tuple[str, tuple[tuple[str, bytes], ...]]] = []
    patients: dict[tuple[str, str], list[tuple[Task, dict[str, Any], list[bool]]]] = {}
    for task, record in zip(tasks, records, strict=True):
        if "error" in record:
            failures.append(csv_line([record.get("name", task.name), record["error"]]))
            continue
        patient = record["patient"]
        rois.append(record["rois"])
        said = [ratings.of(*cells[:3]) if ratings else () for cells in record["rhi"]]
        rhi += [
            csv_line([patient, *cells, *rated])
            for cells, rated in zip(record["rhi"], said, strict=True)
        ]
        out = [rated[:1] == (EXCLUDE,) for rated in said]
        excluded += sum(out)
        notes += [f"{record.get('path', task.image)}: {note}" for note in record["notes"]]
        if "found" in record:
            decoded = tuple((name, base64.b64decode(data)) for name, data in record["found"])
            found.append((_roiset_name(record.get("name", task.name)), decoded))
        patients.setdefault((patient, task.visit), []).append((task, record, out))
    if excluded:
        notes.insert(0, EXCLUDED.format(count=excluded, total=len(rhi)))
    if hidden := sum("path" in record for record in records):
        notes.insert(0, HIDDEN.format(count=hidden))
    extra = [h for h in ("number", "visit") if any(getattr(t, h) for t in tasks)]
    lines = [
        _patient_line(patient, members, options.summary, extra)
        for (patient, _), members in patients.items()
    ]
    return RunResult(
        tuple(rois),
        tuple(rhi),
        tuple(lines),
        tuple(failures),
        RHI_HEADINGS if ratings is None else (*RHI_HEADINGS, *RATING_HEADINGS),
        (*PATIENT_HEADINGS, *(h.capitalize() for h in extra)),
        tuple(found),
        tuple(notes),
        resumed,
        tuple(r.get("name", t.name) for t, r in zip(tasks, records, strict=True)),
    )


def _check_ratings(
    ratings: Ratings, tasks: Sequence[Task], records: Sequence[dict[str, Any]]
) -> None:
    rows = [tuple(cells[:3]) for record in records for cells in record.get("rhi", ())]
    failed = [
        record.get("name", task.name)
        for task, record in zip(tasks, records, strict=True)
        if "error" in record
    ]
    ratings.check_rows(rows, failed)


def _roiset_name(name: str) -> str:
    path = Path(name)
    # A manifest may point outside its folder; ROI sets never leave the output folder.
    parts = [p for p in path.parent.parts if p not in ("..", path.anchor)]
    return str(Path(*parts, f"{stem_of(path)}.RoiSet.zip"))


def _patient_line(
    patient: str,
    members: Sequence[tuple[Task, dict[str, Any], Sequence[bool]]],
    summary: Summary,
    extra: Sequence[str],
) -> str:
    rows: list[SliceSummary] = []
    for task, record, out in members:
        for cells, excluded in zip(record["rhi"], out, strict=True):
            cell = dict(zip(RHI_COLUMNS, cells, strict=True))
            rows.append(
                SliceSummary(
                    image=record.get("name", task.name),
                    slice=cell["Slice"],
                    level=cell["Level"],
                    cord_area=cell["CordArea"],
                    high_area=cell["HighArea"],
                    unit=cell["Unit"],
                    rhi=cell["RHI"],
                    excluded=excluded,
                )
            )
    lesions = [labelled for _, record, out in members for labelled in _lesions_of(record, out)]
    location = next((task.location for task, _, _ in members if task.location), "")
    row = summarize(patient, rows, lesions, summary, location=location)
    cells = [getattr(row, f) for f in PatientRow.__dataclass_fields__]
    cells += [next((v for t, _, _ in members if (v := getattr(t, h))), "") for h in extra]
    return csv_line(cells)


def _lesions_of(record: dict[str, Any], out: Sequence[bool]) -> list[LabelledSlice]:
    # They are there for the rows without level that have high area, in the order of the rows.
    excluded = [
        gone
        for cells, gone in zip(record["rhi"], out, strict=True)
        if not cells[LEVEL] and cells[HIGH_COUNT] > 0
    ]
    return [
        replace(unpacked(packed), excluded=gone)
        for packed, gone in zip(record["lesions"], excluded, strict=True)
    ]


def _write(output: Path, result: RunResult) -> None:
    for name, roi_set in result.found:
        write_roiset(output / "rois" / name, roi_set)
    write_csv(output / "rois.csv", ROI_HEADINGS, result.rois)
    write_csv(output / "rhi.csv", result.rhi_headings, result.rhi)
    write_csv(output / "patients.csv", result.patient_headings, result.patients)
    write_csv(output / "failures.csv", FAILURE_HEADINGS, result.failures)


def _write_run(
    output: Path,
    tasks: Sequence[Task],
    inputs: Sequence[Sequence[InputFile]],
    options: RunOptions,
    result: RunResult,
    started: float,
    engine: str,
    hider: Hider | None,
) -> None:
    """Write ``run.json``: enough to do the run again and to see what it read."""
    parameters = options.work.parameters
    said = hider.text if hider else str
    document = {
        "pyrhi": __version__,
        "use": RESEARCH_USE,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "numpy": np.__version__,
        "engine": engine,
        "arguments": [said(argument) for argument in options.arguments],
        "parameters": {
            "high": parameters.high.text if parameters.high else None,
            "high_value": parameters.high.value if parameters.high else None,
            "clip": parameters.clip,
            "patterns": asdict(parameters.patterns),
            "summary": options.summary.value,
            "series": None if options.work.series is None else said(options.work.series),
            "imager_pixel_spacing": options.work.imager_pixel_spacing,
            "patient_id": options.work.patient_id,
        },
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 3),
        "images": len(inputs),
        "resumed": result.resumed,
        "failures": len(result.failures),
        "notes": list(result.notes),
        "tasks": [_task(task, name, said) for task, name in zip(tasks, result.names, strict=True)],
        **_ratings(options.ratings, said),
        "inputs": [_input(f, options.hash_inputs, said) for files in inputs for f in files],
    }
    with writing(output / "run.json") as stream:
        stream.write(
            json.dumps(document, indent=1, ensure_ascii=False).encode("utf-8", NOT_UNICODE)
        )
        stream.write(b"\n")


def _task(task: Task, name: str, said: Callable[[str], str]) -> dict[str, str]:
    """Return what a task was made of, to open the same image again."""
    paths = {
        field: said(str(Path(path).absolute()))
        for field in ("image", "rois", "cord_mask", "high_mask")
        if (path := getattr(task, field))
    }
    rest = {f: v for f in ("patient", "location", "number", "visit") if (v := getattr(task, f))}
    return {**paths, "name": name, **rest}


def _ratings(ratings: Ratings | None, said: Callable[[str], str]) -> dict[str, Any]:
    """Return which file the ratings came from; its hash, because it decides the summaries."""
    if ratings is None:
        return {}
    return {"ratings": _input(input_file(str(ratings.path)), True, said)}


def _input(file: InputFile, hashed: bool, said: Callable[[str], str]) -> dict[str, Any]:
    if file.size < 0:
        return {"path": said(file.path), "missing": True}
    entry: dict[str, Any] = {
        "path": said(file.path),
        "bytes": file.size,
        "modified": file.modified_ns / 1e9,
    }
    if hashed:
        with open(file.path, "rb") as stream:
            digest = hashlib.sha256()
            while block := stream.read(2**20):
                digest.update(block)
            entry["sha256"] = digest.hexdigest()
    return entry
