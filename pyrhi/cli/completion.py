"""``pyrhi completion``: the shell completes commands, options and files."""

from __future__ import annotations

import os
from pathlib import Path

import click

PROGRAM, VARIABLE = "pyrhi", "_PYRHI_COMPLETE"

PLACES = {
    "bash": ("XDG_DATA_HOME", ".local/share", "bash-completion/completions/pyrhi"),
    "zsh": ("ZDOTDIR", "", ".zfunc/_pyrhi"),
    "fish": ("XDG_CONFIG_HOME", ".config", "fish/completions/pyrhi.fish"),
}
"""Where each shell looks: a variable that names a folder, the folder without it, the file."""

NEXT_STEPS = {
    "bash": "It counts in the next shell; the package bash-completion is needed.",
    "zsh": "Put into .zshrc before compinit: fpath+=(~/.zfunc); autoload -Uz compinit && compinit",
    "fish": "It counts in the next shell.",
}

EPILOG = """\b
Examples:
  pyrhi completion bash --install
  pyrhi completion zsh > ~/.zfunc/_pyrhi
"""


@click.command(epilog=EPILOG)
@click.argument("shell", type=click.Choice(list(PLACES)))
@click.option("--install", is_flag=True, help="Write it where the shell looks for it.")
@click.pass_context
def command(ctx: click.Context, shell: str, install: bool) -> int:
    """Print what makes SHELL complete pyrhi's commands and options, or install it."""
    from click.shell_completion import get_completion_class

    from pyrhi.io.atomic import writing

    kind = get_completion_class(shell)
    assert kind is not None
    group = ctx.find_root().command
    # Not source(): it asks the bash of this machine for its version.
    made = kind(group, {}, PROGRAM, VARIABLE)
    script = made.source_template % made.source_vars() + "\n"
    if not install:
        click.echo(script, nl=False)
        return 0
    variable, folder, name = PLACES[shell]
    base = os.environ.get(variable)
    path = (Path(base) if base else Path.home() / folder) / name
    with writing(path) as stream:
        stream.write(script.encode("utf-8"))
    click.echo(f"{path}\n{NEXT_STEPS[shell]}", err=True)
    return 0
