"""Print docs/columns.md from the data file that the workbook's sheet of columns is made of."""

from __future__ import annotations

from pyrhi.report.columns import TABLES, columns

HEAD = """# Columns of all tables

Made by `python docs/make_columns.py > docs/columns.md` from the file that the sheet `columns` of
`pyrhi measure --excel` is made from. *Length* is in the unit of the image's pixel size, such as mm;
pixels where it has none. A cell without a number is `NaN` or empty in CSV, and empty in a workbook.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for table, row in TABLES.items():
        parts.append(f"\n## {table}\n\n{row[0].upper()}{row[1:]}.\n")
        parts.append("\n| Column | Unit | Meaning |\n| --- | --- | --- |\n")
        parts += [
            f"| `{c.name}` | {c.unit} | {c.meaning} |\n" for c in columns() if c.table == table
        ]
    return "".join(parts)


if __name__ == "__main__":
    print(page(), end="")
