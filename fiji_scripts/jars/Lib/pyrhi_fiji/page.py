"""The page behind the Help button of each dialog."""

from __future__ import unicode_literals

import pkgutil

from ij.gui import HTMLDialog
from java.awt import EventQueue

from pyrhi_fiji import messages

PAGE = "help.html"


def shown():
    """Show the page where the Help button wants it, and tell whether it did.

    The only method of a script that SciJava can bind to a button is its ``run``: it runs the whole
    script, but in the thread of AWT, where SciJava runs no command.
    """
    if not EventQueue.isDispatchThread():
        return False
    HTMLDialog(messages.TITLE, text())
    return True


def text():
    """Return the page as HTML."""
    return pkgutil.get_data("pyrhi_fiji", PAGE).decode("utf-8")
