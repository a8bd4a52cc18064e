"""Two-sample tests and divergences, on arrays or on columns of data frames.

Each gives a TestResult: ``statistic``, ``p_value`` (of exact equality; NaN where the method has none), ``effect``
(the size of the difference, in the test's own unit) and ``interval`` (95 %, valid at zero, too). Missing values are
left out.

>>> import holdfast as hf
>>> t = hf.stats.ks([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0])
>>> t.statistic, round(t.p_value, 6)
(0.5, 0.771429)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._core import TestResult

__all__ = ["TestResult", "chi2", "js", "ks", "psi", "total_variation", "wasserstein"]

_Counts = tuple[NDArray[np.float64], NDArray[np.float64]]


def ks(reference: Any, current: Any) -> TestResult:
    """Two-sample Kolmogorov-Smirnov test: the largest distance D between the two distribution functions.

    The p-value is exact up to 10,000 rows a side (Hodges, Ark. Mat. 3, 1958), else asymptotic (Simard and L'Ecuyer,
    J. Stat. Soft. 39(11), 2011), as SciPy's ``ks_2samp``. Effect: D, with Massart's (1990) bound as interval.

    Raises InvalidArgument where a side has no value, or is text.

    >>> ks([1, 2, 3, 4], [1, 2, 3, 4]).effect
    0.0
    """
    return _core.stats_ks(reference, current)


def wasserstein(reference: Any, current: Any) -> TestResult:
    """Wasserstein-1 distance: the area between the two distribution functions, in the data's own unit.

    Effect: in standard deviations of the reference (0 where both are constant and equal, infinite where only the
    reference is constant). No p-value.

    >>> wasserstein([0.0, 1.0, 3.0], [5.0, 6.0, 8.0]).statistic
    5.0
    """
    return _core.stats_wasserstein(reference, current)


def chi2(reference: Any, current: Any, *, counts: bool = False) -> TestResult:
    """Pearson's chi-square test that two samples of categories come from one distribution, uncorrected.

    Takes the categories themselves, or counts of the same categories (``counts=True``, or two mappings). Effect:
    Cramer's V, in [0, 1]. The p-value is an approximation that wants about five expected rows in each category.

    >>> round(chi2({"a": 10, "b": 20}, {"a": 20, "b": 10}).p_value, 4)
    0.0098
    """
    return _core.stats_chi2(*_category_counts(reference, current, counts))


def total_variation(reference: Any, current: Any, *, counts: bool = False) -> TestResult:
    """Total variation distance of two samples of categories: half the sum of absolute differences of shares.

    Takes what chi2 takes. Effect: the distance, in [0, 1]: the share of rows that would have to change category.

    >>> total_variation(["a", "a", "b", "b"], ["a", "b", "b", "b"]).effect
    0.25
    """
    return _core.stats_total_variation(*_category_counts(reference, current, counts))


def psi(reference: Any, current: Any, *, counts: bool = False, bins: int = 10, smoothing: float = 0.5) -> TestResult:
    """Population stability index: the sum of (q - p) log(q / p) over bins, q the current shares, p the reference's.

    Numbers are binned at the reference's quantiles (deciles unless ``bins`` says otherwise); text, booleans, mappings
    and ``counts=True`` are categories. A count of zero is taken as ``smoothing``. Plain PSI is not zero on equal small
    samples (0.19 on average at 100 rows); its interval knows.

    >>> psi({"a": 50, "b": 50}, {"a": 50, "b": 50}).effect
    0.0
    """
    return _core.stats_psi(*_binned_counts(reference, current, counts, bins), smoothing)


def js(reference: Any, current: Any, *, counts: bool = False, bins: int = 10) -> TestResult:
    """Jensen-Shannon distance, base 2: the root of the divergence, in [0, 1]; of what psi takes.

    >>> js({"a": 10, "b": 0}, {"a": 0, "b": 10}).effect
    1.0
    """
    return _core.stats_js(*_binned_counts(reference, current, counts, bins))


def _category_counts(reference: Any, current: Any, counts: bool) -> _Counts:
    if isinstance(reference, Mapping) and isinstance(current, Mapping):
        keys = sorted({*reference, *current}, key=str)
        a = np.array([float(reference.get(key, 0)) for key in keys])
        return a, np.array([float(current.get(key, 0)) for key in keys])
    if counts:
        return np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    _, a, b = _core.stats_count_values(reference, current)
    return a, b


def _binned_counts(reference: Any, current: Any, counts: bool, bins: int) -> _Counts:
    if counts or isinstance(reference, Mapping) or not _core.stats_is_numeric(reference):
        return _category_counts(reference, current, counts)
    _, a, b = _core.stats_bins(reference, current, bins)
    return a, b
