"""Running macro code in the running ImageJ, with its errors as errors and a limit of time."""

from __future__ import annotations

import re
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyrhi.engines import jvm
from pyrhi.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

MACRO_SECONDS = 600.0
"""Longest run of a macro unless the caller says otherwise."""

CLOSING_SECONDS = 5.0
"""How long an aborted macro may take to end once its dialogs are closed."""

LOOK_SECONDS = 0.2
MACRO_ABORTED = "[aborted]"
CANCELED = "Macro canceled"
NO_REASON = "no reason was given"
EXIT_TITLE = "Macro"
"""Title of the dialog with the message of ``exit(message)``."""

IDLE_LOOKS = 2

EVENT_THREAD = "AWT-EventQueue"
DIALOG_SHOW = "java.awt.Dialog.show"
EVENT_LOOP = re.compile(r"java\.awt\.WaitDispatchSupport\$\w+\.run")
"""Frame of the events' thread for each dialog that waits, whichever thread shows it."""


def run_macro(code: str, argument: str, seconds: float, /) -> str:
    """Run macro code and return what it returns.

    Parameters
    ----------
    code, argument
        The macro and its argument.
    seconds
        Limit of time.

    Raises
    ------
    EngineError
        If the macro ends by an error or not in time.
    """
    import jpype

    interpreter = jvm.jimport("ij.macro.Interpreter")()
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["answer"] = interpreter.run(code, argument)
        except jpype.JException as error:
            outcome["error"] = error

    with _exit_messages() as reasons:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        reasons += _watched(thread, interpreter, seconds)
    error = outcome.get("error")
    answer = outcome.get("answer")
    if error is not None or reasons or interpreter.wasError() or answer == MACRO_ABORTED:
        # ImageJ throws "Macro canceled" after showing the message; the message is here.
        shown = interpreter.getErrorMessage() or " ".join(reasons)
        told = " ".join(str(shown or (error and error.getMessage()) or NO_REASON).split())
        msg = f"the macro stopped: {NO_REASON if told in (CANCELED, '') else told}"
        raise EngineError(msg) from error
    return "" if answer is None else str(answer)


def _watched(thread: threading.Thread, interpreter: Any, seconds: float) -> list[str]:
    """Wait for a macro to end; return what it showed when it ended by ``exit(message)``."""
    deadline = time.monotonic() + seconds
    idle = 0
    while thread.is_alive() and time.monotonic() < deadline and not interpreter.wasError():
        thread.join(LOOK_SECONDS)
        # exit() takes the macro off before it shows its message, and waits for the dialog.
        idle = idle + 1 if type(interpreter).getInstance() is None else 0
        if idle >= IDLE_LOOKS and (shown := _close_dialogs()):
            return [f"{shown} {_end(thread)}"]
    # After an error the macro only waits for its dialog to be closed.
    thread.join(LOOK_SECONDS)
    if thread.is_alive():
        shown = _close_dialogs()
        if not interpreter.wasError():
            interpreter.abortMacro()
        shown = f"{shown} {_end(thread)}".strip()
        if not interpreter.getErrorMessage():
            waited = f"the macro did not end within {seconds:g} seconds"
            msg = f"{waited}; ImageJ was showing: {shown}" if shown else waited
            raise EngineError(msg)
    return []


def _end(thread: threading.Thread) -> str:
    """Let a macro end, which may show one dialog after another; return their text."""
    deadline = time.monotonic() + CLOSING_SECONDS
    shown = ""
    while thread.is_alive() and time.monotonic() < deadline:
        shown = f"{shown} {_close_dialogs()}".strip()
        thread.join(LOOK_SECONDS)
    return shown


@contextmanager
def _exit_messages() -> Iterator[list[str]]:
    """Collect what ``exit(message)`` says: without a main window ImageJ prints the message."""
    import jpype

    messages: list[str] = []
    system, interpreter = jvm.jimport("java.lang.System"), jvm.jimport("ij.macro.Interpreter")
    if jvm.jimport("ij.IJ").getInstance() is not None:
        yield messages
        return
    out = system.out

    class Sink:
        def write(self, buffer: Any) -> int:
            values = jpype.JArray(jpype.JByte)(int(buffer.remaining()))
            buffer.get(values)
            # exit() takes the macro off before it says why; what print() says comes before.
            if interpreter.getInstance() is None:
                messages.append(bytes(values).decode("utf-8", "replace"))
            out.write(values, 0, len(values))
            out.flush()
            return len(values)

        def isOpen(self) -> bool:  # noqa: N802 (Java's own name)
            return True

        def close(self) -> None:
            pass

    channel = jpype.JProxy("java.nio.channels.WritableByteChannel", inst=Sink())
    stream = jvm.jimport("java.nio.channels.Channels").newOutputStream(channel)
    system.setOut(jvm.jimport("java.io.PrintStream")(stream, True, "UTF-8"))
    try:
        yield messages
    finally:
        system.setOut(out)


def _close_dialogs() -> str:
    """Close the dialogs that ImageJ shows, which lets a waiting macro end; return their text.

    Returns
    -------
    text : str
        Empty where there is none, and while one is only being shown.
    """
    if jvm.jimport("java.awt.GraphicsEnvironment").isHeadless() or not _all_wait():
        return ""
    dialog = jvm.jimport("java.awt.Dialog")
    messages: list[str] = []
    for window in jvm.jimport("java.awt.Window").getWindows():
        if isinstance(window, dialog) and window.isShowing():
            title = str(window.getTitle() or "")
            messages += [*([] if title == EXIT_TITLE else [title]), *_labels_in(window)]
            window.dispose()
    return " ".join(" ".join(messages).split())


def _all_wait() -> bool:
    """Say whether each dialog that is shown waits for its answer.

    ``Dialog.show`` makes a dialog visible first and begins a loop of events after that; one that
    is closed in between waits for ever.
    """
    shows = loops = 0
    for thread, frames in jvm.jimport("java.lang.Thread").getAllStackTraces().items():
        is_queue = str(thread.getName()).startswith(EVENT_THREAD)
        for frame in frames:
            place = f"{frame.getClassName()}.{frame.getMethodName()}"
            shows += place == DIALOG_SHOW
            loops += is_queue and EVENT_LOOP.fullmatch(place) is not None
    return loops >= shows


def _labels_in(container: Any) -> list[str]:
    """Return the texts of labels and text fields, at any depth; buttons say nothing."""
    lines = jvm.jimport("ij.gui.MultiLineLabel")
    labels = tuple(jvm.jimport(f"java.awt.{name}") for name in ("Label", "TextComponent"))
    found: list[str] = []
    for part in container.getComponents():
        if isinstance(part, lines):
            field = part.getClass().getDeclaredField("lines")
            field.setAccessible(True)
            found += [str(line) for line in field.get(part)]
        elif isinstance(part, labels):
            found.append(str(part.getText() or ""))
        elif isinstance(part, jvm.jimport("java.awt.Container")):
            found += _labels_in(part)
    return found
