"""A full Fiji through pyimagej: the gateway as an engine, with what the gateway converts.

Run by hand: ``PYRHI_TEST_FIJI=/path/to/Fiji.app pytest tests/fiji_scripts``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.fiji

SECONDS = 300


def printed(code: str, *arguments: object) -> list[str]:
    """Run code in a process of its own, whose ending is part of the test."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=os.environ,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("> ")]


def test_a_gateway_measures_files_datasets_and_arrays(fiji_folder: Path, sagittal: Path):
    lines = printed(
        """
        import sys
        import imagej, scyjava
        import numpy as np
        import pyrhi
        from pyrhi.engines import ImageJ, jvm
        from pyrhi.io.rois.files import read_rois
        scyjava.config.set_java_constraints(fetch="auto")
        gateway = imagej.init(sys.argv[1], mode="headless")
        ij = ImageJ(gateway)
        path, rois = sys.argv[2], read_rois(sys.argv[3])
        of_file = [s.rhi for s in pyrhi.measure(path).slices]
        print(">", [s.rhi for s in pyrhi.measure(path, engine=ij).slices] == of_file)
        imp = jvm.jimport("ij.IJ").openImage(path)
        image = ij.open_image(imp)
        print(">", [s.rhi for s in pyrhi.measure(image, rois, engine=ij).slices] == of_file)
        dataset = gateway.io().open(path)
        image = ij.open_image(dataset)
        print(">", [s.rhi for s in pyrhi.measure(image, rois, engine=ij).slices] == of_file)
        pixels = np.arange(600, dtype=np.uint16).reshape(20, 30)
        before = pixels.copy()
        shown = ij.open_image(pixels)
        print(">", shown.kind, shown.width, shown.height, (shown.plane(1) == before).all(),
              (pixels == before).all())
        # Holds threads that never end; the process must end all the same.
        jvm.jimport("ij.IJ").run(imp, "Gaussian Blur...", "sigma=2 stack")
        """,
        fiji_folder,
        sagittal / "t2_sagittal.tif",
        sagittal / "t2_sagittal.RoiSet.zip",
    )
    assert lines == ["> True", "> True", "> True", "> 16-bit 30 20 True True"]


def test_measure_and_verify_by_a_local_fiji(fiji_folder: Path, axial: Path, tmp_path: Path):
    pyrhi = Path(sys.executable).with_name("pyrhi")
    common = {"capture_output": True, "text": True, "timeout": SECONDS, "check": False}
    of_fiji = ("--engine", "imagej", "--fiji", fiji_folder)
    measured = subprocess.run(
        [pyrhi, "measure", axial, "-o", tmp_path / "fiji", *of_fiji], **common
    )
    assert measured.returncode == 0, measured.stderr
    subprocess.run([pyrhi, "measure", axial, "-o", tmp_path / "numpy"], **common)
    assert (tmp_path / "fiji" / "rhi.csv").read_bytes() == (
        tmp_path / "numpy" / "rhi.csv"
    ).read_bytes()
    verified = subprocess.run([pyrhi, "verify", axial, "--fiji", fiji_folder], **common)
    assert verified.returncode == 0, verified.stdout + verified.stderr
