"""Patients and a cohort for the commands of pain tiers, and commands that refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pyrhi.cli.main import run

PATIENTS = (
    "Patient,Images,Slices,RHI,RHI_max,RHI_mean,RHI_pooled,Lesions,Location\n"
    "a,1,3,20,20,10,12,1,lumbar\nb,1,3,0,0,0,0,0,unknown\nc,1,3,NaN,,,,,\n"
    "'=d,1,1,70,70,70,70,3,multiple\ne,1,1,130,130,130,130,1,lumbar\n"
)


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    path = tmp_path / "patients.csv"
    path.write_text(PATIENTS, encoding="utf-8")
    return path


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    path = tmp_path / "cohort.csv"
    lines = ["patient,rhi,vas_1,vas_2,number"]
    for k, (mean, vas) in enumerate([(27, 2), (57, 5), (66, 9)]):
        for i in range(15):
            rhi = float(np.clip(rng.normal(mean, 13), 1, 99))
            lines.append(f"p{k}{i},{rhi:.1f},{vas},{vas + (i == 0)},{i % 3 + 1}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[list[str], int], str]:
    """Run a command in an empty folder: it ends with that code, and what it says is returned."""
    monkeypatch.chdir(tmp_path)

    def errors_of(arguments: list[str], code: int) -> str:
        assert run(arguments) == code
        return capsys.readouterr().err

    return errors_of
