"""What minimum, median and maximum of n normal values tell about their mean and SD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pyrhi.errors import ParameterError
from pyrhi.extras import need

Array = npt.NDArray[np.float64]

MIN_SIZE = 5
"""Fewest values for which the posterior's tails are light enough to integrate on the grid."""

# The posterior falls like exp(-z²/2) in z = (mean - centre) / SD and like SD^-(n-1) in SD; the
# trapezoid rule converges exponentially there, so this spacing leaves an error far below 1e-9.
_Z_HALF = 8.0
_LOG_SD_BELOW, _LOG_SD_ABOVE = -4.0, 7.0
_SPACING = 0.05
_NEGLIGIBLE = 1e-16
_MEDIAN_NODES = 64


@dataclass(frozen=True)
class Posterior:
    """Posterior of a normal's mean and SD on a grid.

    Parameters
    ----------
    mean, sd
        Nodes, shape ``(m,)``, in the unit of the values.
    weight
        Probability of each node, shape ``(m,)``, with sum 1.
    """

    mean: Array
    sd: Array
    weight: Array

    def density(self, x: npt.ArrayLike, /) -> Array:
        """Posterior predictive density of a new value.

        Parameters
        ----------
        x
            Values, shape ``(k,)``.

        Returns
        -------
        ndarray
            Density at each value, shape ``(k,)``.
        """
        values = np.asarray(x, dtype=float)
        return np.array([float(self.weight @ normal(v, self.mean, self.sd)) for v in values])

    def sample(self, uniform: Array, /) -> tuple[Array, Array]:
        """Draw means and SDs.

        Parameters
        ----------
        uniform
            Uniform numbers in [0, 1), one for each draw.

        Returns
        -------
        tuple of ndarray
            Mean and SD of each draw.
        """
        index = np.searchsorted(np.cumsum(self.weight), uniform * self.weight.sum(), side="right")
        index = np.minimum(index, self.weight.size - 1)
        return self.mean[index], self.sd[index]


def normal(x: npt.ArrayLike, mean: npt.ArrayLike, sd: npt.ArrayLike, /) -> Array:
    """Density of the normal distribution.

    Parameters
    ----------
    x, mean, sd
        Value, mean and standard deviation, which broadcast.

    Returns
    -------
    ndarray
    """
    s = np.asarray(sd, dtype=float)
    z = (np.asarray(x, dtype=float) - np.asarray(mean, dtype=float)) / s
    result: Array = np.exp(-0.5 * z * z) / (s * np.sqrt(2 * np.pi))
    return result


def log_likelihood(
    low: float, median: float, high: float, n: int, mean: npt.ArrayLike, sd: npt.ArrayLike, /
) -> Array:
    """Log density of the minimum, median and maximum of n normal values, but for a constant.

    Parameters
    ----------
    low, median, high
        Minimum, median and maximum.
    n
        Number of values.
    mean, sd
        Parameters of the normal distribution, which broadcast.

    Returns
    -------
    ndarray

    Notes
    -----
    The joint density of order statistics, as in David HA, Nagaraja HN, Order Statistics (3rd ed.,
    Wiley 2003), section 2.2. With n odd the median is the order statistic k = (n + 1) / 2:
    f(low) f(median) f(high) [F(median) - F(low)]^(k-2) [F(high) - F(median)]^(n-k-1).
    With n even it is the average of the order statistics k = n / 2 and k + 1, at median - d and
    median + d, and d is integrated out (Gauss-Legendre).
    """
    mu, s = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(sd, dtype=float))

    def log_f(x: Array | float) -> Array:
        z = (x - mu) / s
        result: Array = -0.5 * z * z - np.log(s)
        return result

    with np.errstate(divide="ignore"):
        ends = log_f(low) + log_f(high)
        if n % 2:
            k = (n + 1) // 2
            below = np.log(_mass(low, median, mu, s)) * (k - 2)
            above = np.log(_mass(median, high, mu, s)) * (n - k - 1)
            odd: Array = ends + log_f(median) + below + above
            return odd
        inner = n // 2 - 2
        widest = min(median - low, high - median)
        nodes, weights = np.polynomial.legendre.leggauss(_MEDIAN_NODES)
        total = np.full(mu.shape, -np.inf)
        for node, weight in zip(nodes, weights, strict=True):
            d = widest * (1 + node) / 2
            left, right = median - d, median + d
            term = log_f(left) + log_f(right) + np.log(weight)
            if inner:
                term = term + inner * (
                    np.log(_mass(low, left, mu, s)) + np.log(_mass(right, high, mu, s))
                )
            total = np.logaddexp(total, term)
        even: Array = ends + total
        return even


def posterior(low: float, median: float, high: float, n: int, /) -> Posterior:
    """Posterior of mean and SD under a flat prior in the mean and in log SD.

    Parameters
    ----------
    low, median, high
        Minimum, median and maximum of the values, as printed.
    n
        Number of values, `MIN_SIZE` or more.

    Returns
    -------
    Posterior

    Raises
    ------
    ParameterError
        If there are too few values, or the three are not in ascending order.
    """
    if n < MIN_SIZE:
        msg = f"a tier of {n} patients is too small: give {MIN_SIZE} or more"
        raise ParameterError(msg)
    if not low < median < high:
        msg = f"minimum {low:g}, median {median:g} and maximum {high:g} must ascend"
        raise ParameterError(msg)
    z = np.arange(-_Z_HALF, _Z_HALF + _SPACING / 2, _SPACING)[:, None]
    log_sd = np.log(high - low) + np.arange(_LOG_SD_BELOW, _LOG_SD_ABOVE, _SPACING)[None, :]
    sd = np.broadcast_to(np.exp(log_sd), (z.size, log_sd.size))
    mean = (low + 2 * median + high) / 4 + z * sd
    # d(mean) = SD dz
    log_weight = log_likelihood(low, median, high, n, mean, sd) + log_sd
    weight = np.exp(log_weight - log_weight.max())
    keep = weight > _NEGLIGIBLE
    kept = weight[keep]
    return Posterior(mean=mean[keep], sd=sd[keep].copy(), weight=kept / kept.sum())


def _mass(a: Array | float, b: Array | float, mean: Array, sd: Array) -> Array:
    """Probability between a and b, from the lower tail, where differences keep their digits."""
    ndtr = need("scipy.special", "study").ndtr
    za, zb = (a - mean) / sd, (b - mean) / sd
    flip = za > 0
    result: Array = ndtr(np.where(flip, -za, zb)) - ndtr(np.where(flip, -zb, za))
    return result
