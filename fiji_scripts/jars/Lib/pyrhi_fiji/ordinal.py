"""The proportional-odds model, with the same draws of its parameters as pyrhi takes."""

from __future__ import division, unicode_literals

import math

from pyrhi_fiji.errors import RhiError
from pyrhi_fiji.predictions import LOCATIONS, NUMBERS, TIERS, Estimate, Prediction, checked_rhi

TERMS = ("rhi", "location", "number")
RHI_UNIT = 10.0
CALL_AT = 0.5
DRAWS = 2000
LEVEL = 0.95
_LARGEST = 1e6
_SYMMETRIC = 1e-5
_STEEP = 700.0


class OrdinalModel(object):
    """A proportional-odds model as its file holds it."""

    def __init__(self, check):
        self.tiers = check.texts("tiers")
        self.terms = check.texts("terms")
        if self.terms[:1] != TERMS[:1] or tuple(t for t in TERMS if t in self.terms) != self.terms:
            check.fail("terms", "rhi, optionally followed by location and number")
        part = check.part("groups")
        self.groups = {}
        columns = ["rhi_per_%g" % RHI_UNIT]
        for term in self.terms[1:]:
            names = part.texts(term)
            known = LOCATIONS if term == "location" else NUMBERS
            if len(names) < 2 or len(set(names)) < len(names) or not set(names) <= set(known):
                part.fail(term, "two or more different ones of " + ", ".join(known))
            self.groups[term] = names
            columns += [term + "=" + group for group in names[1:]]
        if list(check.texts("columns")) != columns:
            check.fail("columns", ", ".join(columns))
        slopes = len(columns)
        size = slopes + len(self.tiers) - 1
        flat = check.numbers("covariance", size * size, -_LARGEST, _LARGEST)
        self.root = _cholesky([flat[i * size : (i + 1) * size] for i in range(size)])
        if self.root is None:
            check.fail("covariance", "a covariance matrix (symmetric, positive definite)")
        self.low, self.high = check.ascending("rhi_range", 2)
        self.name = check.text("name")
        self.caveats = check.texts("caveats")
        self.coefficients = check.numbers("coefficients", slopes, -_LARGEST, _LARGEST)
        cuts = len(self.tiers) - 1
        self.thresholds = check.ascending("thresholds", cuts, -_LARGEST, _LARGEST)
        self._drawn = None

    def predict(self, patient):
        """Say a patient's tier: the most probable one, where its probability is 1/2 or more."""
        rhi, problem = checked_rhi(patient)
        if rhi is None or problem:
            return Prediction("", {}, None, True, problem, self.name)
        try:
            row = self._row(patient)
        except RhiError as error:
            return Prediction("", {}, None, True, error.message, self.name)
        p = _probabilities(self.thresholds, _dot(self.coefficients, row))
        drawn = [_probabilities(cuts, _dot(slopes, row)) for slopes, cuts in self._draws()]
        estimates = [_estimate(p[i], [d[i] for d in drawn]) for i in range(len(p))]
        more = [i for i, name in enumerate(self.tiers) if name in TIERS[2:]]
        joint = None
        if more:
            sums = [sum(d[i] for i in more) for d in drawn]
            joint = _estimate(sum(p[i] for i in more), sums)
        best = p.index(max(p))
        reason = ""
        if not self.low <= rhi <= self.high:
            reason = "RHI %g is outside of the fitted patients' %g-%g" % (rhi, self.low, self.high)
        elif p[best] < CALL_AT:
            reason = "no tier has a probability of %g or more" % CALL_AT
        return Prediction(
            "" if reason else self.tiers[best],
            dict(zip(self.tiers, estimates)),
            joint,
            bool(reason),
            reason,
            self.name,
        )

    def _row(self, patient):
        values = [patient.rhi / RHI_UNIT]
        for term in self.terms[1:]:
            group = patient.location if term == "location" else patient.number
            if group is None:
                raise RhiError(term + " is missing")
            if group not in self.groups[term]:
                raise RhiError("%s %s: no such patient was in the fit" % (term, group))
            values += [float(group == other) for other in self.groups[term][1:]]
        return values

    def _draws(self):
        """Return draws of slopes and thresholds, the same for every call."""
        if self._drawn is None:
            slopes = len(self.coefficients)
            gaps = [math.log(b - a) for a, b in zip(self.thresholds, self.thresholds[1:])]
            centre = list(self.coefficients) + [self.thresholds[0]] + gaps
            normals = Normals()
            self._drawn = []
            for _ in range(DRAWS):
                z = [normals.next() for _ in centre]
                drawn = [c + _dot(line, z) for c, line in zip(centre, self.root)]
                cuts = [drawn[slopes]]
                for gap in drawn[slopes + 1 :]:
                    cuts.append(cuts[-1] + math.exp(min(gap, _STEEP)))
                self._drawn.append((drawn[:slopes], cuts))
        return self._drawn


def _dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def _probabilities(thresholds, linear):
    steps = [max(-_STEEP, min(_STEEP, cut - linear)) for cut in thresholds]
    cumulative = [0.0] + [1 / (1 + math.exp(-step)) for step in steps] + [1.0]
    return [b - a for a, b in zip(cumulative, cumulative[1:])]


def _estimate(value, draws):
    ordered = sorted(draws)
    tail = (1 - LEVEL) / 2
    low, high = _quantile(ordered, tail), _quantile(ordered, 1 - tail)
    return Estimate(value, min(low, value), max(high, value), LEVEL)


def _quantile(ordered, share):
    place = (len(ordered) - 1) * share
    index = int(math.floor(place))
    a, b = ordered[index], ordered[min(index + 1, len(ordered) - 1)]
    return a + (b - a) * (place - index)


def _cholesky(matrix):
    """Return the lower triangular root, or None where the matrix is no covariance."""
    size = len(matrix)
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            if abs(matrix[i][j] - matrix[j][i]) > 1e-8 + _SYMMETRIC * abs(matrix[j][i]):
                return None
            rest = matrix[i][j] - sum(root[i][k] * root[j][k] for k in range(j))
            if i == j:
                if rest <= 0:
                    return None
                root[i][i] = math.sqrt(rest)
            else:
                root[i][j] = rest / root[j][j]
    return root


class Normals(object):
    """The normal numbers of ``numpy.random.default_rng(20250307).standard_normal``.

    Notes
    -----
    PCG64 (O'Neill ME. PCG, HMC-CS-2014-0905) in its XSL RR 128/64 form, and the ziggurat of
    Marsaglia G, Tsang WW. J Stat Softw 2000; 5 (8), with 256 layers and 52 bits, as numpy has it.
    """

    STATE = 0xF0226B424007900956B454B29ED1B94F
    INCREMENT = 0x8A060FCC2516ABC45861EFA95A9C1D5F
    MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
    LAYERS = 256
    TAIL = 3.6541528853610088
    AREA = 0.004928673233974658
    BITS = 52

    def __init__(self):
        self._state = self.STATE
        scale = float(2**self.BITS)
        x = self.TAIL
        edge = math.exp(-0.5 * x * x)
        base = self.AREA / edge
        self._inside = [0] * self.LAYERS
        self._width = [0.0] * self.LAYERS
        self._height = [1.0] * self.LAYERS
        self._inside[0] = int(x / base * scale)
        self._width[0] = base / scale
        self._width[-1] = x / scale
        self._height[-1] = edge
        for i in range(self.LAYERS - 2, 0, -1):
            outer = x
            x = math.sqrt(-2 * math.log(self.AREA / outer + math.exp(-0.5 * outer * outer)))
            self._inside[i + 1] = int(x / outer * scale)
            self._width[i] = x / scale
            self._height[i] = math.exp(-0.5 * x * x)

    def next(self):
        """Return the next number."""
        while True:
            r = self._word()
            layer = r & 0xFF
            sign = -1.0 if r >> 8 & 1 else 1.0
            place = r >> 9 & (1 << self.BITS) - 1
            x = sign * (place * self._width[layer])
            if place < self._inside[layer]:
                return x
            if layer == 0:
                return self._in_tail(place)
            height = self._height[layer - 1] - self._height[layer]
            if height * self._uniform() + self._height[layer] < math.exp(-0.5 * x * x):
                return x

    def _in_tail(self, place):
        while True:
            x = -math.log1p(-self._uniform()) / self.TAIL
            y = -math.log1p(-self._uniform())
            if y + y > x * x:
                return -(self.TAIL + x) if place >> 8 & 1 else self.TAIL + x

    def _uniform(self):
        return (self._word() >> 11) / float(2**53)

    def _word(self):
        self._state = (self._state * self.MULTIPLIER + self.INCREMENT) & (1 << 128) - 1
        mixed = (self._state >> 64 ^ self._state) & (1 << 64) - 1
        turn = self._state >> 122
        return (mixed >> turn | mixed << (64 - turn)) & (1 << 64) - 1
