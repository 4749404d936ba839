"""The errors that pyrhi raises: one clear line each, naming the file or ROI and what to do."""

from __future__ import annotations


class PyrhiError(Exception):
    """Base of every error that pyrhi raises on purpose; its text is one line for a person."""

    def __str__(self) -> str:
        # What a damaged file is quoted with may hold line ends of any kind.
        return " ".join(super().__str__().splitlines())


class ImageError(PyrhiError):
    """An image cannot be read, or is not one that pyrhi measures."""


class RoiError(PyrhiError):
    """A ROI or ROI set cannot be read, or cannot be measured on this image."""


class RoleError(PyrhiError):
    """The cord and high-intensity ROIs cannot be told apart or paired."""


class ThresholdError(PyrhiError):
    """A threshold method or option is unknown, or cannot be applied."""


class TableError(PyrhiError):
    """A table lacks a column, or a cell holds what it may not."""


class ParameterError(PyrhiError):
    """An argument is outside of what it may be."""


class OutputError(PyrhiError):
    """A result cannot be written where it was asked for."""


class ModelError(PyrhiError):
    """A pain model's file is damaged, foreign or of another version, or cannot be fitted."""


class EngineError(PyrhiError):
    """ImageJ cannot be started, or did not do what it was asked for."""


class ClusterError(PyrhiError):
    """A Dask cluster cannot be reached, was lost, or its workers do not fit the run."""
