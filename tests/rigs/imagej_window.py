"""A real ImageJ 1.54p in a window of its own under Xvfb, for tests of macros and toolset.

`imagej_window` starts it, `ImageJWindow.run` runs macro code in it, `run_macro_batch` measures a
folder by RHI_Batch.ijm in a process of its own. Nothing touches the user's own ImageJ: home,
preferences, plugins and macros lie in a temporary folder.
"""

from __future__ import annotations

import base64
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rigs.java_classes import compiled

from pyrhi.engines import jvm

if TYPE_CHECKING:
    from collections.abc import Iterator

MACROS = Path(__file__).parents[2] / "macros"
DRIVER = Path(__file__).with_name("ImageJDriver.java")
MEASURE = "RHI_Measure.ijm"
BATCH = "RHI_Batch.ijm"
FIND = "RHI_Find_High_Intensity.ijm"
SHARED = "RHI-Shared.txt"
TOOLS = "RHI_Tools.ijm"
MENU_FOLDER = "RHI"
GROUP_COLORS = ("glasbey.lut", "Glasbey.lut")
"""ImageJ takes the colours of ROI groups from this table, which a downloaded ImageJ has; 1.53k asks
for the second name and opens the Log where there is none."""
BROWSER = """#!/bin/sh
echo "$1" >>"{browsed}"
"""
BROWSED = "browsed.txt"
TESTED = os.environ.get("PYRHI_TEST_IMAGEJ", jvm.IMAGEJ_VERSION)
"""Version in the window; by hand also another: ``PYRHI_TEST_IMAGEJ=1.53k pytest tests/macros``."""
SCREEN = "1280x900x24"
START_SECONDS = 60.0
RUN_SECONDS = 60.0
BATCH_SECONDS = 120.0
UTF8 = ("-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8")


class ImageJError(AssertionError):
    """ImageJ did not answer in time, or a macro was aborted; says which dialogs showed."""


def imagej_jar(version: str = jvm.IMAGEJ_VERSION) -> str:
    """Return the jar of an ImageJ, from Maven Central or pyrhi's cache; starts no JVM."""
    if version != jvm.IMAGEJ_VERSION:
        (jar,) = jvm.maven_jars(f"net.imagej:ij:{version}")
        return jar
    jars = jvm.maven_jars(jvm.IMAGEJ_COORDINATE, jvm.PATCHER_COORDINATE)
    return next(jar for jar in jars if Path(jar).name.startswith("ij-"))


def install(folder: Path) -> Path:
    """Make a folder of ImageJ with pyrhi's macros in the places where ImageJ looks for them.

    Returns
    -------
    folder : Path
        The folder, to start ImageJ with.
    """
    plugins = folder / "plugins" / MENU_FOLDER
    toolsets = folder / "macros" / "toolsets"
    plugins.mkdir(parents=True, exist_ok=True)
    toolsets.mkdir(parents=True, exist_ok=True)
    (folder / "home").mkdir(exist_ok=True)
    for name in (MEASURE, BATCH, FIND, SHARED):
        if (MACROS / name).exists():
            shutil.copy(MACROS / name, plugins)
    if (MACROS / TOOLS).exists():
        shutil.copy(MACROS / TOOLS, toolsets)
    (folder / "luts").mkdir(exist_ok=True)
    for name in GROUP_COLORS:
        (folder / "luts" / name).write_bytes(bytes(768))
    return folder


@contextmanager
def screen() -> Iterator[str]:
    """Start an X server on a free display and yield its name, such as ``:99``."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], START_SECONDS)
        number = os.read(reading, 16).decode().strip() if ready else ""
        if not number:
            msg = "Xvfb did not start"
            raise ImageJError(msg)
        yield f":{number}"
    finally:
        os.close(reading)
        _stop(server)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that this module started, with its children."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def java_command(
    folder: Path,
    *options: str,
    version: str = jvm.IMAGEJ_VERSION,
    classes: Path | None = None,
) -> list[str]:
    """Return the start of a command line that runs Java with ImageJ's jar and a home apart."""
    home = folder / "home"
    jar = imagej_jar(version)
    return [
        "java",
        "-Xmx1g",
        f"-Duser.home={home}",
        f"-Djava.util.prefs.userRoot={home}",
        # Java asks no TMPDIR.
        f"-Djava.io.tmpdir={home}",
        "-XX:-UsePerfData",
        *UTF8,
        *options,
        "-cp",
        jar if classes is None else os.pathsep.join((jar, str(classes))),
    ]


def environment(display: str) -> dict[str, str]:
    """Return an environment with that display, UTF-8 and no word to other programs."""
    return {**os.environ, "DISPLAY": display, "LC_ALL": "C.UTF-8", "NO_AT_BRIDGE": "1"}


def with_browser(folder: Path, variables: dict[str, str]) -> dict[str, str]:
    """Put a browser first in the PATH that only notes the address in ``BROWSED``."""
    programs = folder / "home" / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    browser = programs / "xdg-open"
    browser.write_text(BROWSER.format(browsed=folder / BROWSED))
    browser.chmod(0o755)
    return {**variables, "PATH": os.pathsep.join((str(programs), variables["PATH"]))}


def _encode(text: str) -> str:
    return "=" + base64.b64encode(text.encode()).decode()


def _decode(word: str) -> str:
    return base64.b64decode(word[1:]).decode()


@dataclass
class ImageJWindow:
    """A running ImageJ.

    Parameters
    ----------
    folder
        Its folder, with plugins/ and macros/.
    display
        Name of its X display, for xdotool.
    """

    folder: Path
    display: str
    process: subprocess.Popen[bytes]
    connection: socket.socket
    _number: int = 0
    _buffer: bytes = b""
    _answers: dict[int, list[str]] = field(default_factory=dict)

    @property
    def plugins(self) -> Path:
        """Folder of the macros under Plugins > RHI."""
        return self.folder / "plugins" / MENU_FOLDER

    def run(self, code: str, argument: str = "", *, seconds: float = RUN_SECONDS) -> str:
        """Run macro code and return what it returns; an aborted macro is an error."""
        number = self.start(code, argument)
        return self.finish(number, seconds=seconds)

    def start(self, code: str, argument: str = "") -> int:
        """Start macro code and return its number for `finish`, without waiting."""
        return self._send("macro", _encode(code), _encode(argument))

    def finish(self, number: int, *, seconds: float = RUN_SECONDS) -> str:
        """Wait for a macro; an error says which dialogs were open."""
        try:
            words = self._answer(number, seconds)
        except TimeoutError:
            raise ImageJError(self._stuck()) from None
        result = _decode(words[1])
        if result == "[aborted]":
            msg = f"the macro was aborted; dialogs: {self.shown()}"
            raise ImageJError(msg)
        return result

    def finish_aborted(self, number: int, *, seconds: float = RUN_SECONDS) -> None:
        """Wait for a macro that ends by a message, and press its OK until it is gone."""
        end = time.monotonic() + seconds
        while True:
            try:
                self._answer(number, 1.0)
            except TimeoutError:
                if time.monotonic() > end:
                    raise ImageJError(self._stuck()) from None
                self.push("OK")
            else:
                return

    def _stuck(self) -> str:
        stacks = "\n".join(self.look("stacks"))
        return f"the macro did not end; dialogs: {self.dialogs()}\n{stacks}"

    def run_file(self, path: Path, argument: str = "", *, seconds: float = RUN_SECONDS) -> str:
        """Run a macro file as a macro's runMacro does and return what it returns."""
        return self.run(f'return runMacro("{path}", getArgument());', argument, seconds=seconds)

    def press(self, label: str) -> None:
        """Press that button in every dialog that opens from now on; "" leaves them open."""
        self._ask("press", _encode(label))

    def push(self, label: str) -> bool:
        """Press that button in an open dialog; False where there is none."""
        return self._ask("push", _encode(label))[0] == "ok"

    def shown(self) -> list[str]:
        """Return the text of the dialogs that opened since the last call, title first."""
        return self.look("shown")

    def dialogs(self) -> list[str]:
        """Return the text of the dialogs that are open."""
        return self.look("dialogs")

    def wait_for_dialog(self, text: str, *, seconds: float = 10.0) -> str:
        """Wait until an open dialog has that text and return all that it says."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in self.dialogs():
                if text in message:
                    return message
            time.sleep(0.05)
        msg = f"no dialog says {text!r}; open: {self.dialogs()}"
        raise ImageJError(msg)

    def wait_for_browser(self, address: str, *, seconds: float = 10.0) -> bool:
        """Wait until the browser was called with that address; False where it was not."""
        end = time.monotonic() + seconds
        browsed = self.folder / BROWSED
        while not browsed.exists() or address not in browsed.read_text().splitlines():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        browsed.unlink()
        return True

    def windows(self) -> list[str]:
        """Return the titles of all windows that show."""
        return self.look("windows")

    def picture(self, path: Path) -> None:
        """Write a picture of the whole screen."""
        self._ask("picture", _encode(str(path)))

    def xdotool(self, *arguments: str) -> str:
        """Run xdotool on this display."""
        done = subprocess.run(
            ["xdotool", *arguments],
            env=environment(self.display),
            check=True,
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.stdout

    def wait_until_idle(self) -> None:
        """Wait until no macro runs, such as that of a key."""
        if self._ask("idle")[0] != "ok":
            raise ImageJError(self._stuck())

    def clear(self) -> None:
        """Close all images, tables and the ROI Manager's list, so that tests are apart."""
        self.press("")
        self.wait_until_idle()
        self.run(
            "setBatchMode(false);"
            "while (nImages > 0) { selectImage(nImages); close(); }"
            'if (isOpen("ROI Manager")) roiManager("reset");'
            'if (isOpen("RHI")) close("RHI");'
            'if (isOpen("Log")) print("\\\\Clear");'
        )
        self.shown()

    def look(self, request: str, *texts: str) -> list[str]:
        """Ask the driver what there is to see: ``windows``, ``canvas``, ``status`` and others."""
        return [_decode(word) for word in self._ask(request, *map(_encode, texts))[1:]]

    def _ask(self, *words: str) -> list[str]:
        return self._answer(self._send(*words), RUN_SECONDS)

    def _send(self, *words: str) -> int:
        self._number += 1
        self.connection.sendall(" ".join([str(self._number), *words]).encode() + b"\n")
        return self._number

    def _answer(self, number: int, seconds: float) -> list[str]:
        end = time.monotonic() + seconds
        while number not in self._answers:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
            data = self.connection.recv(65536)
            if not data:
                msg = f"ImageJ ended (exit code {self.process.poll()})"
                raise ImageJError(msg)
            *lines, self._buffer = (self._buffer + data).split(b"\n")
            for line in lines:
                words = line.decode().split()
                self._answers[int(words[0])] = words[1:]
        return self._answers.pop(number)


@contextmanager
def imagej_window(
    folder: Path,
    *arguments: str,
    java_options: tuple[str, ...] = (),
    version: str = TESTED,
) -> Iterator[ImageJWindow]:
    """Start ImageJ with pyrhi's macros installed; it is ended at the end of the block.

    Parameters
    ----------
    folder
        An empty folder, which becomes ImageJ's.
    arguments
        Further arguments of ImageJ's command line.
    java_options
        Options of Java; later ones win.
    version
        Version of ImageJ.
    """
    install(folder)
    with screen() as display, socket.create_server(("127.0.0.1", 0)) as server:
        classes = compiled(DRIVER, [imagej_jar(version)])
        command = [
            *java_command(folder, *java_options, version=version, classes=classes),
            DRIVER.stem,
            str(server.getsockname()[1]),
            "-ijpath",
            str(folder),
            "-port0",
            *arguments,
        ]
        log = folder / "imagej.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                env=with_browser(folder, environment(display)),
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            server.settimeout(START_SECONDS)
            try:
                connection, _ = server.accept()
            except TimeoutError:
                msg = f"ImageJ did not start: {log.read_text(errors='replace')}"
                raise ImageJError(msg) from None
            with connection:
                window = ImageJWindow(folder, display, process, connection)
                window._answer(0, START_SECONDS)
                yield window
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def run_imagej(
    folder: Path,
    macro: Path,
    argument: str = "",
    *,
    java_options: tuple[str, ...] = (),
    seconds: float = BATCH_SECONDS,
    version: str = jvm.IMAGEJ_VERSION,
) -> str:
    """Run ``ImageJ -batch MACRO ARGUMENT`` as from a command line and return what it printed.

    Parameters
    ----------
    folder
        Folder of ImageJ, as `install` makes it.
    macro, argument
        Macro file and its argument.
    """
    with screen() as display:
        java = java_command(folder, *java_options, version=version)
        command = [*java, "ij.ImageJ", "-ijpath", str(folder)]
        done = subprocess.run(
            [*command, "-batch", str(macro), argument],
            env=environment(display),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=True,
        )
    return done.stdout.decode(errors="replace")


def run_macro_batch(
    folder: Path,
    source: Path,
    output: Path,
    *,
    high: str = "",
    clip: bool = False,
    version: str = jvm.IMAGEJ_VERSION,
) -> str:
    """Measure a folder of images by RHI_Batch.ijm in a real ImageJ.

    Parameters
    ----------
    folder
        Where ImageJ is installed, as by `install`; made where it does not exist.
    source
        Folder with images.
    output
        Folder for rhi.csv and failures.csv.
    high
        Mode of finding the high area.
    clip
        True cuts the high area to the cord.
    version
        Version of ImageJ.

    Returns
    -------
    printed : str
        What ImageJ printed.
    """
    install(folder)
    argument = f"input=[{source}] output=[{output}]"
    if high:
        argument += f" high=[{high}]"
    if clip:
        argument += " clip"
    return run_imagej(folder, folder / "plugins" / MENU_FOLDER / BATCH, argument, version=version)
