"""``pyrhi plan``: how many patients a study needs."""

from __future__ import annotations

import click

from pyrhi.wording import counted

EPILOG = """\b
Examples:
  pyrhi plan auc 0.85 --width 0.2 --share 0.85
  pyrhi plan icc 0.9 --width 0.1 --readers 2
"""

WIDTH = click.option(
    "--width", type=float, default=0.2, show_default=True, help="Whole width of the 95 % interval."
)


@click.group(epilog=EPILOG)
def command() -> None:
    """Say how many patients a planned study needs for an interval of a wanted width.

    Research use only; not a medical device.
    """


@command.command()
@click.argument("area", type=float)
@WIDTH
@click.option(
    "--share",
    type=float,
    default=0.5,
    show_default=True,
    help="Share of the patients with moderate or severe pain.",
)
def auc(area: float, width: float, share: float) -> int:
    """Plan for an expected AREA under the ROC curve of mild pain against the rest."""
    from pyrhi.pain.model import NOTICE
    from pyrhi.study.planning import AUC_SOURCE, patients_for_auc

    found = patients_for_auc(area, width, share=share)
    groups = f"{found.positives} with moderate or severe pain, {found.negatives} with mild pain"
    click.echo(f"{counted(found.positives + found.negatives, 'patient')}: {groups}")
    click.echo(f"expected interval {found.low:.3f} to {found.high:.3f} ({AUC_SOURCE})")
    click.echo(NOTICE)
    return 0


@command.command()
@click.argument("expected", type=float)
@WIDTH
@click.option(
    "--readers", type=int, default=2, show_default=True, help="Readers or readings of each."
)
def icc(expected: float, width: float, readers: int) -> int:
    """Plan for an EXPECTED intraclass correlation of readers."""
    from pyrhi.pain.model import NOTICE
    from pyrhi.study.planning import ICC_SOURCE, subjects_for_icc

    n = subjects_for_icc(expected, width, readers=readers)
    click.echo(f"{counted(n, 'subject')}, each read by {readers} readers")
    click.echo(f"for an interval {width:g} wide around {expected:g} ({ICC_SOURCE})")
    click.echo(NOTICE)
    return 0
