"""The command group: finds a command's module by name, and turns errors into one line."""

from __future__ import annotations

import importlib
import os
import sys
import warnings

import click

from pyrhi.errors import PyrhiError

COMMANDS: dict[str, str] = {
    # name -> module with a click command called `command`; loaded only when it is asked for
    "demo": "pyrhi.cli.demo",
    "measure": "pyrhi.cli.measure",
    "results": "pyrhi.cli.results",
    "thresholds": "pyrhi.cli.thresholds",
    "classify": "pyrhi.cli.classify",
    "train": "pyrhi.cli.train",
    "evaluate": "pyrhi.cli.evaluate",
    "plan": "pyrhi.cli.plan",
    "study": "pyrhi.cli.study",
    "agree": "pyrhi.cli.agree",
    "track": "pyrhi.cli.track",
    "figure": "pyrhi.cli.figure",
    "verify": "pyrhi.cli.verify",
    "fiji": "pyrhi.cli.fiji",
    "series": "pyrhi.cli.series",
    "dicom": "pyrhi.cli.dicom",
    "deidentify": "pyrhi.cli.deidentify",
    "report": "pyrhi.cli.report",
    "doctor": "pyrhi.cli.doctor",
    "completion": "pyrhi.cli.completion",
}

FIRST_STEPS = """\
RHI on T2 spine MRI, with ImageJ's own numbers.

1. See what it does:      pyrhi demo
2. Measure your slices:   pyrhi measure FOLDER -o results --report
3. Look at the result:    open results/report.html

pyrhi --help lists all commands, pyrhi COMMAND --help explains one with examples.
Research use only; not a medical device."""

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2


class LazyGroup(click.Group):
    """A group whose commands are imported only when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order in which a study uses them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None where the name is unknown."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = importlib.import_module(module).command
        if not isinstance(command, click.Command):
            msg = f"{module} has no click command called 'command'"
            raise TypeError(msg)
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; the nearest one is named for a slip of the keyboard."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            if near:
                msg = f"No such command {name!r}. Did you mean {near[0]!r}?"
                raise click.UsageError(msg, ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.version_option(package_name="pyrhi", message="pyrhi %(version)s")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """RHI on T2 spine MRI, with ImageJ's own numbers.

    RHI = 100 * high-intensity area / whole cord area.
    Research use only; not a medical device.
    """
    if ctx.invoked_subcommand is None:
        click.echo(FIRST_STEPS)


def _silence_libraries() -> None:
    """Keep Python warnings of libraries off the terminal, here and in processes started later.

    They quote values of files, such as what a DICOM header says of a patient; what matters of them
    pyrhi says itself.
    """
    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"


def run(argv: list[str]) -> int:
    """Run the command line and return the exit code (0 done, 1 failed in part, 2 wrong use).

    Parameters
    ----------
    argv
        Arguments without the program's name.
    """
    debug = "--debug" in argv
    # --debug may stand anywhere: a person adds it at the end of the line that just failed.
    argv = ["--debug", *(a for a in argv if a != "--debug")] if debug else argv
    if not debug and not sys.warnoptions:
        _silence_libraries()
    try:
        code = cli.main(args=argv, prog_name="pyrhi", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        print("pyrhi: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_FAILED
    except (PyrhiError, OSError, MemoryError) as error:
        if debug:
            raise
        text = str(error) or type(error).__name__
        print(f"pyrhi: {text}", file=sys.stderr)
        return EXIT_FAILED
    except Exception as error:
        if debug:
            raise
        what = " ".join(f"{type(error).__name__} {error}".split())
        print(f"pyrhi: unexpected: {what}; run again with --debug and report it", file=sys.stderr)
        return EXIT_FAILED
    return code if isinstance(code, int) else EXIT_OK
