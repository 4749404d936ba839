"""``pyrhi fiji``: macros, toolset and scripts for ImageJ and Fiji."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyrhi.cli.options import PATH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyrhi.fiji import Report

FOLDER = click.argument("fiji_dir", type=PATH)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

EPILOG = """\b
Examples:
  pyrhi fiji install /Applications/Fiji --dry-run
  pyrhi fiji install /Applications/Fiji
  pyrhi fiji uninstall /Applications/Fiji

Research use only; not a medical device.
"""

INSTALL_EPILOG = """\b
Examples:
  pyrhi fiji install ~/Fiji --dry-run
  pyrhi fiji install ~/Fiji
  pyrhi fiji install "C:\\Users\\me\\Fiji.app" --force
"""

UNINSTALL_EPILOG = """\b
Examples:
  pyrhi fiji uninstall ~/Fiji --dry-run
  pyrhi fiji uninstall ~/Fiji
"""

PACKAGE_EPILOG = """\b
What is in OUT:
  update-site/                an update site, for a web server as it is
  pyrhi-fiji-VERSION.jar      the scripts in one file, for jars/ of a Fiji
  drop-in/                    the files, to copy into a Fiji or ImageJ

\b
Example:
  pyrhi fiji package dist-fiji
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """Put pyrhi's macros, toolset and scripts into ImageJ or Fiji."""


@command.command(epilog=INSTALL_EPILOG)
@FOLDER
@DRY_RUN
@click.option(
    "--force",
    is_flag=True,
    help="Replace files that were changed or are not pyrhi's; each is kept as NAME.bak.",
)
@JSON
def install(fiji_dir: Path, dry_run: bool, force: bool, as_json: bool) -> int:
    """Copy macros, toolset and scripts to where the ImageJ or Fiji in FIJI_DIR finds them.

    Plain ImageJ gets the macros and the toolset, Fiji the scripts too. A second run changes
    nothing; a newer pyrhi replaces its files. pyrhi-installed.json in FIJI_DIR lists what was
    written. StartupMacros and everything else stay as they are.
    """
    from pyrhi import fiji

    report = fiji.install(fiji.find_target(fiji_dir), dry_run=dry_run, force=force)
    _show(report, as_json)
    if as_json:
        return 0
    if dry_run:
        click.echo("nothing was written (--dry-run)")
    else:
        click.echo(
            f"Restart {report.target.kind.value}, then: Plugins > RHI, "
            "and >> in the toolbar > RHI_Tools.\nResearch use only; not a medical device."
        )
    return 0


@command.command(epilog=UNINSTALL_EPILOG)
@FOLDER
@DRY_RUN
@click.option("--force", is_flag=True, help="Remove changed files too; each is kept as NAME.bak.")
@JSON
def uninstall(fiji_dir: Path, dry_run: bool, force: bool, as_json: bool) -> int:
    """Remove what pyrhi installed into the ImageJ or Fiji in FIJI_DIR.

    Only files that pyrhi-installed.json names are removed, and folders that are empty then. A
    file that was changed since stays, and the exit code is 1.
    """
    from pyrhi import fiji

    report = fiji.uninstall(fiji.find_target(fiji_dir), dry_run=dry_run, force=force)
    _show(report, as_json)
    if dry_run and not as_json:
        click.echo("nothing was written (--dry-run)")
    return 1 if report.count(fiji.Done.KEPT) else 0


@command.command(epilog=PACKAGE_EPILOG)
@click.argument("out", type=PATH)
@JSON
def package(out: Path, as_json: bool) -> int:
    """Write what is published for Fiji into the folder OUT.

    Run it on the same OUT for each release: the update site keeps the checksums of older
    versions, which Fiji needs to update them. The time of a file is when it was changed, or
    SOURCE_DATE_EPOCH.
    """
    from pyrhi import fiji

    made = fiji.package(out)
    if as_json:
        document = {
            "site": str(made.site),
            "jar": str(made.jar),
            "drop_in": str(made.drop_in),
            "changed": list(made.changed),
        }
        click.echo(json.dumps(document, indent=1))
        return 0
    _list(("new", path, "") for path in made.changed)
    click.echo(f"update site  {made.site}\njar          {made.jar}\ndrop-in      {made.drop_in}")
    return 0


def _show(report: Report, as_json: bool) -> None:
    if as_json:
        files = [
            {"path": a.path, "done": a.done.value, "note": a.note, "backup": a.backup}
            for a in report.actions
        ]
        document = {
            "folder": str(report.target.folder),
            "kind": report.target.kind.value,
            "version": report.version,
            "dry_run": report.dry_run,
            "files": files,
        }
        click.echo(json.dumps(document, indent=1))
        return
    target = report.target
    click.echo(f"pyrhi {report.version}, {target.kind.value} in {target.folder}")
    _list((a.done.value, a.path, a.note) for a in report.actions)


def _list(files: Iterable[tuple[str, str, str]]) -> None:
    """Print a line for each file; the package behind the scripts is one line."""
    from pyrhi.fiji import PACKAGE_FOLDER

    inside = f"{PACKAGE_FOLDER}/"
    counts = Counter(
        (done, inside if path.startswith(inside) and not note else path, note)
        for done, path, note in files
    )
    for (done, path, note), number in counts.items():
        several = f"{number} files" if path == inside else ""
        click.echo(f"{done:<9}{path}" + "".join(f" ({more})" for more in (several, note) if more))
