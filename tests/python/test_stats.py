"""hf.stats against SciPy, on random and adversarial data."""

import math
import warnings

import holdfast as hf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.spatial import distance

ARITHMETIC = 1e-12  # relative, of statistics
LAW = 1e-9  # relative, of p-values

sample = st.one_of(
    st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=60),  # ties
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
counts = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=12)


def check(seen, wanted, tolerance, floor=1e-290):
    if abs(wanted) < floor:
        assert abs(seen) < floor * 10
    else:
        assert seen == pytest.approx(wanted, rel=tolerance, abs=0)


@given(sample, sample)
@settings(max_examples=300, deadline=None)
def test_ks_and_wasserstein_equal_scipy(a, b):
    ours = hf.stats.ks(a, b)
    with warnings.catch_warnings(record=True) as gave_up:
        warnings.simplefilter("always")
        theirs = scipy_stats.ks_2samp(a, b)
    check(ours.statistic, theirs.statistic, ARITHMETIC)
    # Where rounding takes SciPy's exact p-value above 1 it warns and gives the asymptotic one; ours is 1.
    check(ours.p_value, 1.0 if gave_up else theirs.pvalue, LAW)
    # Where almost all cancels, SciPy's differences of rounded shares are the less precise.
    spread = max(*a, *b) - min(*a, *b)
    wanted = scipy_stats.wasserstein_distance(a, b)
    assert hf.stats.wasserstein(a, b).statistic == pytest.approx(wanted, rel=ARITHMETIC, abs=1e-15 * spread)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 3), (50, 5), (1000, 100), (1000, 997), (3000, 3000)])
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5, 2.0, 6.0])
def test_exact_ks_equals_scipy_from_certainty_to_nothing(n, m, shift):
    rng = np.random.default_rng(n + m)
    a, b = rng.normal(size=n), rng.normal(size=m) + shift
    check(hf.stats.ks(a, b).p_value, scipy_stats.ks_2samp(a, b).pvalue, LAW)


@pytest.mark.parametrize("shift", [0.0, 0.01, 0.03, 0.1, 0.3])
@pytest.mark.parametrize(("n", "m"), [(10_001, 50), (10_001, 500), (12_000, 1_000)])
def test_asymptotic_ks_equals_scipy(n, m, shift):
    rng = np.random.default_rng(n * m)
    a, b = rng.random(n), rng.random(m) + shift
    ours = hf.stats.ks(a, b)
    assert "asymptotic" in ours.note or ours.p_value == 0
    check(ours.p_value, scipy_stats.ks_2samp(a, b).pvalue, LAW)


@given(counts)
@settings(max_examples=300, deadline=None)
def test_chi2_and_divergences_of_counts_equal_scipy(pairs):
    a, b = np.array(pairs, dtype=float).T
    if a.sum() == 0 or b.sum() == 0:
        with pytest.raises(hf.InvalidArgument):
            hf.stats.chi2(a, b, counts=True)
        return
    kept = (a + b) > 0
    theirs = scipy_stats.chi2_contingency(np.array([a[kept], b[kept]]), correction=False)
    ours = hf.stats.chi2(a, b, counts=True)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=ARITHMETIC, abs=1e-13)
    check(ours.p_value, theirs.pvalue, LAW)
    # Near zero the root of the divergence keeps half of its digits, in SciPy's as in ours.
    wanted = distance.jensenshannon(a, b, base=2)
    assert hf.stats.js(a, b, counts=True).statistic == pytest.approx(wanted, rel=1e-9, abs=1e-7)
    wanted = np.abs(a / a.sum() - b / b.sum()).sum() / 2
    ours = hf.stats.total_variation(a, b, counts=True)
    assert ours.statistic == pytest.approx(wanted, rel=ARITHMETIC, abs=1e-16)


def test_chi2_far_out_in_the_tail():
    a, b = np.array([1000.0, 10.0, 5.0]), np.array([20.0, 700.0, 900.0])
    theirs = scipy_stats.chi2_contingency([a, b], correction=False)
    assert theirs.pvalue < 1e-250
    check(hf.stats.chi2(a, b, counts=True).p_value, theirs.pvalue, LAW)


def test_categories_come_raw_or_counted():
    raw = hf.stats.chi2(["a", "a", "b"], ["b", "b", "c", None])
    counted = hf.stats.chi2({"a": 2, "b": 1}, {"b": 2, "c": 1})
    assert raw.statistic == counted.statistic
    assert hf.stats.total_variation([1, 1, 2], [1, 2, 2]).statistic == pytest.approx(1 / 3)
    assert hf.stats.psi([True, False], [True, False]).effect == 0.0


def test_psi_of_numbers_uses_the_references_deciles():
    reference = np.arange(1000.0)
    assert hf.stats.psi(reference, reference).effect == 0.0
    assert hf.stats.psi(reference, reference + 300).effect > 1.0
    assert hf.stats.js(reference, reference + 300).interval.lower > 0.1


def test_intervals_hold_the_truth():
    rng = np.random.default_rng(0)
    truth = math.erf(0.5 / math.sqrt(8))  # KS distance of two normals half a standard deviation apart
    inside = [0, 0]
    for _ in range(200):
        a, b = rng.normal(size=300), rng.normal(size=200) + 0.5
        pairs = [(hf.stats.ks(a, b), truth), (hf.stats.wasserstein(a, b), 0.5 / a.std(ddof=1))]
        for k, (result, wanted) in enumerate(pairs):
            inside[k] += result.interval.lower <= wanted <= result.interval.upper
    assert min(inside) >= 0.95 * 200 - 3 * math.sqrt(200 * 0.05 * 0.95)


def test_frames_and_columns_of_every_kind():
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    wanted = hf.stats.ks([1.0, 2.0, 3.0], [2.0, 3.0, 4.0]).p_value
    for column in (np.array, pd.Series, pl.Series, pa.array, list):
        assert hf.stats.ks(column([1.0, 2.0, 3.0]), column([2.0, 3.0, 4.0])).p_value == wanted
    assert hf.stats.ks(pd.array([1, None, 2, 3], dtype="Int64"), [2.0, 3.0, 4.0]).p_value == wanted


@pytest.mark.parametrize("test", [hf.stats.ks, hf.stats.wasserstein])
def test_what_cannot_be_compared_is_refused(test):
    for a, b in (([], [1.0]), ([1.0], [float("nan")]), (["a"], ["b"])):
        with pytest.raises(hf.InvalidArgument):
            test(a, b)


def test_results_print_and_come_as_dicts():
    result = hf.stats.ks([1.0, 2.0], [2.0, 3.0])
    assert repr(result).startswith("TestResult(ks: statistic=0.5")
    assert result.to_dict()["test"] == "ks"
    lower, upper = result.interval
    assert lower <= result.effect <= upper


OF_BINS = [hf.stats.psi, hf.stats.js, hf.stats.hellinger, hf.stats.kl]


@pytest.mark.parametrize("rows", [50, 100])
def test_psi_without_drift_averages_near_nothing(rows):
    """Plain PSI averages 0.45 at 50 rows and 0.19 at 100 (bins of the reference's own deciles)."""
    rng = np.random.default_rng(3)
    seen = [hf.stats.psi(rng.normal(size=rows), rng.normal(size=rows)) for _ in range(1000)]
    plain, corrected = np.mean([t.statistic for t in seen]), np.mean([t.effect for t in seen])
    assert plain > {50: 0.35, 100: 0.17}[rows]
    assert corrected < 0.25 * plain
    assert all(t.effect <= t.statistic for t in seen)


@pytest.mark.parametrize("test", [hf.stats.ks, hf.stats.wasserstein, hf.stats.energy, *OF_BINS])
def test_effects_without_drift_average_less_than_the_plain_ones(test):
    rng = np.random.default_rng(4)
    extra = {"permutations": 1} if test is hf.stats.energy else {}
    seen = [test(rng.normal(size=200), rng.normal(size=200), **extra) for _ in range(300)]
    if test is not hf.stats.energy:  # whose statistic has another unit
        assert np.mean([t.effect for t in seen]) < 0.5 * np.mean([t.statistic for t in seen])
    assert np.median([t.effect for t in seen]) < 0.04
    above = np.mean([t.interval.lower > 0 for t in seen])  # the interval at 95 % holds 0
    assert above <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / len(seen))


@pytest.mark.parametrize("test", [hf.stats.energy, hf.stats.levene])
def test_intervals_of_scaled_effects_hold_the_truth(test):
    from scipy import integrate
    from scipy.stats import norm

    shift, extra = 0.5, {}
    if test is hf.stats.energy:
        extra = {"permutations": 1}
        above = integrate.quad(lambda x: (norm.cdf(x) - norm.cdf(x - shift)) ** 2, -9, 9)[0]
        across = math.sqrt(2) * (
            math.sqrt(2 / math.pi) * math.exp(-(shift**2) / 4) + shift / math.sqrt(2) * math.erf(shift / 2)
        )
        truth = above / across
    else:
        truth = math.log(1 + shift)
    rng = np.random.default_rng(9)
    inside = 0
    for _ in range(300):
        a, b = rng.normal(size=200), rng.normal(size=300)
        b = b + shift if test is hf.stats.energy else b * (1 + shift)
        seen = test(a, b, **extra)
        inside += seen.interval.lower <= truth <= seen.interval.upper
    assert inside >= 300 * 0.95 - 3 * math.sqrt(300 * 0.05 * 0.95)
