"""Write and run the notebooks of the docs: ``python docs/notebooks/make.py``.

Needs nbformat, nbclient and ipykernel (dependency group ``test``).
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent

STUDY = [
    """# One study, from slices to Table 3 and Figure 4

The slices are those of the packaged sample: a real cervical T2 scan with a **synthetic** lesion,
outlined with ROIs. Each slice stands for a patient here, and the pain scores are **made up**.
Research use only; not a medical device.""",
    """import csv
import tempfile
from pathlib import Path

import pandas as pd

import pyrhi
from pyrhi.sample import sample_folder

slices = sample_folder() / "axial_slices"
workspace = tempfile.TemporaryDirectory()
study = Path(workspace.name)""",
    "## One slice\n\nROIs lie beside the image; the result shows itself.",
    'result = pyrhi.measure(slices / "t2_axial_022.tif")\nresult',
    "## All slices of the study\n\nA manifest says which image belongs to whom.",
    """images = sorted(slices.glob("*.tif"))
with open(study / "manifest.csv", "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(["patient", "image", "location"])
    for number, image in enumerate(images, start=1):
        writer.writerow([f"P{number:02}", image, "cervical"])

tables = pyrhi.measure_folder(study / "manifest.csv", output=study / "results", jobs=1)
tables""",
    'ax = tables.plot()\nax.tick_params(axis="x", rotation=90)',
    """## Pain, and who is in the study

The made-up scores rise with RHI. [Study](../study.md) says which columns a cohort may have.""",
    """cohort = tables.patients[["Patient", "RHI"]].rename(columns=str.lower)
cohort["vas"] = [[2, 1, 3, 4, 3, 5, 6, 8, 9, 7, 6, 4, 2, 3, 1, 2][i] for i in range(len(cohort))]
cohort["number"] = ["1", "2", ">2", "1"] * 4
cohort["location"] = "cervical"
cohort["synthetic"] = "yes"
cohort.to_csv(study / "cohort.csv", index=False)
cohort.head()""",
    "## Table 3: RHI by tier of pain",
    """from pyrhi.study.run import run_study
from pyrhi.study.statistics import Resampling

done, statistics = run_study(study / "cohort.csv", study / "out", resampling=Resampling(200, 1))
pd.read_csv(study / "out" / "table_3.csv")[
    ["factor", "group", "n", "median", "min", "max", "p_kruskal_wallis"]
]""",
    "## Figure 4",
    """from IPython.display import Image

Image(filename=study / "out" / "figure_4.png", width=560)""",
    "workspace.cleanup()",
]

MASKS = [
    """# Masks of another program

A T2 volume and two masks as NIfTI, as Spinal Cord Toolbox and most segmentation programs write
them: one of the cord, one of the high-intensity area (synthetic here). Research use only; not a
medical device.

The files are those of the tests (`tests/data/sample/nifti` in a checkout).""",
    """import tempfile
from pathlib import Path

import numpy as np

import pyrhi

nifti = Path("../../tests/data/sample/nifti")
workspace = tempfile.TemporaryDirectory()
out = Path(workspace.name)""",
    "## Tables, and what the lesion is",
    """tables = pyrhi.measure_folder(
    nifti / "t2.nii.gz",
    cord_mask=str(nifti / "t2_cord.nii.gz"),
    high_mask=str(nifti / "t2_high.nii.gz"),
    measures=pyrhi.MeasureOptions(),
    jobs=1,
)
shown = ["Slice", "RHI", "CordArea", "HighArea", "Unit", "Plane"]
tables.rhi.sort_values("RHI", ascending=False)[shown].head()""",
    'tables.measures["lesions"].drop(columns=["Patient", "Visit"])',
    """## The masks as ROIs, for Fiji

`mask_to_rois` makes a ROI of each slice in which ImageJ counts exactly the pixels of the mask.""",
    '''def voxels(path):
    """Grey values of all slices."""
    with pyrhi.read_image(path) as image:
        return np.stack([image.plane(n) for n in range(1, image.n_slices + 1)])


cord, high = voxels(nifti / "t2_cord.nii.gz"), voxels(nifti / "t2_high.nii.gz")
rois = pyrhi.mask_to_rois(cord, "cord", group=1) + pyrhi.mask_to_rois(high, "high", group=2)
pyrhi.write_rois(out / "t2.RoiSet.zip", rois)
len(rois), rois[0]''',
    "There and back, pixel for pixel:",
    """again = pyrhi.read_rois(out / "t2.RoiSet.zip")
back = pyrhi.rois_to_mask([roi for roi in again if roi.name.startswith("cord")], cord.shape)
bool((back == (cord != 0)).all())""",
    """## Measured from the ROIs

The same numbers, shown upright: the file says how its slices lie in the patient.""",
    """result = pyrhi.measure(nifti / "t2.nii.gz", out / "t2.RoiSet.zip")
result""",
    "workspace.cleanup()",
]


def notebook(cells: list[str]) -> nbformat.NotebookNode:
    """Return a notebook of cells: headings and sentences that announce are text."""
    made = nbformat.v4.new_notebook()
    for number, text in enumerate(cells):
        prose = text.startswith("#") or text.endswith(":")
        new = nbformat.v4.new_markdown_cell if prose else nbformat.v4.new_code_cell
        cell = new(text)
        cell.id = f"cell-{number}"
        made.cells.append(cell)
    made.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return made


NOTEBOOKS = {"study.ipynb": STUDY, "masks.ipynb": MASKS}

if __name__ == "__main__":
    for name, cells in NOTEBOOKS.items():
        made = notebook(cells)
        where = {"metadata": {"path": str(HERE)}}
        NotebookClient(made, timeout=600, resources=where).execute()
        for cell in made.cells:
            cell.metadata = {}
        # The version of Python would change the file from machine to machine.
        made.metadata.language_info = {"name": "python", "pygments_lexer": "python"}
        nbformat.write(made, HERE / name)
        print(name)
