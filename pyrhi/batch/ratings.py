"""Readers' ratings of slices: which were accepted, are to be redone or are excluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import TableError
from pyrhi.io.images.folder import IMAGE_SUFFIXES
from pyrhi.io.reading import read_table
from pyrhi.io.tables import NOT_UNICODE, number_cell, plain_cell

if TYPE_CHECKING:
    import os

    from pyrhi.batch.names import NamedRecord
    from pyrhi.batch.plan import Task
    from pyrhi.io.reading import TextRow

RATING_HEADINGS = ("Rating", "Score", "Comment", "Reader")
"""Columns of ``rhi.csv`` that ratings add at its end."""

SCORES = ("1", "2", "3", "4", "5")
"""Quality of outlines and image, from worst to best."""

FILE_HEADINGS = ("Patient", "Image", "Slice", "Level", *RATING_HEADINGS, "Date")
"""Columns of ``ratings.csv``, as the QC report exports it."""

EXCLUDE = "exclude"
RATINGS = ("accept", "redo", EXCLUDE)

EXCLUDED = "{count} of {total} of rhi.csv rated exclude: not counted in patients.csv"

Place = tuple[str, int, str]
"""Image, slice and level: what tells the rows of ``rhi.csv`` apart."""


@dataclass(frozen=True)
class Rating:
    """What readers said of one slice and level.

    Parameters
    ----------
    rating
        One of `RATINGS`, or an empty text where there is a score alone.
    scores
        Scores of the readers, each one of `SCORES`.
    comments, readers
        In the order of the file, each once.
    line
        Line of the file where it stands first.
    patient
        Whose slice it is, as ``rhi.csv`` says it; an empty text where the file does not say it.
    """

    rating: str
    scores: tuple[str, ...]
    comments: tuple[str, ...]
    readers: tuple[str, ...]
    line: int
    patient: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Cells in the order of `RATING_HEADINGS`; the score is the readers' mean."""
        scores = [int(score) for score in self.scores]
        score = number_cell(sum(scores) / len(scores)) if scores else ""
        return self.rating, score, "; ".join(self.comments), "; ".join(self.readers)


SLICE_DIGITS = 9
"""More digits are no slice of any stack."""

NOT_RATED = ("",) * len(RATING_HEADINGS)


@dataclass(frozen=True)
class Ratings:
    """The ratings of a file.

    Parameters
    ----------
    path
        The file.
    by_place
        By image, slice and level.
    """

    path: Path
    by_place: Mapping[Place, Rating]

    def of(self, image: str, slice_number: int, level: str, /) -> tuple[str, ...]:
        """Return rating, score, comment and reader of a row; empty texts where it was not rated."""
        found = self.by_place.get((_as_written(image), slice_number, level))
        return found.cells if found else NOT_RATED

    def check_images(self, tasks: Sequence[Task], /) -> None:
        """Refuse, before anything is measured, ratings of images that a run does not have.

        Raises
        ------
        TableError
            If an image is not among those of the run.
        """
        # Names of DICOM images may become pseudonyms, which are known when they were read.
        if all(Path(task.image).name.lower().endswith(IMAGE_SUFFIXES) for task in tasks):
            self._check_images({_as_written(task.name) for task in tasks})

    def _check_images(self, images: set[str]) -> None:
        for (image, _, _), rating in self.by_place.items():
            if image not in images:
                msg = (
                    f"{self.path}, line {rating.line}: rates {image!r}, which is not among the "
                    "images of this run; check the file, or delete the line"
                )
                raise TableError(msg)

    def check_measured(
        self, patients: Mapping[Place, Sequence[str]], measured: set[str], failed: set[str], /
    ) -> None:
        """Refuse ratings of slices that were not measured, or are another patient's.

        Parameters
        ----------
        patients
            Of each rated place the patient of each of its rows in ``rhi.csv``.
        measured, failed
            Images that were measured, and that could not be; ratings of these do not count.

        Raises
        ------
        TableError
            If a rated slice was not measured, stands twice, or is that of another patient.
        """
        self._check_images(measured | failed)
        for place, rating in self.by_place.items():
            found = patients.get(place, ())
            if not found and place[0] in failed:
                continue
            where = f"{self.path}, line {rating.line}: rates {_place_text(place)}"
            if not found:
                msg = (
                    f"{where}, which has no cord; correct or delete the line, then run again "
                    "with --resume"
                )
                raise TableError(msg)
            if len(found) > 1:
                msg = (
                    f"{where}, which stands {len(found)} times in this run; measure its "
                    "patients or visits one by one, each with its own ratings"
                )
                raise TableError(msg)
            # Images of two patients may have one name.
            if rating.patient not in ("", _as_written(found[0])):
                msg = (
                    f"{where} of patient {rating.patient!r}, which in this run is of patient "
                    f"{_as_written(found[0])!r}; take the ratings of this run, or correct the "
                    "column Patient or leave it empty"
                )
                raise TableError(msg)


RatedCells = tuple[tuple[str, ...], ...]
"""For each row of ``rhi.csv`` of an image its rating cells; empty where there are no ratings."""


class RatedRows:
    """What readers said of the rows of a run, as its images come by.

    Parameters
    ----------
    ratings
        The ratings; None where there are none.
    tasks
        The images of the run.

    Raises
    ------
    TableError
        If an image is rated that is not among those of the run.
    """

    def __init__(self, ratings: Ratings | None, tasks: Sequence[Task], /) -> None:
        self._ratings = ratings
        self._patients: dict[Place, list[str]] = {}
        self._images: set[str] = set()
        self._failed: set[str] = set()
        self.rows = self.left_out = 0
        if ratings is not None:
            ratings.check_images(tasks)

    def cells(self, record: NamedRecord, /) -> RatedCells:
        """Return the cells that follow each row of ``rhi.csv`` of an image."""
        if self._ratings is None:
            return ()
        self.rows += len(record.rhi)
        (self._failed if record.error else self._images).add(_as_written(record.name))
        places = [(_as_written(row.image), row.slice, row.level) for row in record.rhi]
        for place in places:
            if place in self._ratings.by_place:
                self._patients.setdefault(place, []).append(record.patient)
        cells = tuple(self._ratings.of(*place) for place in places)
        self.left_out += sum(self.excluded(cells))
        return cells

    @staticmethod
    def excluded(cells: RatedCells, /) -> tuple[bool, ...]:
        """Say of each row whether a reader excluded it; empty where there are no ratings."""
        return tuple(rated[0] == EXCLUDE for rated in cells)

    def check(self) -> None:
        """Refuse ratings of slices that were not measured, when all images have come by.

        Raises
        ------
        TableError
            As `Ratings.check_measured` does.
        """
        if self._ratings is not None:
            self._ratings.check_measured(self._patients, self._images, self._failed)


def read_ratings(path: str | os.PathLike[str], /) -> Ratings:
    """Read ``ratings.csv`` as the QC report exports it.

    Parameters
    ----------
    path
        The file: columns Patient, Image, Slice, Level, Rating, Score, Comment, Reader, Date;
        Score may be missing. Files of several readers may be put together into one.

    Returns
    -------
    Ratings
        Readers who agree are joined.

    Raises
    ------
    TableError
        If a column is missing, a cell holds what it may not, or one slice is rated differently or
        as that of two patients.
    """
    table = read_table(path)
    path = Path(path)
    for column in FILE_HEADINGS:
        if column != "Score" and column.lower() not in table.columns:
            msg = (
                f"{path}, line 1: lacks the column {column!r}; it has "
                f"{', '.join(table.columns)}: export it again from the report"
            )
            raise TableError(msg)
    ratings: dict[Place, Rating] = {}
    for row in table.rows:
        place, rating = _place(path, row), _rating(path, row)
        before = ratings.get(place)
        if before is not None:
            if before.rating and rating.rating and before.rating != rating.rating:
                msg = (
                    f"{path}, line {rating.line}: {_place_text(place)} is rated {rating.rating} by "
                    f"{_names(rating)}, and {before.rating} by {_names(before)} on line "
                    f"{before.line}; agree on one and delete the other line"
                )
                raise TableError(msg)
            if before.patient and rating.patient and before.patient != rating.patient:
                msg = (
                    f"{path}, line {rating.line}: {_place_text(place)} is of patient "
                    f"{rating.patient!r}, and of {before.patient!r} on line {before.line}; "
                    "give each run its own ratings"
                )
                raise TableError(msg)
            rating = Rating(
                before.rating or rating.rating,
                (*before.scores, *rating.scores),
                tuple(dict.fromkeys((*before.comments, *rating.comments))),
                tuple(dict.fromkeys((*before.readers, *rating.readers))),
                before.line,
                before.patient or rating.patient,
            )
        ratings[place] = rating
    return Ratings(path, ratings)


def is_excluded(row: Mapping[str, str], /) -> bool:
    """Say whether a row of ``rhi.csv``, by column name in lower case, is rated ``exclude``."""
    return row.get("rating", "").lower() == EXCLUDE


def _place(path: Path, row: TextRow) -> Place:
    if not row["image"]:
        msg = f"{path}, line {row.line}: names no image; delete the line"
        raise TableError(msg)
    number = row["slice"]
    if not (number.isascii() and number.isdigit() and len(number) <= SLICE_DIGITS):
        msg = f"{path}, line {row.line}: slice {number!r} is not a whole number; correct it"
        raise TableError(msg)
    return row["image"], int(number), row["level"]


def _rating(path: Path, row: TextRow) -> Rating:
    word = row["rating"].lower()
    score = row.get("score", "")
    if score and score not in SCORES:
        msg = (
            f"{path}, line {row.line}: score {score!r} is not one of {', '.join(SCORES)}; "
            "correct it, or leave it empty"
        )
        raise TableError(msg)
    if word not in RATINGS and not (score and not word):
        msg = (
            f"{path}, line {row.line}: rating {row['rating']!r} is not one of "
            f"{', '.join(RATINGS)}; correct it, or delete the line"
        )
        raise TableError(msg)
    # A row of a table stays one line, whatever was typed into the report.
    comment = " ".join(row["comment"].split())
    reader = " ".join(row["reader"].split())
    scores = (score,) if score else ()
    return Rating(
        word,
        scores,
        (comment,) if comment else (),
        (reader,) if reader else (),
        row.line,
        row["patient"],
    )


def _names(rating: Rating) -> str:
    return ", ".join(rating.readers) or "a reader without a name"


def _place_text(place: Place) -> str:
    image, number, level = place
    return f"slice {number}{f' {level}' if level else ''} of {image!r}"


def _as_written(name: str) -> str:
    """Return a name as it comes back from a table that pyrhi wrote."""
    return plain_cell(name.encode("utf-8", NOT_UNICODE).decode("utf-8"))
