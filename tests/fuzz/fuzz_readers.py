"""Feed damaged files to every reader of pyrhi, by atheris (libFuzzer).

``python tests/fuzz/fuzz_readers.py tiff --seconds 60`` fuzzes one reader,
``python tests/fuzz/fuzz_readers.py --seconds 60`` all of them by turns. A reader gives a value or
one of pyrhi's errors in one line; anything else, an input that takes longer than TIMEOUT or more
memory than MEMORY_MIB ends the run with code != 0 and leaves the input in ``--crashes``.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib
import io
import json
import os
import pkgutil
import sys
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

# Before atheris looks on: the kernels are compiled, and their loops are not what is fuzzed.
import pyrhi.imagej
from pyrhi.errors import PyrhiError
from pyrhi.imagej.mask import roi_mask

for _module in pkgutil.walk_packages(pyrhi.imagej.__path__, "pyrhi.imagej."):
    importlib.import_module(_module.name)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyrhi.io.images import Image

with atheris.instrument_imports(
    include=["pyrhi.io", "pyrhi.pain", "pyrhi.study", "pyrhi.batch", "tifffile", "pydicom", "csv"],
    enable_loader_override=False,
):
    import pydicom
    import tifffile  # noqa: F401

    from pyrhi.batch.journal import Journal, _Keys, json_of_record
    from pyrhi.batch.measure import measure_task
    from pyrhi.batch.options import WorkOptions
    from pyrhi.batch.plan import Item, Task, tasks_of_manifest
    from pyrhi.batch.ratings import read_ratings
    from pyrhi.io.images import read_image
    from pyrhi.io.masks import read_mask
    from pyrhi.io.reading import read_table
    from pyrhi.io.rois import read_rois
    from pyrhi.io.rois.files import embedded_rois
    from pyrhi.pain.cohort import read_measured, read_pain_cohort
    from pyrhi.pain.model import load_model
    from pyrhi.study.agree import read_repeatability
    from pyrhi.study.cohort import read_study_cohort
    from pyrhi.study.progression import read_series
    from pyrhi.study.readings import read_readers

TESTS = Path(__file__).resolve().parents[1]
DATA = TESTS / "data"
sys.path.insert(0, str(TESTS))
TIMEOUT = 20
"""Seconds for one input; libFuzzer ends the run where one takes longer."""

MEMORY_MIB = 2048
MAX_INPUT = 32 * 1024
MAX_SEED = 16 * 1024
MAX_SEEDS = 64
SEED = 20261123
MASK_SIDE = 256
MASK_PIXELS = 2**22
ITEM = Item(Task(image="a.tif", name="a.tif"))
KEY = _Keys(WorkOptions()).key(ITEM, []).encode()


def image(path: Path) -> None:
    with read_image(path) as opened:
        for number in {1, opened.n_slices}:
            with contextlib.suppress(PyrhiError):
                plane = opened.plane(number)
                assert plane.shape == (opened.height, opened.width)
        embedded_rois(opened)


def rois(path: Path) -> None:
    for roi in read_rois(path):
        if abs(roi.width * roi.height) <= MASK_PIXELS:
            with contextlib.suppress(PyrhiError):
                roi_mask(roi, (MASK_SIDE, MASK_SIDE))


@cache
def series() -> Path:
    """Write the DICOM series that masks are laid on."""
    from rigs.dicom_files import write_series

    folder = Path(tempfile.mkdtemp(prefix="pyrhi-fuzz-series-"))
    uids = {"StudyInstanceUID": "1.2.4", "FrameOfReferenceUID": "1.2.5"}
    blank = dict.fromkeys(
        ("StudyID", "AccessionNumber", "PatientSex", "ReferringPhysicianName", "StudyDate",
         "StudyTime", "PositionReferenceIndicator"), "",
    )  # fmt: skip
    return write_series(folder, 3, SliceThickness="3", **uids, **blank)


@cache
def measured() -> Image:
    """Open the series once: it is not what is fuzzed."""
    return read_image(series())


def mask(path: Path) -> None:
    of = measured()
    placed = read_mask(of, path)
    for values in (placed.values, *(segment.values for segment in placed.segments)):
        assert values is None or values.shape == (of.n_slices, of.height, of.width)


def table(path: Path) -> None:
    for read in (
        read_table,
        read_measured,
        read_pain_cohort,
        read_study_cohort,
        read_repeatability,
        read_ratings,
        lambda p: read_readers([f"reader={p}"]),
        lambda p: read_series([p], vas=p, manifest=p),
    ):
        in_one_line(read, path)


def journal(path: Path) -> None:
    with Journal(path.parent, WorkOptions(), resume=True) as opened:
        assert opened.is_suspect(ITEM) in (True, False)
        found = opened.done(ITEM, [])
        assert found is None or not found.error


def sealed(data: bytes) -> bytes:
    """Return a PNG with the right sum behind each chunk, so that what it holds is looked at."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        if end + 4 > len(out):
            break
        out[end : end + 4] = zlib.crc32(out[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(out)


def packed(data: bytes) -> bytes:
    """Return a RoiSet that holds the input as its two ROIs."""
    buffer = io.BytesIO()
    half = len(data) // 2
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.roi", data[:half])
        archive.writestr("b.roi", data[half:])
    return buffer.getvalue()


def same(data: bytes) -> bytes:
    return data


def small(*patterns: str) -> Iterator[bytes]:
    for pattern in patterns:
        for path in sorted(DATA.glob(pattern)):
            if path.stat().st_size <= MAX_SEED:
                yield path.read_bytes()


def entries() -> Iterator[bytes]:
    for path in sorted(DATA.glob("*/*.zip")):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def nifti() -> Iterator[bytes]:
    for path in sorted(DATA.glob("sample/nifti/*.nii.gz")):
        # The header and a little of the pixels, made to fit each other.
        head = bytearray(gzip.decompress(path.read_bytes())[: 352 + 4096])
        for axis, size in enumerate((3, 16, 16, 4)):
            head[40 + 2 * axis : 42 + 2 * axis] = size.to_bytes(2, "little")
        yield bytes(head)


def zipped() -> Iterator[bytes]:
    for data in nifti():
        yield gzip.compress(data)


def volumes(ending: str, *, packed: bool = True) -> Iterator[bytes]:
    """Masks on the grid of the series, as SimpleITK writes them."""
    import numpy as np
    import SimpleITK as sitk  # noqa: N813

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(sorted(map(str, series().iterdir()), reverse=True))
    grid = reader.Execute()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a.{ending}")
        for kind in ("uint8", "float32"):
            values = np.zeros(grid.GetSize()[::-1], kind)
            values[1, 5:20, 6:30] = 1
            volume = sitk.GetImageFromArray(values)
            volume.CopyInformation(grid)
            for key, text in (("Name", "cord"), ("LabelValue", "1"), ("Layer", "0")):
                volume.SetMetaData(f"Segment0_{key}", text)
            for compressed in {False, packed}:
                sitk.WriteImage(volume, path, useCompression=compressed)
                yield path.read_bytes()


def segmentations() -> Iterator[bytes]:
    """DICOM segmentations of the series, as highdicom writes them."""
    import highdicom as hd
    import numpy as np
    from pydicom.sr.codedict import codes

    sources = [pydicom.dcmread(path) for path in sorted(series().iterdir())]
    described = hd.seg.SegmentDescription(
        segment_number=1,
        segment_label="cord L2",
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=codes.SCT.SpinalCord,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
    )
    values = np.zeros((3, 32, 40), np.uint8)
    values[:2, 5:20, 6:30] = 1
    for kind in ("BINARY", "FRACTIONAL", "LABELMAP"):
        made = hd.seg.Segmentation(
            sources, values if kind != "FRACTIONAL" else values.astype(float), kind, [described],
            series_instance_uid=hd.UID(), series_number=9, sop_instance_uid=hd.UID(),
            instance_number=1, manufacturer="Maker", manufacturer_model_name="Model",
            software_versions="1", device_serial_number="1",
        )  # fmt: skip
        buffer = io.BytesIO()
        made.save_as(buffer)
        yield buffer.getvalue()


def structures() -> Iterator[bytes]:
    """Contours on the slices of the series, as PS3.3 C.8.8.6 has them."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage

    data, frame, roi, item, contour = (Dataset() for _ in range(5))
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = RTStructureSetStorage
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.6"
    frame.FrameOfReferenceUID = "1.2.5"
    data.ReferencedFrameOfReferenceSequence = [frame]
    roi.ROINumber, roi.ROIName = 1, "cord"
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 3
    contour.ContourData = ["1", "1", "3", "6", "2", "3", "3", "9", "3"]
    item.ReferencedROINumber, item.ContourSequence = 1, [contour]
    data.StructureSetROISequence, data.ROIContourSequence = [roi], [item]
    buffer = io.BytesIO()
    data.save_as(buffer, enforce_file_format=True)
    yield buffer.getvalue()


def tables() -> Iterator[bytes]:
    yield from small("*/*.csv", "*/*/*.csv")
    yield b"Patient,RHI,Location,Lesions,Visit\np1,3.5,lumbar,2,1\np2,NaN,,,2\n"
    yield b"patient;rhi;vas_1;vas_2;vas_adjudicated\na;1.5;3;4;\nb;0;2;2;1\n"
    yield b"patient,rhi,vas,tier,location,number\na,1.5,3,mild,cervical,single\n"
    yield b"patient,image,visit,vas,rhi,slice,level,cordarea,higharea\np,i,1,2,3,4,L,5,6\n"
    yield b"quantity,statistic,value\nRHI,repeatability coefficient,1.5\n"


def manifests() -> Iterator[bytes]:
    yield b"patient,image,rois,location,number,visit\np1,a.tif,,lumbar,2,1\np1,b.tif,x.zip,,,2\n"
    yield b"\xef\xbb\xbfPatient,Image\np1,a.tif\n"


def models() -> Iterator[bytes]:
    shipped = Path(sys.modules["pyrhi.pain.model"].__file__ or "").with_name("models")
    for path in sorted(shipped.glob("*.json")):
        yield path.read_bytes()[:MAX_INPUT]


def journals() -> Iterator[bytes]:
    """Records of the sample's slices, the last line cut off."""
    for path in sorted(DATA.glob("sample/axial_slices/*.tif"))[::5]:
        record = measure_task(WorkOptions(), Item(Task(image=str(path), name=path.name)))
        yield b"key " + json.dumps(json_of_record(record)).encode() + b"\nkey {\n"
    yield b'key {"error":"x"}\nbegun a.tif\n'


def keyed(data: bytes) -> bytes:
    """Return a journal whose first line is that of the item that is looked for."""
    return KEY + b" " + data.partition(b" ")[2]


READERS: dict[
    str,
    tuple[str, Callable[[Path], object], Callable[[], Iterable[bytes]], Callable[[bytes], bytes]],
] = {
    # name -> file, what reads it, seeds, what is done to an input before it is read
    "tiff": ("a.tif", image, lambda: small("images/*.tif"), same),
    "dicom": ("a.dcm", image, lambda: small("images/*.dcm"), same),
    "nifti": ("a.nii", image, nifti, same),
    "nifti-gz": ("a.nii.gz", image, zipped, same),
    "png": ("a.png", image, lambda: small("images/*.png"), sealed),
    "jpeg": ("a.jpg", image, lambda: small("images/*.jpg"), same),
    "zipped": ("a.zip", image, lambda: small("images/*.zip"), same),
    "mask-nrrd": ("a.nrrd", mask, lambda: volumes("nrrd"), same),
    "mask-meta": ("a.mha", mask, lambda: volumes("mha"), same),
    "mask-nifti": ("a.nii", mask, lambda: volumes("nii", packed=False), same),
    "mask-seg": ("a.dcm", mask, segmentations, same),
    "mask-rtstruct": ("a.dcm", mask, structures, same),
    "roi": ("a.roi", rois, entries, same),
    "roiset": ("a.zip", rois, lambda: small("*/*.zip", "*/*/*.zip"), same),
    "roiset-entry": ("a.zip", rois, entries, packed),
    "table": ("a.csv", table, tables, same),
    "manifest": ("a.csv", tasks_of_manifest, manifests, same),
    "model": ("a.json", load_model, models, same),
    "journal": (".pyrhi-journal.jsonl", journal, journals, keyed),
}


def in_one_line(read: Callable[[Path], object], path: Path) -> None:
    """Read; an error that is not pyrhi's, or that takes several lines, goes through."""
    try:
        read(path)
    except PyrhiError as error:
        if len(str(error).splitlines()) != 1:
            msg = f"an error that is not one line: {str(error)!r}"
            raise RuntimeError(msg) from error


def fuzz(name: str, options: argparse.Namespace, scratch: Path) -> None:
    """Fuzz one reader in this process, which libFuzzer ends."""
    file, read, seeds, prepared = READERS[name]
    tempfile.tempdir = str(scratch)  # removed by the parent, whatever ends this process
    corpus = scratch / "corpus"
    corpus.mkdir()
    found = sorted(set(seeds()))
    for number, data in enumerate(found[:: -(-len(found) // MAX_SEEDS)]):
        (corpus / f"seed{number}").write_bytes(data)
    path = scratch / "input" / file
    path.parent.mkdir()

    def one(data: bytes) -> None:
        path.write_bytes(prepared(data))
        in_one_line(read, path)

    end = [f"-runs={options.runs}"] if options.runs else []
    end += [f"-max_total_time={options.seconds}"] if options.seconds else []
    flags = [
        f"-seed={SEED}",
        f"-timeout={TIMEOUT}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-max_len={MAX_INPUT}",
        f"-artifact_prefix={options.crashes}/{name}-",
        "-print_final_stats=1",
        *end,
        str(corpus),
    ]
    # What a library prints of a damaged file is not of interest here.
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    atheris.Setup([sys.argv[0], *flags], one)
    atheris.Fuzz()


def forked(name: str, options: argparse.Namespace) -> int:
    """Fuzz one reader in a process of its own, forked: what is instrumented is so once for all."""
    with tempfile.TemporaryDirectory(prefix="pyrhi-fuzz-") as scratch:
        pid = os.fork()
        if not pid:
            with (options.crashes / f"{name}.log").open("wb") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            # libFuzzer ends this process at once: what it leaves, the parent takes away.
            tempfile.tempdir = scratch
            fuzz(name, options, Path(scratch))
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(READERS))
    parser.add_argument("--seconds", type=int, default=0, help="how long, for each reader")
    parser.add_argument("--runs", type=int, default=0, help="how many inputs, for each reader")
    parser.add_argument("--crashes", type=Path, default=Path("fuzz-crashes"))
    options = parser.parse_args()
    if not options.seconds and not options.runs:
        parser.error("give --seconds or --runs")
    unknown = set(options.readers) - set(READERS)
    if unknown:
        parser.error(f"no such reader: {', '.join(unknown)}")
    options.crashes.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in options.readers or READERS:
        code = forked(name, options)
        print(f"{name}: {'failed' if code else 'passed'}", flush=True)
        failed += [name] if code else []
    print(f"failed: {', '.join(failed)}; see {options.crashes}" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
