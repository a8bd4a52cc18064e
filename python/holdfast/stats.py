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
from ._core import DomainClassification, PcaReconstruction, TestResult

__all__ = [
    "DomainClassification",
    "PcaReconstruction",
    "TestResult",
    "anderson_darling",
    "block_length",
    "chi2",
    "corrected",
    "cramer_von_mises",
    "domain_classifier",
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
    "mmd",
    "pca_reconstruction",
    "permutation_test",
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


def energy(
    reference: Any,
    current: Any,
    *,
    permutations: int = 999,
    most: int = 9_999,
    level: float = 0.05,
    block: int = 1,
    seed: int = 0,
) -> TestResult:
    """Energy distance (Szekely and Rizzo, J. Stat. Plan. Inference 143, 2013): sqrt(2 integral (F - G)^2 dx).

    In the root of the data's unit, as SciPy's ``energy_distance``. The p-value is over all splits of at most 1,000
    pooled rows where they are at most 20,000, else, and with blocks, by permutations as in ``permutation_test``.
    Effect: the energy coefficient, in [0, 1], bias-corrected, with its interval. NaN with infinite values.

    >>> energy([0.0, 1.0], [2.0, 3.0]).statistic
    1.7320508075688772
    """
    return _core.stats_energy(reference, current, _core.Permutations(permutations, most, level, block, seed))


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


def corrected(p_values: Any, correction: Literal["bonferroni", "holm", "bh", "by"] = "holm") -> NDArray[np.float64]:
    """P-values corrected for their number, in the order given, as R's ``p.adjust`` and statsmodels give them.

    ``bonferroni`` and ``holm`` keep the chance of any false claim, ``bh`` (Benjamini and Hochberg 1995; independent or
    positively dependent tests) and ``by`` (Benjamini and Yekutieli 2001; any tests) the mean share of false ones among
    the claims. A NaN stays one, and counts as a test.

    >>> corrected([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    return np.array(_core.corrected_p_values(correction, np.asarray(p_values, dtype=np.float64).tolist()))


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


def permutation_test(
    test: Literal["ks", "kuiper", "cramer_von_mises", "energy", "wasserstein", "mann_whitney"],
    reference: Any,
    current: Any,
    *,
    permutations: int = 999,
    most: int = 9_999,
    level: float = 0.05,
    block: int = 1,
    seed: int = 0,
) -> TestResult:
    """A test whose p-value comes from permutations, of rows or of whole blocks of them.

    The p-value is (1 + k) / (1 + B): k of B random splits of the pooled rows reach the statistic seen (Phipson and
    Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010). B is ``permutations``, raised up to ``most`` until 1 / (1 + B) is at
    most ``level``, the level that the p-value is compared with, corrections included. Where that, or the number of
    different splits, does not suffice, the result is ``insufficient``.

    ``block`` rows change sides together, so that rows in the order of time may depend on their neighbours; 0 takes
    ``block_length``. With blocks there is no interval: the tests' own take rows for independent.

    >>> a, b = [1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]
    >>> permutation_test("wasserstein", a, b).p_value <= 0.02
    True
    >>> permutation_test("ks", a, b, level=0.001).insufficient  # 252 splits
    True
    """
    return _core.stats_permutation_test(
        test, reference, current, _core.Permutations(permutations, most, level, block, seed)
    )


def block_length(reference: Any, current: Any) -> int:
    """How many rows in the order of time should change sides together where they depend on their neighbours.

    Politis and White's rule for the circular bootstrap (Econom. Rev. 23, 2004, and its correction of 2009) on the
    pooled ranks, each sample's less its own mean: 1 where they show no autocorrelation, at most half of the smaller
    sample's rows.

    >>> block_length([1.0, 2.0, 1.0, 2.0], [2.0, 1.0, 1.0, 2.0])
    1
    """
    return _core.stats_block_length(reference, current)


def mmd(
    reference: Any,
    current: Any,
    *,
    method: Literal["quadratic", "linear"] = "quadratic",
    bandwidth: float | None = None,
    standardise: bool = True,
    permutations: int = 199,
    most: int = 9_999,
    level: float = 0.05,
    block: int = 1,
    seed: int = 0,
) -> TestResult:
    """Maximum mean discrepancy of the rows of two frames or matrices, with a Gaussian kernel.

    Gretton et al., J. Mach. Learn. Res. 13, 2012. Both have the same numeric columns; rows in which a value is missing
    are left out. Columns are taken in their pooled standard deviations unless ``standardise=False``; the kernel is
    exp(-|x - y|^2 / (2 bandwidth^2)), by default with 2 bandwidth^2 = the median of |x - y|^2.

    ``"quadratic"``: the unbiased statistic over all pairs of at most 100,000 pooled rows, its p-value by permutations
    as in ``permutation_test`` (all in one matrix product), its interval valid at zero. ``"linear"``: over pairs of rows
    that follow one another, for any number of them, with a normal p-value; it sees far less in the same rows.

    Statistic: MMD^2, unbiased, so at times below 0. Effect: the same from 0 up. NaN with infinite values or one row.

    >>> import numpy as np
    >>> rows = np.random.default_rng(1).normal(size=(200, 3))
    >>> t = mmd(rows[:100], rows[100:] + [1, 0, 0])
    >>> t.p_value, t.interval.lower > 0
    (0.005, True)
    """
    if method not in ("quadratic", "linear"):
        raise _core.InvalidArgument(f'mmd: method is {method!r}, "quadratic" or "linear" wanted')
    if bandwidth is not None and not bandwidth > 0:
        raise _core.InvalidArgument(f"mmd: bandwidth is {bandwidth!r}, a number above 0 wanted")
    asked = _core.Permutations(permutations, most, level, block, seed)
    return _core.stats_mmd(reference, current, method == "linear", bandwidth or 0.0, standardise, asked)


def domain_classifier(
    reference: Any, current: Any, *, entity: str | None = None, most_rows: int = 20_000, seed: int = 0
) -> DomainClassification:
    """How well a classifier tells the rows of two frames apart: its AUC on rows that it did not learn from.

    Lopez-Paz and Oquab, ICLR 2017; gradient-boosted trees, five folds. Takes columns of any type; what is missing is a
    value of its own. Rows of one ``entity`` (a column's name) stay in one fold, and so do equal rows where at least 100
    differ, so that nothing is recognised by having been seen. More than ``most_rows`` rows of a sample are drawn.

    Effect: the AUC, 0.5 where nothing tells the samples apart, with DeLong's (1988) interval; the p-value is one-sided.
    ``features``: by how much the AUC falls when a column is shuffled, the most important first. Below 20 different rows
    (or entities) in a sample: NaN and a note.

    >>> import numpy as np
    >>> rows = np.random.default_rng(1).normal(size=(600, 3))
    >>> t = domain_classifier(rows[:300], rows[300:] + [0, 2, 0])
    >>> t.effect > 0.85, next(iter(t.features))
    (True, 'x1')
    """
    return _core.stats_domain_classifier(reference, current, entity or "", most_rows, seed)


def pca_reconstruction(
    reference: Any, current: Any, *, variance: float = 0.65, chunk: int | None = None
) -> PcaReconstruction:
    """How badly the reference's leading principal components tell the current rows again (NannyML's measure).

    Columns are standardised by the reference, categories taken as their share of it, what is missing as its mean or
    commonest category; as many components are kept as explain more than ``variance`` of it. A row's error is its
    distance from the nearest one that they can tell.

    Statistic: the current rows' mean error. Effect: how much larger it is than the reference's, in the standard
    deviations of a row's error, with Welch's interval and p-value; the reference's errors in these are of components
    fitted without the row. ``reference_chunks`` and ``current_chunks`` are mean errors of ``chunk`` rows each (a tenth
    of the reference), ``expected`` the mean and three standard deviations of the reference's.

    >>> import numpy as np
    >>> x = np.random.default_rng(1).normal(size=(400, 1)) + np.random.default_rng(2).normal(size=(400, 3)) / 5
    >>> t = pca_reconstruction(x[:200], x[200:] * [1, -1, 1])
    >>> t.components, t.p_value < 1e-9, bool(t.current_chunks.min() > t.expected.upper)
    (1, True, True)
    """
    return _core.stats_pca_reconstruction(reference, current, variance, chunk or 0)
