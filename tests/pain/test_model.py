"""What every pain model shares: kinds enter a registry, and no module imports the one above."""

from __future__ import annotations

import ast
import json
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
    new_document,
    parse_model,
    undecided,
)

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
            said = model.predict(patient)
            assert (said.tier, said.indeterminate, said.model) == ("", True, "a coin")
            assert said.reason.startswith(reason)
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
