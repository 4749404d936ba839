"""Make the shipped models again: ``python -m pyrhi.pain.build``."""

from __future__ import annotations

import sys
from pathlib import Path

from pyrhi.pain.cutpoints import build_cutpoints
from pyrhi.pain.model import Checker, Document, dump_model
from pyrhi.pain.summary_model import PublishedModel, build_published, crossings


def shipped_documents() -> dict[str, Document]:
    """Make the documents of the shipped models.

    Returns
    -------
    dict
        By name: ``published`` with its defaults, and ``cutpoints`` where that model's more
        probable of two neighbouring tiers changes.
    """
    document = build_published()
    first, second = crossings(PublishedModel.from_document(Checker(document, "published")))
    origin = "where the published model's more probable of two neighbouring tiers changes"
    return {
        "published": document,
        "cutpoints": build_cutpoints(first, second, origin=origin),
    }


def main(folder: Path) -> None:
    """Write the shipped models.

    Parameters
    ----------
    folder
        Where to write them.
    """
    for name, document in shipped_documents().items():
        (folder / f"{name}.json").write_text(dump_model(document), encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "models")
