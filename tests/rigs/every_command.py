"""Every command that writes a table, run one after another on the packaged sample."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from pyrhi.cli.main import run
from pyrhi.sample import sample_folder


def cohort(path: Path, lesions: int) -> Path:
    """Write patients whose pain follows RHI."""
    rng = random.Random(3)
    lines, number = ["patient,lesion,rhi,vas,location,number,age,sex"], 0
    for i in range(60):
        number = number if i % lesions else rng.randint(1, 3)
        rhi = rng.uniform(5, 90)
        vas = min(10, max(0, round(rhi / 12 + rng.gauss(1, 2.5))))
        where = rng.choice(["cervical", "thoracic", "lumbar"])
        who = f"p{i // lesions},L{i % lesions + 1}"
        lines.append(f"{who},{rhi:.2f},{vas},{where},{number},60,female")
    path.write_text("\n".join(lines) + "\n")
    return path


def all_commands(folder: Path, *more: str, simulated: Path | None = None) -> None:
    """Run every command that writes a table; a cohort that was simulated before is copied."""
    sample = sample_folder()
    slices, image = sample / "axial_slices", sample / "axial_slices/t2_axial_022.tif"
    given = folder / "given"
    shutil.copytree(slices, given)
    (given / "broken.tif").write_bytes(b"none")
    (given / "r.txt").write_text(
        "Patient,Image,Slice,Level,Rating,Score,Comment,Reader,Date\n"
        "given,t2_axial_022.tif,1,,accept,4,,,\n"
    )
    (given / "ratings.csv").write_text((given / "r.txt").read_text())
    nifti = Path(__file__).parents[1] / "data/sample/nifti"
    masks = ["--cord-mask", str(nifti / "t2_cord.nii.gz"), "--high-mask",
             str(nifti / "t2_high.nii.gz")]  # fmt: skip
    visits = [str(sample / "visits" / name) for name in ("month_0", "month_6")]
    study = folder / "sim/synthetic_cohort.csv"
    several, single = cohort(given / "two.csv", 2), cohort(given / "one.csv", 1)
    lines: list[tuple[int, list[object]]] = [
        (1, ["measure", given, "--jobs", 1, "--measures", "--slice-distance", 0.8,
             "--slice-plane", "axial", "--ratings", given / "ratings.csv", "-o", folder / "m"]),
        (0, ["results", image, image.with_suffix(".zip"), "-o", folder / "results.csv"]),
        (0, ["thresholds", image, "-o", folder / "thresholds.csv"]),
        (0, ["classify", folder / "m/patients.csv", "-o", folder / "tiers.csv"]),
        (0, ["verify", image, "-o", folder / "differences.csv"]),
        (0, ["track", *visits, "--repeatability", 5, "-o", folder / "track"]),
        (0, ["measure", nifti / "t2.nii.gz", *masks, "-o", folder / "a"]),
        (0, ["measure", nifti / "t2.nii.gz", *masks, "-o", folder / "b"]),
        (0, ["track", folder / "a", folder / "b", "--lesions", "-o", folder / "lesions"]),
        (0, ["agree", f"a={slices}", f"b={sample / 'second_reader'}", "--images", slices,
             "-o", folder / "agree"]),
        (0, ["study", "--simulate", "-o", folder / "sim"]),
        (0, ["study", study, "-o", folder / "study", "--resamples", 100]),
        (0, ["study", several, "-o", folder / "several", "--resamples", 100]),
        (0, ["study", "--published", "-o", folder / "published"]),
        (0, ["evaluate", single, "-o", folder / "evaluate", "--repeats", 1, "--bootstraps", 5]),
    ]  # fmt: skip
    for code, line in lines:
        shown = [str(word) for word in line]
        simulates = "--simulate" in shown
        if simulates and simulated is not None:
            shutil.copytree(simulated, folder / "sim")
            continue
        # A cohort is read again by the next command, in the locale that it was written in.
        assert run([*shown, *(() if simulates else more)]) == code, shown
