"""``pyrhi agree`` as it is run, on the real sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pyrhi.cli.main import run

NOTICE = "Research use only; not a medical device."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["agree", "none", "other", "-o", "out"], "none: no such file or folder"),
        (["track", "none.csv", "-o", "out"], "none.csv: cannot be read"),
        (["track", ".", "-o", "out"], "holds neither patients.csv nor rhi.csv"),
        (["agree", "a=.", "b=.", "-o", "out"], "neither rhi.csv nor images; give their folder by"),
    ],
)
def test_wrong_paths_are_one_line(
    arguments: list[str], message: str, refused: Callable[[list[str], int], str]
) -> None:
    error = refused(arguments, 1)
    assert message in error
    assert error.count("\n") == 1


def test_plots_of_readers_who_are_no_longer_compared_are_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = []
    for name, more in (("anna", 0.0), ("bela", 1.0), ("cora", 2.0)):
        path = tmp_path / f"{name}.csv"
        cells = [f"x,i{n}.tif,1,,{10 * n + more * (n % 3)},50,5" for n in range(1, 8)]
        head = "Patient,Image,Slice,Level,RHI,CordArea,HighArea\n"
        path.write_text(head + "\n".join(cells) + "\n")
        tables.append(str(path))
    out = tmp_path / "out"
    assert run(["agree", *tables, "-o", str(out)]) == 0
    (out / "outlines.csv").write_text("of other outlines\n")
    before = {p.name for p in out.glob("bland_altman_*")}
    capsys.readouterr()
    assert run(["agree", *tables[:2], "-o", str(out)]) == 0
    assert "of an earlier run" in capsys.readouterr().err
    after = {p.name for p in out.glob("bland_altman_*")}
    assert after == {name for name in before if "cora" not in name}
    assert after
    assert not (out / "outlines.csv").exists()
    assert {p.name for p in out.glob("earlier/*/*")} == {"outlines.csv", *(before - after)}
