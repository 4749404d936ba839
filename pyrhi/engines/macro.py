"""Running macro code in the running ImageJ, with its errors as errors and a limit of time."""

from __future__ import annotations

import threading
import time
from typing import Any

from pyrhi.engines import jvm
from pyrhi.errors import EngineError

MACRO_SECONDS = 600.0
"""Longest run of a macro unless the caller says otherwise."""

CLOSING_SECONDS = 5.0
"""How long an aborted macro may take to end once its dialogs are closed."""

LOOK_SECONDS = 0.2
MACRO_ABORTED = "[aborted]"


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

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    deadline = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < deadline and not interpreter.wasError():
        thread.join(LOOK_SECONDS)
    # After an error the macro only waits for its dialog to be closed.
    thread.join(LOOK_SECONDS)
    if thread.is_alive():
        said = _close_dialogs()
        if not interpreter.wasError():
            interpreter.abortMacro()
        thread.join(CLOSING_SECONDS)
        if not interpreter.getErrorMessage():
            waited = f"the macro did not end within {seconds:g} seconds"
            msg = f"{waited}; ImageJ was showing: {said}" if said else waited
            raise EngineError(msg)
    error = outcome.get("error")
    answer = outcome.get("answer")
    if error is not None or interpreter.wasError() or answer == MACRO_ABORTED:
        # ImageJ throws "Macro canceled" after showing the message; the message is here.
        message = interpreter.getErrorMessage() or (error and error.getMessage())
        told = " ".join(str(message or "no reason was given").split())
        msg = f"the macro stopped: {told}"
        raise EngineError(msg) from error
    return "" if answer is None else str(answer)


def _close_dialogs() -> str:
    """Close the dialogs that ImageJ shows, which lets a waiting macro end; return their text."""
    if jvm.jimport("java.awt.GraphicsEnvironment").isHeadless():
        return ""
    dialog = jvm.jimport("java.awt.Dialog")
    texts: list[str] = []
    for window in jvm.jimport("java.awt.Window").getWindows():
        if isinstance(window, dialog) and window.isShowing():
            texts += [str(window.getTitle() or ""), *_texts_in(window)]
            window.dispose()
    return " ".join(" ".join(texts).split())


def _texts_in(container: Any) -> list[str]:
    """Return the texts of labels and text fields, at any depth; buttons say nothing."""
    lines = jvm.jimport("ij.gui.MultiLineLabel")
    texts = tuple(jvm.jimport(f"java.awt.{name}") for name in ("Label", "TextComponent"))
    found: list[str] = []
    for part in container.getComponents():
        if isinstance(part, lines):
            field = part.getClass().getDeclaredField("lines")
            field.setAccessible(True)
            found += [str(line) for line in field.get(part)]
        elif isinstance(part, texts):
            found.append(str(part.getText() or ""))
        elif isinstance(part, jvm.jimport("java.awt.Container")):
            found += _texts_in(part)
    return found
