"""Batch RHI of Fiji beside a plain macro of 15 lines, on 300 and 1,200 slices, in one run.

``python benchmarks/fiji.py`` prints milliseconds for each further image, by the clock and of the
processor, and how many times the plain macro's that is. It needs Java and Xvfb.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from rigs.imagej_window import screen
from rigs.scijava import script_context

import pyrhi

SLICES = Path(pyrhi.__file__).parent / "sample" / "axial_slices"
PLAIN = Path(__file__).with_name("fiji_plain.ijm")
FEW, MANY = 300, 1200
TIMES = 5
SCRIPT = """#@ String macro
#@ String folder
#@ String output
#@output String spent
from ij import IJ
from java.io import File
from java.lang import System
from java.lang.management import ManagementFactory
from pyrhi_fiji import commands

cpu = ManagementFactory.getThreadMXBean()


def seconds(work):
    used, began = cpu.getCurrentThreadCpuTime(), System.nanoTime()
    work()
    spent = System.nanoTime() - began, cpu.getCurrentThreadCpuTime() - used
    return "%.4f %.4f" % tuple(each / 1e9 for each in spent)


def batch():
    commands.batch(File(folder), File(output), "none", "", False, False)


spent = seconds(lambda: IJ.runMacroFile(macro, folder)) + " " + seconds(batch)
"""


def make(folder: Path, count: int) -> Path:
    """Fill a folder with copies of the sample's slices and their ROI sets."""
    folder.mkdir()
    slices = sorted(SLICES.glob("*.tif"))
    for i in range(count):
        source = slices[i % len(slices)]
        shutil.copy(source, folder / f"s{i:05d}.tif")
        shutil.copy(source.with_suffix(".zip"), folder / f"s{i:05d}.zip")
    return folder


def main() -> None:
    """Measure both ways some times and print what a further image takes."""
    with tempfile.TemporaryDirectory() as scratch, screen() as display:
        top = Path(scratch)
        folders = [make(top / str(count), count) for count in (FEW, MANY)]
        script = top / "spent.py"
        script.write_text(SCRIPT)
        with script_context(top / "Fiji.app", environment={"DISPLAY": display}) as context:

            def spent(folder: Path) -> list[float]:
                paths = {"macro": PLAIN, "folder": folder, "output": top / "out"}
                return [float(each) for each in context.run(str(script), **paths)["spent"].split()]

            # Java compiles what runs often: neither way is to be timed while it does so.
            for _ in range(TIMES):
                spent(folders[-1])
            # The best of some rounds, as in run.py: other programs run beside this one.
            rounds = [[spent(folder) for folder in folders] for _ in range(TIMES)]
            few, many = [map(min, zip(*each, strict=True)) for each in zip(*rounds, strict=True)]
            each = [1000 * (b - a) / (MANY - FEW) for a, b in zip(few, many, strict=True)]
            plain, plain_cpu, batch, batch_cpu = each
            print("for each further image   plain macro        Batch RHI          times")
            print(
                f"  by the clock           {plain:6.2f} ms          {batch:6.2f} ms"
                f"        {batch / plain:5.2f}\n"
                f"  of the processor       {plain_cpu:6.2f} ms          {batch_cpu:6.2f} ms"
                f"        {batch_cpu / plain_cpu:5.2f}"
            )


if __name__ == "__main__":
    main()
