"""What every pain model shares: kinds enter a registry, and no module imports the one above."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

import pyrhi.pain
from pyrhi.errors import ModelError
from pyrhi.pain.model import (
    KINDS,
    Checker,
    PainModel,
    Patient,
    Prediction,
    dump_model,
    load_model,
    new_document,
    parse_model,
    undecided,
)
from pyrhi.pain.summary_model import PublishedModel

PAIN = Path(pyrhi.pain.__file__).parent


def test_the_kinds_are_those_of_the_shipped_models_and_the_fit() -> None:
    assert set(KINDS) == {"published", "cutpoints", "ordinal"}


def test_a_new_kind_is_read_from_its_file_without_a_change_elsewhere() -> None:
    class Coin(PainModel, kind="coin"):
        @staticmethod
        def fields_of(check: Checker, /) -> dict[str, Any]:
            check.number("bias", low=0, high=1)
            return {}

        def judge(self, rhi: float, patient: Patient, /) -> Prediction:
            return undecided("a coin") if patient.location is None else Prediction("mild")

    try:
        document = new_document("coin", "a coin", ("mild", "severe"), ("guesses",)) | {"bias": 0.5}
        model = parse_model(dump_model(document).encode(), where="coin.json")
        assert isinstance(model, Coin)
        assert (model.name, model.caveats, model.document) == ("a coin", ("guesses",), document)
        assert model.predict(Patient(5.0, "lumbar")) == Prediction("mild", model="a coin")
        for patient, reason in (
            (Patient(5.0), "a coin"),
            (Patient(None), "RHI is missing"),
            (Patient(120.0, "lumbar"), "RHI 120 is over 100"),
        ):
            prediction = model.predict(patient)
            assert (prediction.tier, prediction.indeterminate, prediction.model) == (
                "",
                True,
                "a coin",
            )
            assert prediction.reason.startswith(reason)
        with pytest.raises(ModelError, match=r"coin\.json: field 'bias' must be"):
            parse_model(json.dumps(document | {"bias": 2}).encode(), where="coin.json")
    finally:
        del KINDS["coin"]


def test_no_module_of_pain_imports_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path in PAIN.glob("*.py"):
        if path.stem == "__init__":
            continue
        graph[path.stem] = {
            node.module.rpartition(".")[2]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pyrhi.pain.")
        }
    order = list(TopologicalSorter(graph).static_order())
    assert order.index("model") < min(
        order.index(kind) for kind in ("cutpoints", "ordinal", "summary_model")
    )
    assert not graph["model"] & {"cutpoints", "ordinal", "summary_model"}


@pytest.fixture(scope="module")
def model() -> PublishedModel:
    loaded = load_model("published")
    assert isinstance(loaded, PublishedModel)
    return loaded


def damaged(change: object) -> bytes:
    document = json.loads(dump_model(load_model("published").document))
    change(document)  # type: ignore[operator]
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda d: d.update(format="other"), "not a pyrhi pain model"),
        (lambda d: d.update(version=2), "reads version 1"),
        (lambda d: d.update(version=True), "'version'"),
        (lambda d: d.update(kind="forest"), "'forest' is unknown"),
        (lambda d: d.update(tiers=["none", "mild"]), "'tiers'"),
        (lambda d: d.update(tiers=[["mild"], 2]), "'tiers'"),
        (lambda d: d.pop("tables"), "'tables'"),
        (lambda d: d.update(tables={}), "'tables'"),
        (lambda d: d.update(tables={"any": {}}), "'P_mild'"),
        (lambda d: d["tables"]["any"]["P_mild"].pop(), "1001 finite numbers"),
        (lambda d: d["tables"]["any"]["P_mild"].__setitem__(5, 1.5), "between 0 and 1"),
        (lambda d: d["tables"]["any"]["P_mild"].__setitem__(5, 0.1), "adds up"),
        (lambda d: d["tables"]["any"]["P_mild"].__setitem__(5, "x"), "finite numbers"),
        (lambda d: d.update(rhi_range=[84, 10]), "ascending"),
        (lambda d: d.update(decision={"mild_at_most": 0.9}), "'mild_at_most'"),
        (lambda d: d.update(steps_per_unit=0.5), "'steps_per_unit'"),
        (lambda d: d.update(performance=3), "'performance'"),
    ],
)
def test_damaged_or_foreign_file_is_refused(change: object, text: str) -> None:
    with pytest.raises(ModelError, match=text) as caught:
        parse_model(damaged(change), where="mine.json")
    assert str(caught.value).startswith("mine.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\x80\x04\x95", b"[1]", b"[" * 100_000, b'{"format": NaN}', b"\xff\xfe"]
)
def test_file_that_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"mine\.json"):
        parse_model(data, where="mine.json")


def test_absent_and_huge_files_are_refused(
    tmp_path: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError, match="no such model"):
        load_model("nothing.json")
    path = tmp_path / "big.json"  # type: ignore[operator]
    path.write_text("{}")
    monkeypatch.setattr("pyrhi.pain.model.MAX_MODEL_BYTES", 1)
    with pytest.raises(ModelError, match="larger than 1"):
        load_model(path)


def test_shipped_model_needs_neither_statsmodels_nor_scipy() -> None:
    code = (
        "import sys; sys.modules['scipy'] = sys.modules['statsmodels'] = None\n"
        "from pyrhi.pain.model import load_model, Patient\n"
        "print(load_model('published').predict(Patient(20.0)).tier)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("mild\n", "")
