"""A real SciJava context in a plain Java process, for tests of the scripts for Fiji.

`script_context` makes a folder with the jars of a small Fiji (ImageJ, SciJava, Jython), lets
`pyrhi fiji install` put the scripts there and starts Java in it; `ScriptContext.run` runs a script
with its parameters, `run_script_batch` measures a folder by Batch RHI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rigs.java_classes import compiled

from pyrhi.engines import jvm
from pyrhi.fiji import find_target, install

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RUNNER = Path(__file__).parents[1] / "fiji_scripts" / "java" / "RunScript.java"
MAIN = "RunScript"
SCIJAVA_COORDINATES = (
    "org.scijava:scijava-common:2.100.1",
    "org.scijava:parsington:3.1.0",
    "org.python:jython-standalone:2.7.4",
)
LOCALE = "C.UTF-8"
RUN_SECONDS = 300.0
MENU = "scripts/Plugins/RHI"
END = "."
FAILED = "!"
TRACEBACK = "Traceback (most recent call last)"


class ScriptError(AssertionError):
    """A script raised, or Java ended or did not answer in time."""


@dataclass
class ScriptContext:
    """A running SciJava context.

    Parameters
    ----------
    folder
        The small Fiji.
    process
        Java.
    errors
        File with what was written to the error stream.
    """

    folder: Path
    process: subprocess.Popen[str]
    errors: Path
    _seen: int = field(default=0, init=False)

    def script(self, name: str) -> Path:
        """Return the path of a script by its file name without ending."""
        return self.folder / MENU / f"{name}.py"

    def run(self, name: str, /, **inputs: object) -> dict[str, str]:
        """Run a script with parameters and return its outputs as text.

        Parameters
        ----------
        name
            One of pyrhi's, or the path of another.
        inputs
            Its parameters; ``imp`` is the path of an image, ``front`` for the last one again.

        Raises
        ------
        ScriptError
            If it raises, or Java does not answer.
        """
        words = ["run", name if name.endswith(".py") else str(self.script(name))]
        words += [f"{key}={_text(value)}" for key, value in inputs.items()]
        outputs: dict[str, str] = {}
        before = self.errors.stat().st_size
        for line in self.ask(*words):
            key, _, value = line.partition("\t")
            outputs[key] = f"{outputs[key]}\n{value}" if key in outputs else value
        if FAILED in outputs:
            raise ScriptError(outputs[FAILED])
        # SciJava only logs what a script raises.
        message = self.errors.read_bytes()[before:].decode("utf-8", "replace")
        if TRACEBACK in message:
            raise ScriptError(message[message.index(TRACEBACK) :])
        return outputs

    def written(self) -> str:
        """Return what was written to the error stream since the last call."""
        text = self.errors.read_text(encoding="utf-8", errors="replace")
        new = text[self._seen :]
        self._seen = len(text)
        return new

    def ask(self, *words: str) -> list[str]:
        """Give the runner a command and return its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        timer = threading.Timer(RUN_SECONDS, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write("\t".join(words) + "\n")
            self.process.stdin.flush()
            lines = []
            for line in self.process.stdout:
                if line == f"{END}\n":
                    return lines
                lines.append(line.rstrip("\n"))
        finally:
            timer.cancel()
        msg = f"Java ended: {self.errors.read_text(encoding='utf-8', errors='replace')[-2000:]}"
        raise ScriptError(msg)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def needed_jars() -> list[str]:
    """The jars of a small Fiji: ImageJ, SciJava and Jython."""
    coordinates = (jvm.IMAGEJ_COORDINATE, jvm.PATCHER_COORDINATE), SCIJAVA_COORDINATES
    return [path for some in coordinates for path in jvm.maven_jars(*some)]


def small_fiji(folder: Path, jar: bytes | None = None) -> Path:
    """Make a folder that the installer takes for a Fiji, with pyrhi's files or jar in it."""
    jars = folder / "jars"
    jars.mkdir(parents=True)
    for path in needed_jars():
        shutil.copy(path, jars)
    if jar is None:
        install(find_target(folder))
    else:
        (jars / "pyrhi-fiji.jar").write_bytes(jar)
    return folder


@contextmanager
def script_context(
    folder: Path,
    /,
    *,
    environment: Mapping[str, str] | None = None,
    jar: bytes | None = None,
) -> Iterator[ScriptContext]:
    """Start a SciJava context with pyrhi's scripts.

    Parameters
    ----------
    folder
        A folder that does not exist yet, for the small Fiji.
    environment
        Variables to set; a ``DISPLAY`` gives ImageJ a screen, without one it is headless.
    jar
        Jar with pyrhi's scripts, to have it in place of the installed files.
    """
    small_fiji(folder, jar)
    classes = compiled(RUNNER, needed_jars())
    home = folder / "home"
    (home / ".java" / ".userPrefs").mkdir(parents=True)  # Java would say that it made it
    given = dict(environment or {})
    variables = {k: v for k, v in os.environ.items() if k != "DISPLAY"}
    errors = folder / "errors.txt"
    with errors.open("wb") as stream:
        process = subprocess.Popen(
            [
                "java",
                f"-Djava.awt.headless={_text('DISPLAY' not in given)}",
                f"-Duser.home={home}",
                f"-Djava.util.prefs.userRoot={home}",
                f"-Djava.io.tmpdir={home}",
                "-XX:-UsePerfData",
                jvm.OPEN_LANG,
                "-cp",
                # A folder's jars are found as those of Fiji are, and Jython finds jars/Lib.
                os.pathsep.join((str(classes), f"{folder}/jars/*")),
                MAIN,
                str(folder),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            encoding="utf-8",
            env=variables | {"LC_ALL": LOCALE} | given,
        )
    try:
        yield ScriptContext(folder, process, errors)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_script_batch(
    input: str | os.PathLike[str],  # noqa: A002 (the script's own name)
    output: str | os.PathLike[str],
    /,
    *,
    context: ScriptContext | None = None,
    **options: object,
) -> str:
    """Measure a folder by Batch RHI in a real SciJava context and return what it says.

    Parameters
    ----------
    input, output
        Folders.
    context
        One that runs; None starts one for this call.
    options
        Parameters of the script, such as ``custom="1200"`` or ``clip=True``.
    """
    inputs = {"high": "none"} | options
    paths = {"input": Path(input).absolute(), "output": Path(output).absolute()}
    if context is not None:
        return context.run("Batch_RHI", **paths, **inputs)["summary"]
    with (
        tempfile.TemporaryDirectory() as scratch,
        script_context(Path(scratch) / "Fiji.app") as started,
    ):
        return started.run("Batch_RHI", **paths, **inputs)["summary"]
