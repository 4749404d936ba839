"""The Methods section tells what was run and no more; the checklist points at what is there."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from pyrhi import __version__
from pyrhi.study.cohort import read_study_cohort
from pyrhi.study.kept import Kept
from pyrhi.study.methods import GUIDELINES, PACKAGES, checklist, methods_text
from pyrhi.study.statistics import Resampling, statistics_of

pytestmark = pytest.mark.slow

FEW = Resampling(resamples=100)


def text_of(path: Path) -> str:
    cohort = read_study_cohort(path)
    statistics = statistics_of(cohort, FEW)
    return methods_text(
        cohort, statistics, resamples=100, seed=7, decisions=bool(statistics.decisions)
    )


def test_versions_numbers_and_sources_are_those_of_the_run(
    simulated: tuple[Path, tuple[Kept, ...]],
) -> None:
    text = text_of(simulated[0])
    assert "Synthetic data: no patient was measured." in text
    assert "45 rows were assessed" in text
    assert "onset in 6 of 45 rows" in text
    for name in PACKAGES:
        assert f"{name} {version(name)}" in text
    assert f"pyrhi {__version__}" in text
    for source in ("DeLong", "Newson", "Holm", "Jonckheere", "Vickers", "Bonett & Wright"):
        assert source in text
    assert "100 resamples of patients, seed 7" in text
    assert "jackknife)" not in text.split("## Sources")[0]
    assert "mixed model" not in text
    assert "readers" not in text.split("## Statistics")[1].split("## Software")[0]


def test_what_was_not_run_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(
        "patient,vas,rhi\n" + "".join(f"P{i},{i},{5 * i}\n" for i in range(4, 11)), "utf-8"
    )
    text = text_of(path)
    assert "ROC" not in text
    assert "decision curve" not in text
    assert "no criterion of eligibility was in the file" in text
    assert "VAS by number" not in text


def test_several_lesions_and_two_readers_are_told(tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    lines = ["patient,lesion,vas_1,vas_2,rhi"]
    for i in range(12):
        for j in range(2):
            lines.append(f"P{i},L{j},{(i + j) % 10 + 1},{(i + 2 * j) % 10 + 1},{6 * i + 9 * j + 1}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    text = text_of(path)
    assert "12 patients with 24 lesions" in text
    assert "leave out whole patients (jackknife); comparisons of groups have none; a linear" in text
    assert "interval of order statistics" not in text
    assert "two blinded readers" in text


def test_the_checklist_has_every_item_and_points_at_files_of_a_study(study: Path) -> None:
    items = checklist()
    assert {c.guideline for c in items} == set(GUIDELINES)
    numbers = {g: [c.item for c in items if c.guideline == g] for g in GUIDELINES}
    # STARD 2015 has 30 items with 10, 12, 13 and 21 in two parts; TRIPOD+AI 27; GRRAS 15.
    assert len(numbers["STARD"]) == 34
    assert numbers["TRIPOD+AI"] == [str(i) for i in range(1, 28)]
    assert numbers["GRRAS"] == [str(i) for i in range(1, 16)]
    made = {p.name for p in study.iterdir()}
    others = {"run.json", "agreement.csv", "outlines.csv", "evaluation.csv", "evaluation.json"}
    for item in items:
        for word in item.where.replace(";", " ").replace(",", " ").split():
            if word.endswith((".csv", ".md", ".png", ".docx", ".tex", ".json")):
                known = word in made | others or (Path(__file__).parents[2] / word).is_file()
                assert known, f"{item.guideline} {item.item}: {word}"


@pytest.mark.parametrize("guideline", GUIDELINES)
def test_each_guideline_names_its_paper(guideline: str) -> None:
    assert any(char.isdigit() for char in GUIDELINES[guideline])
