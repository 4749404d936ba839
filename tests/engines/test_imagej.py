"""The ImageJ engine against ImageJ's own numbers; every JVM lives in a process of its own."""

from __future__ import annotations

from pathlib import Path

from rigs.own_process import printed
from rigs.places import DATA

from pyrhi.engines import jvm

GOLDEN = sorted(path.name[:-4] for path in (DATA / "golden").glob("*.tif"))
"""A process that has not ended by then hangs; the slowest takes a tenth of it."""


def test_results_are_the_golden_ones_cell_for_cell():
    lines = printed(
        """
        import csv, math, sys, zipfile
        from pathlib import Path
        from pyrhi.engines import ImageJ

        ij = ImageJ()
        cells = 0
        for stem in sys.argv[2:]:
            path = Path(sys.argv[1]) / stem
            with zipfile.ZipFile(f"{path}.RoiSet.zip") as archive:
                rois = [(n.removesuffix(".roi"), archive.read(n)) for n in archive.namelist()]
            found = {row["Roi"]: row for row in ij.results(f"{path}.tif", rois)}
            with open(f"{path}.results.csv", newline="") as file:
                for row in csv.DictReader(file):
                    del row["PixelCount"]
                    for heading, text in row.items():
                        value = found[row["Roi"]][heading]
                        if heading == "Roi":
                            continue
                        expected = float(text)
                        same = value == expected or (math.isnan(value) and math.isnan(expected))
                        assert same, (stem, row["Roi"], heading, value, expected)
                        cells += 1
        print(ij.version, ij.is_headless, cells)
        """,
        DATA / "golden",
        *GOLDEN,
    )
    assert lines == ["1.54p True 47600"]


def test_excluded_pixels_are_those_that_imagej_takes_out():
    """The cord without an exclude ROI is ImageJ's own ``ShapeRoi.not``, measured by ImageJ."""
    lines = printed(
        """
        import numpy as np
        from pyrhi.engines import ImageJ, jvm
        from pyrhi.engines.numpy_engine import NumpyEngine
        from pyrhi.io.images.array import array_image
        from pyrhi.io.rois import decode_roi, encode_mask
        from pyrhi.rhi.high import parse_high
        from pyrhi.rhi.measure import RhiParameters, measure_image

        rng = np.random.default_rng(3)
        ij = ImageJ()
        y, x = np.mgrid[:40, :50]
        discs = {"cord": (24, 20, 13), "high": (30, 18, 6), "artefact": (33, 14, 7)}
        rois = {}
        for name, (cx, cy, r) in discs.items():
            mask = (x - cx) ** 2 + (y - cy) ** 2 <= r * r
            rois[name] = decode_roi(encode_mask(mask, name=name), name=name)
        for dtype in (np.uint8, np.uint16, np.float32):
            image = array_image(rng.normal(100, 20, (40, 50)).astype(dtype))
            engines = NumpyEngine(image), ij.engine(image)
            for names, mode in ((list(discs), None), (["cord", "artefact"], "Otsu")):
                parameters = RhiParameters(high=parse_high(mode) if mode else None)
                given = [rois[n] for n in names]
                a, b = (measure_image(image, given, e, parameters).rhi[0] for e in engines)
                assert a.excluded_pixels == b.excluded_pixels > 0
                for column in ("cord_area", "high_area", "rhi", "cord_mean", "high_mean"):
                    assert getattr(a, column) == getattr(b, column), column
                imp = engines[1]._imp
                shape = jvm.jimport("ij.gui.ShapeRoi")
                java = {n: shape(jvm.jimport("ij.io.RoiDecoder").openFromByteArray(rois[n].data))
                    for n in names}
                measured = [(java["cord"], a.cord_area, a.cord_mean)]
                if mode is None:
                    measured.append((java["high"], a.high_area, a.high_mean))
                for whole, area, mean in measured:
                    imp.setRoi(whole.clone().not_(java["artefact"].clone()))
                    statistics = imp.getStatistics()
                    assert (statistics.area, statistics.mean) == (area, mean)
                if mode:
                    imp.setRoi(java["cord"].clone().not_(java["artefact"].clone()))
                    processor = imp.getProcessor()
                    processor.setRoi(imp.getRoi())
                    processor.setAutoThreshold("Otsu dark")
                    lower, upper = processor.getMinThreshold(), processor.getMaxThreshold()
                    values = engines[0].values(a.cord, 1)
                    inside = a.cord.cropped() != 0
                    if dtype != np.float32:
                        assert a.high_area == ((values >= lower) & (values <= upper) & inside).sum()
        print("same")
        """
    )
    assert lines == ["same"]


def test_groups_of_rois_print_nothing():
    lines = printed(
        """
        import numpy as np
        import pyrhi
        from pyrhi.engines import ImageJ
        from pyrhi.io.images.array import array_image
        from pyrhi.io.rois import decode_roi, encode_mask
        mask = np.zeros((20, 20), bool)
        mask[3:9, 4:12] = True
        roi = decode_roi(encode_mask(mask, name="a", group=1), name="a")
        print(pyrhi.measure(array_image(np.zeros((20, 20), np.uint8)), [roi], engine=ImageJ())
            .cord_area)
        """
    )
    assert lines == ["48.0"]


def test_measuring_needs_no_roi_manager_which_headless_java_refuses():
    lines = printed(
        """
        import jpype
        from pathlib import Path
        from pyrhi.engines import ImageJ, jvm
        from pyrhi.io.rois.files import read_rois
        import sys
        ij = ImageJ()
        rois = [(r.name, r.data) for r in read_rois(sys.argv[2])][:3]
        print(len(ij.results(sys.argv[1], rois)))
        try:
            jvm.jimport("ij.plugin.frame.RoiManager").getRoiManager()
        except jpype.JException as error:
            print(error.getClass().getName())
        """,
        DATA / "golden" / f"{GOLDEN[0]}.tif",
        DATA / "golden" / f"{GOLDEN[0]}.RoiSet.zip",
    )
    assert lines == ["3", "java.awt.HeadlessException"]


def test_a_plain_imagej_folder_and_a_gateway_take_the_same_way(tmp_path):
    jar = next(path for path in jvm.maven_jars(jvm.IMAGEJ_COORDINATE) if "ij-" in Path(path).name)
    (tmp_path / "ij.jar").write_bytes(Path(jar).read_bytes())
    lines = printed(
        """
        import sys
        from pyrhi.engines import ImageJ
        print(ImageJ(fiji=sys.argv[1]).version)
        caller_has = object()
        print(ImageJ(caller_has).version, ImageJ(caller_has).gateway is caller_has)
        """,
        tmp_path,
    )
    assert lines == ["1.54p", "1.54p True"]


def test_a_gateway_without_a_jvm_is_refused():
    lines = printed(
        """
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        try:
            ImageJ(object())
        except EngineError as error:
            print(error)
        """
    )
    assert lines == ["the gateway's Java is not running; make it by imagej.init() in this process"]
