"""The jar of ``pyrhi fiji package`` alone gives the same commands; what is missing is said."""

from __future__ import annotations

from pathlib import Path

from rigs.scijava import MENU, ScriptContext, run_script_batch, script_context

import pyrhi
from pyrhi.fiji import package, shipped_files

SAMPLE = Path(pyrhi.__file__).parent / "sample"
TIER = {"source": "the RHI below", "rhi": 42, "location": "unknown", "number": "unknown"}
MODEL = {"model": "published", "save": False}


def commands(context: ScriptContext) -> set[str]:
    return {line.split("\t")[0] for line in context.ask("list") if not line.startswith("\t")}


def test_jar_alone_has_the_commands_the_package_and_the_models(
    scripts: ScriptContext, tmp_path: Path
):
    jar = package(tmp_path / "made").jar.read_bytes()
    with script_context(tmp_path / "Fiji.app", jar=jar) as context:
        assert not (context.folder / "scripts").exists()
        assert not (context.folder / "jars" / "Lib").exists()
        assert commands(context) == commands(scripts)
        names = {Path(f.path).stem for f in shipped_files() if f.path.startswith(f"{MENU}/")}
        menu = {f"Plugins > RHI > {name.replace('_', ' ')}" for name in names}
        assert menu
        assert menu <= commands(context)
        for name, one in (("jar", context), ("folder", scripts)):
            run_script_batch(SAMPLE / "sagittal_stack", tmp_path / name, context=one)
        tiers = [one.run("Pain_Tier", **TIER, **MODEL) for one in (context, scripts)]
    assert (tmp_path / "jar" / "rhi.csv").read_bytes() == (
        tmp_path / "folder" / "rhi.csv"
    ).read_bytes()
    assert tiers[0] == tiers[1]


def test_missing_package_and_models_are_said_in_one_sentence(
    tmp_path: Path,
):
    with script_context(tmp_path / "Fiji.app") as context:
        library = context.folder / "jars" / "Lib" / "pyrhi_fiji"
        models = library / "models"
        models.rename(context.folder / "models")
        text = context.run("Pain_Tier", **TIER, **MODEL)["text"]
        assert text == (
            "the model published is not in jars/Lib/pyrhi_fiji/models of this Fiji: run pyrhi "
            "fiji install FIJI_DIR"
        )
    with script_context(tmp_path / "other" / "Fiji.app") as context:
        library = context.folder / "jars" / "Lib" / "pyrhi_fiji"
        library.rename(library.with_name("elsewhere"))
        missing = "pyrhi_fiji is missing in jars/Lib of this Fiji; run: pyrhi fiji install FIJI_DIR"
        assert context.run("Pain_Tier", **TIER, **MODEL)["text"] == missing
        image = SAMPLE / "axial_slices" / "t2_axial_022.tif"
        find = {"imp": image, "high": "auto", "custom": ""}
        assert context.run("Find_High_Intensity", **find)["summary"] == missing
        measure = {"clip": False, "save": False, **find}
        assert context.run("Measure_RHI", **measure)["summary"] == missing
        assert run_script_batch(SAMPLE, tmp_path / "out", context=context) == missing
        assert missing in context.written()
