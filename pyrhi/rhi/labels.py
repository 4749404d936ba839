"""What the values of a label map mean: tables of other programs' conventions, and of one's own."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyrhi.errors import ParameterError, TableError
from pyrhi.imagej.roi import Roi, RoiType
from pyrhi.io.reading import read_table
from pyrhi.rhi.roles import LEVELS, Role, first_few, level_of, role_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyrhi.io.reading import TextRow

TABLES = Path(__file__).with_name("label_tables")
SOURCES = "sources"
"""Table of where the other tables come from."""

CONVENTIONS = ("sct", "totalspineseg", "verse", "totalsegmentator", "spider")
BINARY = "binary"
TASKS = tuple(f"totalsegmentator-{task}" for task in ("total", "total_mr", "vertebrae_mr"))
"""TotalSegmentator's tasks with spine labels; their values contradict each other."""

CORD, VERTEBRA, CANAL, DISC, HIGH, OTHER = "cord", "vertebra", "canal", "disc", "high", "other"
WHOLES = (CORD, VERTEBRA, CANAL)
ROLES = (*WHOLES, DISC, HIGH, OTHER)
VARIANTS = ("T13", "L6")
"""Levels that most spines do not have."""

VALUE_COLUMNS = ("value", "label", "id")
ROLE = "role"
NAMES = ("level", "name", "structure")
"""Columns that say role and level where there is no column for the role."""

LISTED_VALUES = 10
"""Values that a message lists before it counts the rest."""


@dataclass(frozen=True)
class Label:
    """What one value stands for.

    Parameters
    ----------
    role
        One of `ROLES`.
    level
        Vertebral level, or an empty text.
    name
        As the other program calls it.
    """

    role: str
    level: str = ""
    name: str = ""

    @property
    def of_spine(self) -> bool:
        """True for what a segmentation of the spine holds."""
        return self.role != OTHER or self.name == "sacrum"


@dataclass(frozen=True, eq=False)
class LabelTable:
    """A convention: its name and what each value means."""

    name: str
    labels: Mapping[int, Label]


def listed_values(values: Sequence[int], /) -> str:
    """Return values for a message: the first ten, and how many more there are.

    Examples
    --------
    >>> listed_values([1, 2]), listed_values(range(1, 13))
    ('1, 2', '1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more')
    """
    return first_few([str(value) for value in values], LISTED_VALUES)


def is_known(text: str, /) -> bool:
    """Return True for ``"binary"``, a convention or one of their tables; False for a file."""
    if text in (BINARY, *CONVENTIONS):
        return True
    return text != SOURCES and (TABLES / f"{text}.csv").is_file()


def check_convention(text: str, /) -> None:
    """Raise ParameterError unless there is such a convention or table."""
    if is_known(text):
        return
    if not Path(text).suffix or not Path(text).is_file():
        known = ", ".join((*CONVENTIONS, BINARY))
        msg = f"--labels {text!r} is not one of {known}, and no CSV file of that name is there"
        raise ParameterError(msg)


def table_for(
    text: str, values: Sequence[int], names: Mapping[int, str], source: str, /
) -> LabelTable:
    """Return what the values of a mask mean under a convention.

    Parameters
    ----------
    text
        One of `CONVENTIONS`, the name of one of their tables, or a CSV file with the columns
        value, role and level.
    values
        Values other than 0 that the mask holds.
    names
        What the file itself calls its values.
    source
        Name of the mask, for messages.

    Raises
    ------
    TableError
        If the CSV cannot be read or is wrong; names the row.
    ParameterError
        If the convention does not know a value, or several tasks of TotalSegmentator could be
        meant.
    """
    check_convention(text)
    table = _totalsegmentator(values, names, source) if text == "totalsegmentator" else _table(text)
    unknown = [value for value in values if value not in table.labels]
    if unknown:
        remedy = "check --labels" if text in CONVENTIONS else "add them to the table"
        msg = f"{source}: {table.name} does not know the values {listed_values(unknown)}; {remedy}"
        raise ParameterError(msg)
    return table


def _table(text: str) -> LabelTable:
    built_in = TABLES / f"{text}.csv"
    if built_in.is_file():
        return _built_in(text)
    return LabelTable(Path(text).name, read_labels(Path(text)))


@lru_cache(maxsize=16)
def _built_in(name: str) -> LabelTable:
    return LabelTable(name, read_labels(TABLES / f"{name}.csv"))


def _totalsegmentator(values: Sequence[int], names: Mapping[int, str], source: str) -> LabelTable:
    """Tell the task by the names in the file, else by the values, where one alone has them."""
    tables = [_built_in(task) for task in TASKS]
    if names:
        known = {label.name: label for table in tables for label in table.labels.values()}
        found = {value: known.get(name, Label(OTHER, name=name)) for value, name in names.items()}
        return LabelTable("totalsegmentator", found)
    fits = [t for t in tables if all(v in t.labels and t.labels[v].of_spine for v in values)]
    if not fits:
        fits = [
            t
            for t in tables
            if all(v in t.labels for v in values) and any(t.labels[v].of_spine for v in values)
        ]
    if len(fits) == 1:
        return fits[0]
    tasks = ", ".join(t.name for t in fits or tables)
    msg = (
        f"{source}: the values {listed_values(values)} do not tell which task of TotalSegmentator "
        f"wrote them; name it: --labels {tasks}"
    )
    raise ParameterError(msg)


def read_labels(path: Path, /) -> dict[int, Label]:
    """Read a table of labels.

    Parameters
    ----------
    path
        CSV or workbook with the columns value (or label, id), role (cord, vertebra, canal, disc,
        high, other) and level; without role, a column level or name says both, such as ``C2``,
        ``cord`` or ``vertebrae_L1``.

    Raises
    ------
    TableError
        If it cannot be read, or a column or cell is wrong; names the line.
    """
    table = read_table(path)
    value = next((column for column in VALUE_COLUMNS if column in table.columns), "value")
    column = ROLE if ROLE in table.columns else next((c for c in NAMES if c in table.columns), ROLE)
    table.require(value, column)
    found: dict[int, Label] = {}
    for row in table.rows:
        text = row[value]
        if not text.isdigit() or int(text) == 0:
            msg = f"{row.where(value)}: {text!r} is not a whole number above 0"
            raise TableError(msg)
        if int(text) in found:
            msg = f"{row.where(value)}: the value {text} stands twice"
            raise TableError(msg)
        found[int(text)] = _label(row) if column == ROLE else label_of_name(row[column])
    return found


def _label(row: TextRow) -> Label:
    role, level = row[ROLE].lower(), row.get("level", "")
    if role not in ROLES:
        msg = f"{row.where(ROLE)}: {role!r} is not one of {', '.join(ROLES)}"
        raise TableError(msg)
    if level and role != DISC:
        parsed = level_of(level)
        if not parsed:
            msg = f"{row.where('level')}: {level!r} is not a vertebral level (C1 to S5)"
            raise TableError(msg)
        level = parsed
    return Label(role, level, row.get("name", ""))


def label_of_name(name: str, /) -> Label:
    """Return what a name stands for that another program gives a label.

    Examples
    --------
    >>> label_of_name("spinal_cord").role, label_of_name("vertebrae_L1").level
    ('cord', 'L1')
    >>> label_of_name("C2")
    Label(role='vertebra', level='C2', name='C2')
    """
    text, level = name.lower(), level_of(name)
    if text in ROLES:
        return Label(text, "", name)
    if any(word in text for word in ("disc", "disk")):
        return Label(DISC, level, name)
    role = role_of(Roi(name, RoiType.RECT, 0, 0, 1, 1))
    if role is Role.HIGH:
        return Label(HIGH, level, name)
    if role is Role.CORD or level:
        return Label(whole_of_name(name, VERTEBRA if role is Role.OTHER else CORD), level, name)
    return Label(OTHER, "", name)


def whole_of_name(name: str, otherwise: str = CORD, /) -> str:
    """Return which whole a name stands for, by its words.

    Examples
    --------
    >>> whole_of_name("spinal canal"), whole_of_name("L2 vertebral body"), whole_of_name("cord L2")
    ('canal', 'vertebra', 'cord')
    """
    text = name.lower()
    if "canal" in text:
        return CANAL
    return VERTEBRA if "vertebr" in text or "bod" in text else otherwise


def gaps(levels: Iterable[str], /) -> str:
    """Return which levels are missing between others, or an empty text; spines have none.

    Examples
    --------
    >>> gaps(["C2", "C3"]), gaps(["T12", "L1", "L5", "S1"]), gaps(["C2", "T5"])
    ('', 'L2 to L4', 'C3 to T4')
    """
    held = {level for level in levels if level}
    spine = [level for level in LEVELS if level not in VARIANTS or level in held]
    places = [n for n, level in enumerate(spine) if level in held]
    missing = []
    for a, b in itertools.pairwise(places):
        if b - a > 1:
            first, last = spine[a + 1], spine[b - 1]
            missing.append(first if first == last else f"{first} to {last}")
    return ", ".join(missing)


def choose_whole(labels: Iterable[Label], wanted: str | None, source: str, /) -> str:
    """Return which labels are the whole: cord, vertebra or canal.

    Parameters
    ----------
    labels
        Labels that the mask holds.
    wanted
        One of `WHOLES`; None takes vertebrae with a level where there are any, else the cord,
        else the canal.
    source
        Name of the mask, for messages.

    Raises
    ------
    ParameterError
        If the mask holds none of them.
    """
    held = list(labels)
    roles = {label.role for label in held}
    if wanted is not None:
        if wanted in roles or (wanted == CANAL and CORD in roles and CANAL in roles):
            return wanted
        there = ", ".join(role for role in WHOLES if role in roles) or "none of the three"
        msg = f"{source}: holds no {wanted} to be the whole; it holds {there} (--whole)"
        raise ParameterError(msg)
    if any(label.role == VERTEBRA and label.level for label in held):
        return VERTEBRA
    for role in (CORD, CANAL, VERTEBRA):
        if role in roles:
            return role
    msg = f"{source}: holds neither cord, vertebra nor canal under this convention; check --labels"
    raise ParameterError(msg)
