"""The shipped models are what the code makes."""

from __future__ import annotations

import json

import pytest

from pyrhi.pain.build import shipped_documents
from pyrhi.pain.model import dump_model, load_model
from pyrhi.pain.summary_model import PublishedModel


@pytest.fixture(scope="module")
def model() -> PublishedModel:
    loaded = load_model("published")
    assert isinstance(loaded, PublishedModel)
    return loaded


@pytest.mark.slow
def test_shipped_files_are_what_the_code_makes(model: PublishedModel) -> None:
    made = shipped_documents()
    again = json.loads(dump_model(made["published"]))
    shipped = json.loads(json.dumps(model.document))
    columns, others = again["tables"].pop("any"), shipped["tables"].pop("any")
    assert again == shipped
    for name, values in columns.items():
        tolerance = (
            1e-9 if name.count("_") in (1, 3) and not name.endswith(("low", "high")) else 1e-3
        )
        assert values == pytest.approx(others[name], abs=tolerance), name
    assert load_model("cutpoints").document == json.loads(dump_model(made["cutpoints"]))
