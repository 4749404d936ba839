"""Macros in an ImageJ of Python's."""

from __future__ import annotations

import pytest
from rigs.imagej_window import screen
from rigs.own_process import printed, printed_with_a_screen


def test_a_macro_error_is_an_error():
    lines = printed(
        """
        from pyrhi.engines import ImageJ
        from pyrhi.errors import EngineError
        ij = ImageJ()
        print(ij.run_macro("return toString(getArgument()) + '!';", "a b"))
        print(repr(ij.run_macro("x = 1;")))
        for code in ("nonsense(1);", "setResult('A', 5, 1);", "run('No Such Command');"):
            try:
                print("no error", ij.run_macro(code))
            except EngineError as error:
                print(type(error).__name__, "\\n" in str(error), str(error).startswith("the macro"))
        print(ij.run_macro("return 'still alive';"))
        """
    )
    kept = [line for line in lines if line.startswith(("a b", "''", "Engine", "no error", "still"))]
    assert kept == ["a b!", "''", *["EngineError False True"] * 3, "still alive"]


EXITS = """
import time
from pyrhi.engines import ImageJ, jvm
from pyrhi.errors import EngineError
ij = ImageJ()
if not ij.is_headless:
    jvm.jimport("ij.ImageJ")(jvm.jimport("ij.ImageJ").EMBEDDED).setVisible(True)
for code in ("exit('boo');", "print('before'); exit('two\\\\nlines');", "exit();", "exit('');"):
    began = time.monotonic()
    try:
        print("> no error", ij.run_macro(code))
    except EngineError as error:
        print(">", error, time.monotonic() - began < 20)
print(">", ij.run_macro("return 'alive';"))
"""
SAID = [
    "> the macro stopped: boo True",
    "> the macro stopped: two lines True",
    "> the macro stopped: no reason was given True",
    "> the macro stopped: no reason was given True",
    "> alive",
]


@pytest.mark.parametrize("window", [False, True])
def test_what_exit_says_is_the_error_at_once(window: bool):
    if not window:
        lines = printed(EXITS)
    else:
        with screen() as display:
            interactive = (
                "import scyjava\nscyjava.config.enable_headless_mode = lambda: None\n" + EXITS
            )
            lines = printed(interactive, DISPLAY=display)
    assert [line for line in lines if line.startswith(">")] == SAID


CLOSED_WHILE_SHOWN = """
import jpype
import scyjava
scyjava.config.enable_headless_mode = lambda: None
from pyrhi.engines import ImageJ, jvm, macro
from pyrhi.errors import EngineError
ij = ImageJ()
jvm.jimport("ij.ImageJ")(jvm.jimport("ij.ImageJ").EMBEDDED).setVisible(True)
dialog, event_type = jvm.jimport("java.awt.Dialog"), jvm.jimport("java.awt.event.HierarchyEvent")

class Look:
    # Java tells this from inside Dialog.show, when the dialog is visible and does not wait yet.
    def eventDispatched(self, event):
        shown = event.getSource()
        if event.getChangeFlags() & event_type.SHOWING_CHANGED and isinstance(shown, dialog):
            if shown.isShowing():
                print("> shown", repr(macro._close_dialogs()), shown.isShowing())

looks = jpype.JProxy("java.awt.event.AWTEventListener", inst=Look())
mask = jvm.jimport("java.awt.AWTEvent").HIERARCHY_EVENT_MASK
jvm.jimport("java.awt.Toolkit").getDefaultToolkit().addAWTEventListener(looks, mask)
for code in ("exit('boo');", "nonsense(1);"):
    try:
        ij.run_macro(code)
    except EngineError as error:
        print(">", error)
"""


def test_a_dialog_that_does_not_wait_yet_is_not_closed():
    with screen() as display:
        lines = printed_with_a_screen(CLOSED_WHILE_SHOWN, DISPLAY=display)
    assert [line for line in lines if line.startswith(">")] == [
        "> shown '' True",
        "> the macro stopped: boo",
        "> shown '' True",
        "> the macro stopped: Undefined identifier",
    ]
