"""The jar in jars/ of a Fiji: SciJava finds the scripts in it, Jython their package."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rigs.scijava
from rigs.scijava import MENU, ScriptContext, script_context

from pyrhi.fiji import package, shipped_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyrhi.fiji import Target

pytestmark = pytest.mark.slow

TRY = """\
#@output String where
#@output String model
import pkgutil
import pyrhi_fiji
where = pyrhi_fiji.__file__
model = pkgutil.get_data("pyrhi_fiji", "models/published.json").decode("utf-8")
"""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptContext]:
    """A small Fiji with the jar, and without the files."""
    folder = tmp_path_factory.mktemp("jar")
    jar = package(folder / "out").jar

    def drop_in(target: Target) -> None:
        shutil.copy(jar, target.folder / "jars")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rigs.scijava, "install", drop_in)
        with script_context(folder / "Fiji.app") as started:
            yield started


def test_every_script_is_in_the_menu(context: ScriptContext):
    assert not (context.folder / "scripts").exists()
    menu = {line.partition("\t")[0] for line in context.ask("list")}
    scripts = [Path(f.path).stem for f in shipped_files() if f.path.startswith(f"{MENU}/")]
    assert scripts
    assert {f"Plugins > RHI > {name.replace('_', ' ')}" for name in scripts} <= menu


def test_jython_imports_the_package_and_its_models_from_the_jar(context: ScriptContext):
    script = context.script("Try")
    script.parent.mkdir(parents=True)
    script.write_text(TRY)
    outputs = context.run("Try")
    assert "__pyclasspath__" in outputs["where"]
    (model,) = (f for f in shipped_files() if f.path.endswith("models/published.json"))
    assert json.loads(outputs["model"]) == json.loads(model.data)
