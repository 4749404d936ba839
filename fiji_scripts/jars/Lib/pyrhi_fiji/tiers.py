# -*- coding: utf-8 -*-
"""Pain tiers from RHI by pyrhi's JSON models, in the words of ``pyrhi classify``."""

from __future__ import division, unicode_literals

import json
import math
import pkgutil
import re

from java.io import File
from java.nio.file import Files

from pyrhi_fiji import messages
from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.ordinal import OrdinalModel
from pyrhi_fiji.predictions import (
    LOCATIONS,
    NUMBERS,
    TIERS,
    Checker,
    Estimate,
    Patient,
    Prediction,
    checked_rhi,
)
from pyrhi_fiji.text import quoted

FORMAT = "pyrhi-pain-model"
VERSION = 1
SHIPPED = ("published", "cutpoints")
"""Models that come with pyrhi, by name."""

MAX_MODEL_BYTES = 16 * 2**20
PAINFUL = TIERS[1:]
JOINT = "P_moderate_or_severe"
MODERATE_OR_SEVERE = "moderate or severe"
ANY_GROUP = "any"
RHI_MAX = 100
_SUM_TOLERANCE = 1e-6
_ENDS = ("", "_low", "_high")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
_COMMA = re.compile(r"\d+,\d+$")
_COLUMNS = tuple("P_" + name for name in PAINFUL)

HEADINGS = (
    ("Patient", "RHI", "Tier")
    + tuple("P_" + name + end for name in TIERS for end in _ENDS)
    + tuple(JOINT + end for end in _ENDS)
    + ("Indeterminate", "Reason", "Model")
)
"""Columns of ``tiers.csv``; Visit follows Patient where the measured table has it."""


class PublishedModel(object):
    """The published model: a table of probabilities over RHI 0 to 100."""

    def __init__(self, check):
        self.evidence = check.text("evidence")
        if check.texts("tiers") != PAINFUL:
            wanted = ", ".join(PAINFUL) + " (no RHI of patients without pain exists)"
            check.fail("tiers", wanted)
        self.low, self.high = check.ascending("rhi_range", 2)
        rule = check.part("decision")
        self.mild_at_most = rule.number("mild_at_most", 0, 0.5)
        self.more_at_least = rule.number("moderate_or_severe_at_least", 0.5, 1)
        groups = check.part("tables")
        names = groups.document.keys()
        if not names or (self.evidence == "rhi" and list(names) != [ANY_GROUP]):
            check.fail("tables", "one table for each group of the evidence")
        self.steps = check.whole("steps_per_unit", 1)
        self.name = check.text("name")
        self.caveats = check.texts("caveats")
        performance = check.part("performance")
        self.separation = performance.part("auc_moderate_vs_severe").number("value")
        self.level = check.number("interval_level", 0, 1)
        self.tables = dict((name, self._table(groups.part(name))) for name in names)

    def _table(self, check):
        size = RHI_MAX * self.steps + 1
        columns = dict(
            (name, check.numbers(name, size, 0, 1))
            for name in (column + end for column in _COLUMNS + (JOINT,) for end in _ENDS)
        )
        for i in range(size):
            total = sum(columns[column][i] for column in _COLUMNS)
            joint = columns[_COLUMNS[1]][i] + columns[_COLUMNS[2]][i]
            if abs(total - 1) > _SUM_TOLERANCE or abs(joint - columns[JOINT][i]) > _SUM_TOLERANCE:
                wanted = "a probability that adds up with the others (row %d)" % i
                check.fail(_COLUMNS[0], wanted)
        return columns

    def predict(self, patient):
        """Say a patient's tier: mild against moderate or severe."""
        rhi, problem = checked_rhi(patient)
        group, missing = self._group(patient)
        if rhi is None or problem or missing:
            return Prediction("", {}, None, True, problem or missing, self.name)
        table = self.tables[group]
        probabilities = dict(
            (name, self._estimate(table, column, rhi)) for name, column in zip(PAINFUL, _COLUMNS)
        )
        joint = self._estimate(table, JOINT, rhi)
        tier, reason = self._decide(rhi, joint.value)
        return Prediction(tier, probabilities, joint, not tier, reason, self.name)

    def _group(self, patient):
        if self.evidence == "rhi":
            return ANY_GROUP, ""
        what = self.evidence[len("rhi+") :]
        group = patient.location if what == "location" else patient.number
        if group is None:
            return "", what + " is missing"
        if group not in self.tables:
            return "", "%s %s: the study prints no pain score for it" % (what, group)
        return group, ""

    def _estimate(self, table, column, rhi):
        return Estimate(*[self._at(table[column + end], rhi) for end in _ENDS] + [self.level])

    def _at(self, values, rhi):
        """Interpolate a column linearly: docs/model-json.md, in this order of operations."""
        position = rhi * self.steps
        index = min(int(math.floor(position)), len(values) - 2)
        return values[index] + (position - index) * (values[index + 1] - values[index])

    def _decide(self, rhi, joint):
        published = "outside of the published %g-%g" % (self.low, self.high)
        if rhi == 0:
            return "", "RHI 0 is " + published + "; no lesion is not no pain"
        if not self.low <= rhi <= self.high:
            return "", "RHI %g is " % rhi + published
        if joint <= self.mild_at_most:
            return "mild", ""
        if joint >= self.more_at_least:
            return MODERATE_OR_SEVERE, (
                "not split: moderate and severe are barely separable (AUC %.2f)" % self.separation
            )
        return "", (
            "near the boundary: P(moderate or severe) %.2f is between %.2f and %.2f"
            % (joint, self.mild_at_most, self.more_at_least)
        )


class CutpointModel(object):
    """Two cut-offs, without probabilities."""

    def __init__(self, check):
        if check.texts("tiers") != PAINFUL:
            check.fail("tiers", ", ".join(PAINFUL))
        check.numbers("cutpoints", 2, 0, RHI_MAX)
        self.cutpoints = check.ascending("cutpoints", 2)
        self.name = check.text("name")
        self.caveats = check.texts("caveats")

    def predict(self, patient):
        """Say a patient's tier by the two cut-offs."""
        rhi, problem = checked_rhi(patient)
        if rhi == 0:
            problem = "RHI 0: the cut-offs divide patients with a lesion; no lesion is not no pain"
        if rhi is None or problem:
            return Prediction("", {}, None, True, problem, self.name)
        tier = PAINFUL[sum(rhi >= cut for cut in self.cutpoints)]
        return Prediction(tier, {}, None, False, "", self.name)


_KINDS = (
    ("published", PublishedModel),
    ("cutpoints", CutpointModel),
    ("ordinal", OrdinalModel),
)


def load_model(source):
    """Read a model: the name of a shipped one, or the path of a JSON file."""
    if source in SHIPPED:
        try:
            data = pkgutil.get_data("pyrhi_fiji", "models/" + source + ".json")
        except IOError:
            raise RhiError(messages.MODEL_NOT_INSTALLED.format(name=source))
        return parse_model(data, source + ".json")
    file = File(source)
    if not file.isFile():
        raise RhiError(messages.NO_MODEL.format(path=source))
    if file.length() > MAX_MODEL_BYTES:
        raise RhiError(messages.MODEL_TOO_LARGE.format(path=source, limit=MAX_MODEL_BYTES))
    return parse_model(Files.readAllBytes(file.toPath()).tostring(), source)


def parse_model(data, where):
    """Read a model from the bytes of its file."""
    try:
        raw = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RuntimeError):
        raise RhiError(messages.MODEL_DAMAGED.format(path=where))
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise RhiError(messages.MODEL_FOREIGN.format(path=where, format=quoted(FORMAT)))
    check = Checker(raw, where)
    version = check.whole("version", 1)
    if version != VERSION:
        raise RhiError(
            messages.MODEL_VERSION.format(path=where, version=version, wanted=VERSION)
        )
    kind = check.text("kind")
    kinds = dict(_KINDS)
    if kind not in kinds:
        known = ", ".join(name for name, _ in _KINDS)
        raise RhiError(messages.MODEL_KIND.format(path=where, kind=quoted(kind), known=known))
    check.text("name")
    check.texts("caveats")
    tiers = check.texts("tiers")
    if len(tiers) < 2 or tuple(t for t in TIERS if t in tiers) != tiers:
        check.fail("tiers", "two or more of none, mild, moderate, severe, in that order")
    return kinds[kind](check)


def _refuse_constant(name):
    raise ValueError(name + " is not JSON")


def lines_of(patient, said, model):
    """Say a prediction in words, line by line."""
    rhi = "missing" if patient.rhi is None else "%g %%" % patient.rhi
    lines = ["RHI %s: %s" % (rhi, said.tier or "indeterminate")]
    if said.reason:
        lines.append("  " + said.reason)
    for name in TIERS:
        if name in said.probabilities:
            lines.append("  P(%s) %s" % (name, _words(said.probabilities[name])))
    if said.joint is not None:
        lines.append("  P(moderate or severe) " + _words(said.joint))
    lines.append("Model: " + model.name)
    return lines + ["- " + caveat for caveat in model.caveats] + [messages.RESEARCH_USE]


def _words(estimate):
    level = "%.0f%%" % (100 * estimate.level)
    return "%.2f (%s interval %.2f to %.2f)" % (
        estimate.value, level, estimate.low, estimate.high,
    )


def rows_of(patients, model):
    """Return headings and rows of ``tiers.csv`` for patients: name, visit and what is known."""
    visits = any(visit for _, visit, _ in patients)
    headings = (HEADINGS[:1] + ("Visit",) + HEADINGS[1:]) if visits else HEADINGS
    rows = []
    for name, visit, patient in patients:
        said = model.predict(patient)
        rows.append([name] + ([visit] if visits else []) + _cells(patient, said))
    return headings, rows


def _cells(patient, said):
    numbers = []
    for estimate in [said.probabilities.get(name) for name in TIERS] + [said.joint]:
        numbers += ["", "", ""] if estimate is None else [
            estimate.value, estimate.low, estimate.high,
        ]
    return (
        ["" if patient.rhi is None else patient.rhi, said.tier]
        + numbers
        + [
            "yes" if said.indeterminate else "no",
            said.reason,
            "%s (%s)" % (said.model, messages.RESEARCH_USE[:-1].lower()),
        ]
    )


def location_in(value, where):
    """Read a location from a cell; None where it is blank or unknown."""
    text = (value or "").strip().lower()
    if text in ("", "unknown", "nan", "na", "n/a"):
        return None
    if text not in LOCATIONS:
        known = ", ".join(LOCATIONS)
        raise RhiError(messages.NOT_A_LOCATION.format(where=where, text=quoted(text), known=known))
    return text


def number_group(value, where):
    """Read the number of metastases from a cell; None where it is blank or 0."""
    text = (value or "").strip().lower().lstrip("'")
    if text in (">2", "> 2", ">=3", "3+", "over two", "more than two"):
        return ">2"
    count = number_in(text, where)
    if count is None or count == 0:
        return None
    if count < 0 or count != int(count):
        raise RhiError(messages.NOT_A_COUNT.format(where=where, text=quoted(text)))
    return NUMBERS[min(int(count), len(NUMBERS)) - 1]


def number_in(value, where):
    """Read a number from a cell; None where it is blank."""
    text = (value or "").strip()
    if text.lower() in ("", "nan", "na", "n/a"):
        return None
    if not _NUMBER.match(text):
        hint = "; write a decimal point" if _COMMA.match(text) else ""
        raise RhiError(messages.NOT_A_NUMBER.format(where=where, text=quoted(text), hint=hint))
    number = float(text)
    if math.isinf(number):
        raise RhiError(messages.NOT_FINITE.format(where=where, text=quoted(text)))
    return number


def patient_of(rhi, location, number):
    """Return a patient whose RHI, location and number were given by hand."""
    return Patient(
        rhi, location_in(location, "--location"), number_group(number, "--number")
    )
