"""Options of commands that read or write tables: sheets of workbooks, and locales."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pyrhi.io.reading import table_path
from pyrhi.io.tables import LOCALES, locale

_SHEET = "pyrhi.sheet"


class TablePath(click.ParamType):  # type: ignore[type-arg] # generic from click 8.2
    """A table that a command reads: CSV, or a sheet of a workbook (``FILE.xlsx#SHEET``)."""

    name = "table"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path, with the sheet where one was named."""
        if isinstance(value, Path):
            return value
        return table_path(str(value), sheet_of(ctx) if ctx is not None else None)


TABLE = TablePath()


def sheet_of(ctx: click.Context, /) -> str | None:
    """Return what --sheet says."""
    sheet: str | None = ctx.meta.get(_SHEET)
    return sheet


def _keep_sheet(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    # Eager, so that it is known before any path is converted.
    ctx.meta[_SHEET] = value


SHEET = click.option(
    "--sheet",
    is_eager=True,
    expose_value=False,
    callback=_keep_sheet,
    help="Sheet to read of workbooks (.xlsx) that have several; FILE.xlsx#SHEET for one of them.",
)


def _set_locale(ctx: click.Context, _param: click.Parameter, value: str) -> None:
    ctx.with_resource(locale(value))


LOCALE = click.option(
    "--locale",
    type=click.Choice(list(LOCALES)),
    default="en",
    show_default=True,
    is_eager=True,
    expose_value=False,
    callback=_set_locale,
    help="Write tables for Excel of another country: de and fr with semicolons and decimal commas.",
)
