"""Two-sample tests and divergences, on arrays or on columns of data frames.

Each gives a TestResult: ``statistic``, ``p_value`` (of exact equality; NaN where the method has none), ``effect``
(the size of the difference, in the test's own unit) and ``interval`` (95 %, valid at zero, too; NaN where the method
has none). Samples are one-dimensional arrays, lists or columns of n and m rows, in any order. Missing values are left
out and counted in the result's ``note``. Signed effects are positive where the current values are the larger. Two
samples of one and the same value have effect 0. `docs/statistics.md` has each method's formula, assumptions and source.

All raise InvalidArgument where a side has no value, or is text where numbers are wanted.

>>> import holdfast as hf
>>> t = hf.stats.ks([1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0])
>>> t.statistic, round(t.p_value, 6)
(0.5, 0.771429)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._core import TestResult

__all__ = [
    "TestResult",
    "anderson_darling",
    "chi2",
    "cramer_von_mises",
    "energy",
    "fisher",
    "g_test",
    "hellinger",
    "js",
    "kl",
    "ks",
    "kuiper",
    "l_infinity",
    "levene",
    "mann_whitney",
    "psi",
    "total_variation",
    "wasserstein",
    "welch",
]

_Counts = tuple[NDArray[np.float64], NDArray[np.float64]]


def ks(reference: Any, current: Any) -> TestResult:
    """Two-sample Kolmogorov-Smirnov test: the largest distance D between the two distribution functions.

    The p-value is exact up to 10,000 rows a side (Hodges, Ark. Mat. 3, 1958), else asymptotic (Simard and L'Ecuyer,
    J. Stat. Soft. 39(11), 2011), as SciPy's ``ks_2samp``. Effect: D without what chance alone adds to its square, with
    Massart's (1990) bound as interval.

    Raises InvalidArgument where a side has no value, or is text.

    >>> ks([1, 2, 3, 4], [1, 2, 3, 4]).effect
    0.0
    """
    return _core.stats_ks(reference, current)


def wasserstein(reference: Any, current: Any) -> TestResult:
    """Wasserstein-1 distance: the area between the two distribution functions, in the data's own unit.

    Effect: in standard deviations of the reference, bias-corrected (0 where both are constant and equal, infinite where
    only the reference is constant). No p-value.

    >>> wasserstein([0.0, 1.0, 3.0], [5.0, 6.0, 8.0]).statistic
    5.0
    """
    return _core.stats_wasserstein(reference, current)


def cramer_von_mises(reference: Any, current: Any) -> TestResult:
    """Cramer-von Mises test (Anderson, Ann. Math. Stat. 33, 1962): T, from the squared differences of midranks.

    The p-value is over all splits of the pooled rows, ties included, up to n m = 400 (as SciPy's ``method="exact"``
    where nothing is tied), else that of the limit, with its tail as far as doubles go. Effect: the root of the mean
    over the pooled rows of (F - G)^2, in [0, 1]; no interval.

    >>> round(cramer_von_mises([1, 2, 3, 4], [5, 6, 7, 8]).p_value, 6)
    0.028571
    """
    return _core.stats_cramer_von_mises(reference, current)


def anderson_darling(reference: Any, current: Any) -> TestResult:
    """Anderson-Darling test of two samples, with midranks (Scholz and Stephens, J. Am. Stat. Assoc. 82, 1987, eq. 7).

    The statistic is (A^2 - 1) / sd, as SciPy's ``anderson_ksamp``; NaN below four rows. The p-value is over all splits
    of at most 1,000 pooled rows where they are at most 20,000, else that of the limit; it is never clipped. Effect:
    A^2 (n + m) / (n m), the mean of (F - G)^2 weighted by 1 / (H (1 - H)), H the pooled function; no interval.

    >>> round(anderson_darling([1, 2, 3, 4], [5, 6, 7, 8]).p_value, 6)
    0.028571
    """
    return _core.stats_anderson_darling(reference, current)


def kuiper(reference: Any, current: Any) -> TestResult:
    """Kuiper's test (Proc. K. Ned. Akad. Wet. A 63, 1960): V, the largest F - G plus the largest G - F.

    The same from whatever hour a clock is read. The p-value is that of the limit at Stephens' argument (J. R. Stat.
    Soc. B 32, 1970), an approximation at every size, rougher with ties. Effect: V, in [0, 1], with Massart's and
    Hoeffding's bounds as interval.

    >>> kuiper([1, 2, 3, 4], [3, 4, 5, 6]).statistic
    0.5
    """
    return _core.stats_kuiper(reference, current)


def energy(reference: Any, current: Any, *, permutations: int = 999, seed: int = 0) -> TestResult:
    """Energy distance (Szekely and Rizzo, J. Stat. Plan. Inference 143, 2013): sqrt(2 integral (F - G)^2 dx).

    In the root of the data's unit, as SciPy's ``energy_distance``. The p-value is over all splits of at most 1,000
    pooled rows where they are at most 20,000, else (1 + k) / (1 + permutations), from ``seed``: never below
    1 / (1 + permutations). Effect: the energy coefficient, in [0, 1], bias-corrected, with its interval. NaN with
    infinite values. Time: permutations times rows. InvalidArgument where permutations is not 1 to 1,000,000.

    >>> energy([0.0, 1.0], [2.0, 3.0]).statistic
    1.7320508075688772
    """
    return _core.stats_energy(reference, current, permutations, seed)


def mann_whitney(reference: Any, current: Any) -> TestResult:
    """Mann-Whitney U test (Ann. Math. Stat. 18, 1947), two-sided: the pairs with the reference's value the larger.

    The p-value is exact up to n m = 4,000 without ties, else normal with corrections for ties and continuity, as
    SciPy's ``mannwhitneyu``. Effect: Cliff's delta, P(current larger) - P(reference larger), in [-1, 1], with
    Hoeffding's (1963) bound as interval.

    >>> t = mann_whitney([1, 2, 3], [4, 5, 6])
    >>> t.statistic, round(t.p_value, 6), t.effect
    (0.0, 0.1, 1.0)
    """
    return _core.stats_mann_whitney(reference, current)


def welch(reference: Any, current: Any) -> TestResult:
    """Welch's t test of two means (Biometrika 34, 1947), two-sided, without equal variances.

    The statistic is of the reference's mean less the current one, as SciPy's ``ttest_ind(equal_var=False)``. Effect:
    the current mean less the reference's in pooled standard deviations, with Welch's interval (the deviations taken as
    known). NaN with one row or infinite values; infinite where both are constant and differ.

    >>> round(welch([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]).effect, 12)
    1.0
    """
    return _core.stats_welch(reference, current)


def levene(reference: Any, current: Any, *, center: Literal["median", "mean"] = "median") -> TestResult:
    """Levene's test of two spreads, on distances from the median (Brown and Forsythe, J. Am. Stat. Assoc. 69, 1974).

    ``center="mean"`` is Levene's own (1960), less robust; anything else raises InvalidArgument. The statistic is W, as
    SciPy's ``levene``. Effect: the logarithm of the ratio of mean distances, current over reference, with its interval
    by the delta method. NaN with one row or infinite values.

    >>> import math
    >>> round(levene([1.0, 2.0, 4.0], [2.0, 4.0, 8.0]).effect, 6)
    0.693147
    """
    if center == "median":
        return _core.stats_levene_median(reference, current)
    if center == "mean":
        return _core.stats_levene_mean(reference, current)
    raise _core.InvalidArgument(f'levene: center is {center!r}, "median" or "mean" wanted')


def chi2(reference: Any, current: Any, *, counts: bool = False) -> TestResult:
    """Pearson's chi-square test that two samples of categories come from one distribution, uncorrected.

    Takes the categories themselves, or counts of the same categories (``counts=True``, or two mappings). Effect:
    Cramer's V, in [0, 1]. The p-value is an approximation that wants about five expected rows in each category.

    >>> round(chi2({"a": 10, "b": 20}, {"a": 20, "b": 10}).p_value, 4)
    0.0098
    """
    return _core.stats_chi2(*_category_counts(reference, current, counts))


def g_test(reference: Any, current: Any, *, counts: bool = False) -> TestResult:
    """The G test, the likelihood-ratio test that two samples of categories come from one distribution, uncorrected.

    Takes what chi2 takes (Wilks, Ann. Math. Stat. 9, 1938). Effect: what a category tells of which sample it is from,
    in bits, in [0, 1]. The p-value wants about five expected rows in each category, as chi2's does.

    >>> round(g_test({"a": 10, "b": 20}, {"a": 20, "b": 10}).p_value, 4)
    0.0091
    """
    return _core.stats_g_test(*_category_counts(reference, current, counts))


def fisher(reference: Any, current: Any, *, counts: bool = False) -> TestResult:
    """Fisher's exact test of two categories, two-sided: the share of the tables of these margins at most as likely.

    Takes what chi2 takes, with at most two categories and whole counts; else InvalidArgument. The statistic is the
    sample odds ratio of the first category (in order of its name), as SciPy's ``fisher_exact``; NaN where a category is
    empty on both sides. Effect: the difference of its shares, with Hoeffding's bound as interval.

    >>> round(fisher({"a": 8, "b": 2}, {"a": 1, "b": 5}).p_value, 6)
    0.034965
    """
    return _core.stats_fisher(*_category_counts(reference, current, counts))


def l_infinity(reference: Any, current: Any, *, counts: bool = False) -> TestResult:
    """The largest absolute difference of shares of two samples of categories.

    Takes what chi2 takes. Effect: the distance, in [0, 1], with Hoeffding's bound over the categories as interval.
    No p-value.

    >>> l_infinity(["a", "a", "b", "b"], ["a", "b", "b", "b"]).effect
    0.25
    """
    return _core.stats_l_infinity(*_category_counts(reference, current, counts))


def total_variation(reference: Any, current: Any, *, counts: bool = False) -> TestResult:
    """Total variation distance of two samples of categories: half the sum of absolute differences of shares.

    Takes what chi2 takes. Statistic: the distance, in [0, 1]: the share of rows that would have to change category.
    Effect: the distance without what chance alone adds to its square.

    >>> total_variation(["a", "a", "b", "b"], ["a", "b", "b", "b"]).statistic
    0.25
    """
    return _core.stats_total_variation(*_category_counts(reference, current, counts))


def psi(reference: Any, current: Any, *, counts: bool = False, bins: int = 10, smoothing: float = 0.5) -> TestResult:
    """Population stability index: the sum of (q - p) log(q / p) over bins, q the current shares, p the reference's.

    Numbers are binned at the reference's quantiles (deciles unless ``bins`` says otherwise); text, booleans, mappings
    and ``counts=True`` are categories. A count of zero is taken as ``smoothing``. Plain PSI, the
    statistic, is not zero on equal small samples (0.19 on average at 100 rows); the effect is without that bias.

    >>> psi({"a": 50, "b": 50}, {"a": 50, "b": 50}).effect
    0.0
    """
    return _core.stats_psi(*_binned_counts(reference, current, counts, bins), smoothing)


def js(reference: Any, current: Any, *, counts: bool = False, bins: int = 10) -> TestResult:
    """Jensen-Shannon distance, base 2: the root of the divergence, in [0, 1]; of what psi takes.

    Effect: the distance without what chance alone adds to its square, with a noncentral chi-square's interval.

    >>> js({"a": 10, "b": 0}, {"a": 0, "b": 10}).statistic
    1.0
    """
    return _core.stats_js(*_binned_counts(reference, current, counts, bins))


def kl(reference: Any, current: Any, *, counts: bool = False, bins: int = 10, smoothing: float = 0.5) -> TestResult:
    """Kullback-Leibler divergence of the reference's shares p from the current q: the sum of p log(p / q), in nats.

    Takes what psi takes (Ann. Math. Stat. 22, 1951); both directions add up to psi. A count of zero, on either side, is
    taken as ``smoothing``. Effect: the divergence, bias-corrected, with a noncentral chi-square's interval.

    >>> round(kl({"a": 50, "b": 50}, {"a": 25, "b": 75}).statistic, 6)
    0.143841
    """
    return _core.stats_kl(*_binned_counts(reference, current, counts, bins), smoothing)


def hellinger(reference: Any, current: Any, *, counts: bool = False, bins: int = 10) -> TestResult:
    """Hellinger distance: the root of half the sum of (sqrt p - sqrt q)^2, in [0, 1]; of what psi takes.

    Effect: the distance, bias-corrected, with a noncentral chi-square's interval.

    >>> hellinger({"a": 10, "b": 0}, {"a": 0, "b": 10}).statistic
    1.0
    """
    return _core.stats_hellinger(*_binned_counts(reference, current, counts, bins))


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
