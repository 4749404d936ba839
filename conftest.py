"""Doctests of the kernels: pytest looks for the .py file and finds the compiled module."""

import os

os.environ["PY_IGNORE_IMPORTMISMATCH"] = "1"
