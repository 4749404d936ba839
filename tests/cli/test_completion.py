"""Completion, as a real bash does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pyrhi.cli.main import run

ASK = """
source "$1"
COMP_WORDS=(pyrhi {words})
COMP_CWORD={place}
_pyrhi_completion pyrhi
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert run(["completion", "bash", "--install"]) == 0
    return tmp_path / "bash-completion/completions/pyrhi"


WANTED = [
    ("cla", 1, ["classify"]),
    ("agree --tier", 2, ["--tier-model"]),
    ("de", 1, ["demo", "deidentify"]),
]


@pytest.mark.parametrize(("words", "place", "wanted"), WANTED)
def test_bash_completes_what_a_person_has_begun(
    script: Path, words: str, place: int, wanted: list[str]
):
    text = ASK.format(words=words, place=place)
    # The script asks the pyrhi that a user would type.
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", text, "bash", str(script)],
        check=True, capture_output=True, text=True, timeout=120, env={**os.environ, "PATH": here},
    )  # fmt: skip
    assert sorted(done.stdout.split()) == sorted(wanted)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script_and_a_place(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    assert run(["completion", shell]) == 0
    printed = capsys.readouterr().out
    assert f"_PYRHI_COMPLETE={shell}_complete" in printed
    assert run(["completion", shell, "--install"]) == 0
    path = Path(capsys.readouterr().err.splitlines()[0])
    assert path.read_text(encoding="utf-8") == printed
    assert tmp_path in path.parents
