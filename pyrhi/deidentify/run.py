"""A folder in, the same folder without the patients out, and a report of what was done."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyrhi import __version__
from pyrhi.batch.identifiers import Identifiers
from pyrhi.batch.pseudonym import default_key_path, read_key
from pyrhi.deidentify import dicom, files
from pyrhi.deidentify.audit import Finding, Search
from pyrhi.deidentify.manifest import clean_manifest, is_manifest
from pyrhi.deidentify.names import DICOM_ENDING, Names
from pyrhi.deidentify.rois import check_name, clean_set, new_names
from pyrhi.errors import OutputError, PyrhiError
from pyrhi.extras import need
from pyrhi.io.atomic import make_folder
from pyrhi.io.images.read import GZIP_MAGIC, HEAD_BYTES, PNG_MAGIC, TIFF_MAGICS
from pyrhi.io.rois.clean import clean_roi
from pyrhi.io.rois.encode import write_roiset
from pyrhi.io.rois.files import read_rois, split_ending
from pyrhi.notice import RESEARCH_USE
from pyrhi.rhi.roles import RolePatterns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REPORT = "deidentify.json"
ACTED = {
    "DICOM": f"PS3.15 {dicom.EDITION} Basic Profile, UIDs mapped, dates moved, private removed",
    "TIFF": "written anew: pixels, calibration, layout, display range and ROIs; texts left out",
    "PNG": "image chunks only",
    "NIfTI": "header texts emptied, extensions left out",
    "ROI": "names say role and level; properties left out",
    "RoiSet": "names say role and level; properties left out",
    "manifest": "patients and paths as pseudonyms",
}
"""What is done to each kind of file."""

ENDINGS = {"DICOM": DICOM_ENDING, "manifest": ".csv"}
PIXELS_DECLARED = (
    "{path}: cannot say that its pixels show no name or date; look at the images, then declare it"
    " with --declare-clean"
)


@dataclass(frozen=True)
class Deidentified:
    """What a run gave.

    Parameters
    ----------
    output
        The folder.
    files
        Written files, below it, and what kind they are.
    left_out
        Input files that were not copied because of what they are.
    refused
        One line for each input file that could not be cleaned; it is not in the output.
    searched
        How many identifiers every output was searched for.
    """

    output: Path
    files: tuple[tuple[str, str], ...]
    left_out: tuple[Path, ...]
    refused: tuple[str, ...]
    searched: int


@dataclass
class _Run:
    """What one run knows while it works."""

    source: Path
    work: Path
    key: bytes
    patterns: RolePatterns
    declare_clean: bool
    names: Names
    identifiers: Identifiers = field(default_factory=Identifiers)
    written: list[tuple[str, str]] = field(default_factory=list)
    actions: dict[str, Counter[str]] = field(default_factory=dict)
    dates: set[str] = field(default_factory=set)


def deidentify(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    /,
    *,
    key_path: str | os.PathLike[str] | None = None,
    declare_clean: bool = False,
    patterns: RolePatterns | None = None,
    progress: Callable[[int], object] | None = None,
) -> Deidentified:
    """Copy images, ROIs and manifests without what identifies a patient, and search the copy.

    Parameters
    ----------
    source
        Folder; it is not changed.
    output
        Folder that does not exist yet, or is empty.
    key_path
        Key of the pseudonyms, outside of `output`; None takes the user's own.
    declare_clean
        True says: a person looked, and no pixels show a name or date.
    patterns
        Words that give ROIs their role.
    progress
        Called with the number of files that were just finished.

    Returns
    -------
    result : Deidentified
        What was written, left out and refused.

    Raises
    ------
    OutputError
        If the folders or the key lie inside each other, or the audit found an identifier of the
        input in an output: nothing is left then.
    """
    need("dicomanonymizer", "dicom")
    source, output = Path(source), Path(output)
    key_path = Path(key_path) if key_path is not None else default_key_path()
    _check_folders(source, output, key_path)
    key = read_key(key_path)
    paths = _files(source)
    make_folder(output.absolute().parent)
    prefix = f".{output.name}."
    work = Path(tempfile.mkdtemp(prefix=prefix, suffix=".unfinished", dir=output.absolute().parent))
    try:
        run = _Run(
            source,
            work,
            key,
            patterns or RolePatterns(),
            declare_clean,
            Names(paths, key),
        )
        left_out: list[Path] = []
        refused: list[str] = []
        for path in paths:
            run.identifiers.add_path(path)
            try:
                if not _one(run, path):
                    left_out.append(path)
            except PyrhiError as error:
                refused.append(str(error))
            if progress:
                progress(1)
        searched = _audit(run)
        _report(run, left_out, len(refused), searched)
        _audit(run)
        work.chmod(0o777 & ~_umask())
        if output.exists():
            output.rmdir()
        work.replace(output)
    except OSError as error:
        msg = f"{output}: cannot be written ({error.strerror or error}); nothing was left there"
        raise OutputError(msg) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Deidentified(output, tuple(run.written), tuple(left_out), tuple(refused), searched)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _check_folders(source: Path, output: Path, key_path: Path) -> None:
    if not source.is_dir():
        msg = f"{source}: is no folder; give the folder with the images"
        raise OutputError(msg)
    inside, outside, key = source.resolve(), output.resolve(), key_path.resolve()
    if inside == outside or inside in outside.parents or outside in inside.parents:
        msg = f"{output}: and the input {source} lie inside each other; give a folder elsewhere"
        raise OutputError(msg)
    if outside == key or outside in key.parents:
        msg = f"{key_path}: the key must not lie in the output; who has both knows the patients"
        raise OutputError(msg)
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        msg = f"{output}: exists and is not empty; give a new folder"
        raise OutputError(msg)


def _files(source: Path) -> list[Path]:
    found = []
    for folder, _, names in os.walk(source):
        found += [Path(folder, name).relative_to(source) for name in names]
    return sorted(found)


def _one(run: _Run, path: Path) -> bool:
    """Write one file's clean copy; False where it is of a kind that is not copied."""
    source = run.source / path
    kind = kind_of(source)
    if kind is None:
        return False
    ending = ENDINGS.get(kind) or split_ending(path.name)[1]
    name = run.names.file(path, ending)
    target = run.work / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        actions = _clean(run, kind, path, source, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    run.written.append((name.as_posix(), kind))
    run.actions.setdefault(kind, Counter()).update(actions)
    return True


def _clean(run: _Run, kind: str, path: Path, source: Path, target: Path) -> dict[str, int]:
    if target.exists():
        msg = f"{source}: would have the same name as another file; rename one of the two"
        raise OutputError(msg)
    if kind == "DICOM":
        dataset = dicom.read(source)
        own = Identifiers()
        own.add_dicom(dataset)
        run.identifiers.update(own)
        dicom.check_burned_in(source, dataset, run.declare_clean)
        folder = path.parent.name or path.stem
        cleaned = dicom.clean(dataset, run.key, own, fallback=folder)
        target.write_bytes(cleaned.data)
        run.dates |= cleaned.dates
        return cleaned.actions
    if kind in ("TIFF", "PNG", "NIfTI") and not run.declare_clean:
        raise OutputError(PIXELS_DECLARED.format(path=source))
    if kind == "TIFF":
        return files.clean_tiff(source, target, run.patterns, run.identifiers)
    if kind == "PNG":
        return files.clean_png(source, target)
    if kind == "NIfTI":
        return files.clean_nifti(source, target, run.identifiers)
    if kind == "manifest":
        return clean_manifest(source, target, path, run.names, run.key, run.identifiers)
    rois = read_rois(source)
    for roi in rois:
        run.identifiers.add_roi_name(roi.name)
    if kind == "RoiSet":
        renamed, dropped = clean_set(rois, run.patterns, source=str(source))
        write_roiset(target, renamed)
        return {"ROIs renamed": len(renamed), "texts drawn": dropped}
    (name,) = new_names(rois, run.patterns)
    # The ROI Manager names a single ROI after its file: its role has to stand there or in a group.
    check_name(rois[0], target.stem, run.patterns, str(source))
    target.write_bytes(clean_roi(rois[0].data, name, source=str(source)))
    return {"ROIs renamed": 1}


def kind_of(path: Path, /) -> str | None:
    """Return what kind of file this is, by its content; None where it is not copied."""
    lower = path.name.lower()
    if path.is_symlink() or not path.is_file() or lower.startswith(".") or lower == "dicomdir":
        return None
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if head[128:132] == b"DICM" or lower.endswith((".dcm", ".dicom", ".ima")):
        return "DICOM"
    if head[:4] in TIFF_MAGICS:
        return "TIFF"
    if head.startswith(PNG_MAGIC):
        return "PNG"
    if lower.endswith(".nii") or (lower.endswith(".nii.gz") and head.startswith(GZIP_MAGIC)):
        return "NIfTI"
    if lower.endswith(".roi") and head.startswith(b"Iout"):
        return "ROI"
    if lower.endswith(".zip") and _is_roiset(path):
        return "RoiSet"
    return "manifest" if lower.endswith((".csv", ".xlsx")) and is_manifest(path) else None


def _is_roiset(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".roi") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _audit(run: _Run) -> int:
    """Search every file of the output; nothing of it may stay where something is found.

    Raises
    ------
    OutputError
        If an identifier of the input is in it.
    """
    search = Search(run.identifiers, run.dates)
    found: list[Finding] = []
    for path in sorted(p for p in run.work.rglob("*") if p.is_file()):
        found += search.file(path, path.relative_to(run.work).as_posix())
    if found:
        shown = ", ".join(str(finding) for finding in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        msg = (
            f"the audit found identifiers of the input in {len(found)} places, and all output was"
            f" removed: {shown}{more}"
        )
        raise OutputError(msg)
    return search.count


def _report(run: _Run, left_out: Sequence[Path], refused: int, searched: int) -> None:
    kinds = Counter(kind for _, kind in run.written)
    document: dict[str, Any] = {
        "pyrhi": __version__,
        "use": RESEARCH_USE,
        "profile": f"DICOM PS3.15 {dicom.EDITION} Basic Application Level Confidentiality Profile",
        "options": [" ".join(code) for code in dicom.METHOD_CODES],
        "table": f"dicom-anonymizer {version('dicom-anonymizer')}",
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "declared_clean": run.declare_clean,
        "kinds": {
            kind: {
                "files": count,
                "what": ACTED[kind],
                "actions": dict(sorted(run.actions[kind].items())),
            }
            for kind, count in sorted(kinds.items())
        },
        "left_out": len(left_out),
        "refused": refused,
        "audit": {
            "files": len(run.written),
            "identifiers": searched,
            "found": 0,
        },
        "files": [{"path": name, "kind": kind} for name, kind in run.written],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    (run.work / REPORT).write_text(text, encoding="utf-8")
