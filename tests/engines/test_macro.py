"""Macros in an ImageJ of Python's."""

from __future__ import annotations

from rigs.own_process import printed


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
