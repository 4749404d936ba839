"""What Spinal Cord Toolbox's own functions say of lesions; run by hand, the numbers are stored.

    python make_sct_numbers.py SCT/spinalcordtoolbox/scripts/sct_analyze_lesion.py > sct.json

Volume, length (of a straight cord) and axial damage ratio of each lesion, by the methods
``_measure_volume``, ``_measure_length`` and ``_measure_axial_damage_ratio`` as they stand in the
file, which are taken out of it because the module needs all of the toolbox.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import nibabel
import numpy as np
import pandas as pd
from skimage.measure import label

NIFTI = Path(__file__).parent.parent / "sample" / "nifti"
METHODS = ("_measure_volume", "_measure_length", "_measure_axial_damage_ratio")


def canonical(path: Path) -> tuple[np.ndarray, list[float]]:
    """Voxels and their sizes with the third axis from foot to head, as the toolbox turns them."""
    image = nibabel.as_closest_canonical(nibabel.load(path))
    sizes = [float(z) for z in image.header.get_zooms()[:3]]
    return np.asanyarray(image.dataobj) > 0, sizes


def main(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in METHODS]
    cord, sizes = canonical(NIFTI / "t2_cord.nii.gz")
    high, _ = canonical(NIFTI / "t2_high.nii.gz")
    image = SimpleNamespace(data=cord, dim=[*cord.shape, 1, *sizes])
    names = {"np": np, "printv": lambda *_, **__: None, "Image": lambda _: image}
    exec(compile(ast.Module(nodes, []), str(source), "exec"), names)
    lesions = label(high, connectivity=2)
    this = SimpleNamespace(
        measure_pd=pd.DataFrame(), fname_sc="", verbose=0, angles_3d=np.zeros(cord.shape[2])
    )
    for number in range(1, lesions.max() + 1):
        for method in METHODS:
            names[method](this, lesions == number, sizes, number)
    json.dump(this.measure_pd.to_dict("records"), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
