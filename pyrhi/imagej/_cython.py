"""Stands in for Cython's own module where the kernels run uncompiled and Cython is missing."""

from __future__ import annotations

from contextlib import nullcontext

compiled = False
"""What a compiled module reads as True."""

nogil = nullcontext()
"""Uncompiled code keeps the interpreter's lock."""
