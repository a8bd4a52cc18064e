"""Two-sample tests and divergences against SciPy, exact arithmetic and all splits, on adversarial data, too."""

import itertools
import math
import warnings
from fractions import Fraction

import holdfast as hf
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.special import rel_entr

ARITHMETIC = 1e-12  # relative, of statistics
LAW = 1e-9  # relative, of p-values above 1e-12
TAIL = 1e-6  # of their base-10 logarithm below

sample = st.one_of(
    st.lists(st.integers(-3, 3).map(float), min_size=2, max_size=40),  # ties
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=40),
    st.lists(st.integers(0, 1000).map(lambda i: 1e9 + i / 8), min_size=2, max_size=20),  # a large offset
    st.lists(st.integers(-50, 50).map(lambda i: i * 1e-200), min_size=2, max_size=20),
    st.lists(st.integers(-50, 50).map(lambda i: i * 1e200), min_size=2, max_size=20),
)
few = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=5)
counts = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=12)
SIZES = [(5, 7), (20, 20), (19, 20), (2, 150), (300, 30), (1000, 100), (2000, 2000)]


def check(seen, wanted):
    """A p-value as the project promises it."""
    if wanted > 1e-12:
        assert seen == pytest.approx(wanted, rel=LAW, abs=0)
    elif wanted > 0:
        assert math.log10(seen) == pytest.approx(math.log10(wanted), abs=TAIL, rel=0)
    else:
        assert seen < 1e-300  # SciPy takes what has no full precision as 0


def root(square):
    """Of a Fraction that may be beyond doubles."""
    if square == 0:
        return 0.0
    shift = (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    return math.ldexp(math.sqrt(square / Fraction(4) ** shift), shift) if shift < 1000 else math.inf


def drawn(n, m, shift):
    rng = np.random.default_rng(n * 1000 + m)
    return rng.normal(size=n), rng.normal(size=m) + shift


def share_of_splits(a, b, statistic):
    """The share of all splits of the pooled rows whose statistic, in exact arithmetic, reaches the one seen."""
    pooled = [Fraction(x) for x in (*a, *b)]
    seen, reached, splits = statistic(pooled[: len(a)], pooled[len(a) :]), 0, 0
    for chosen in itertools.combinations(range(len(pooled)), len(a)):
        rest = [x for i, x in enumerate(pooled) if i not in chosen]
        reached += statistic([pooled[i] for i in chosen], rest) >= seen
        splits += 1
    return reached / splits


def exact_cramer_von_mises(a, b):
    n, m = len(a), len(b)
    pooled = sorted([*a, *b])
    rank = {x: Fraction(2 * pooled.index(x) + pooled.count(x) + 1, 2) for x in pooled}
    u = n * sum((rank[x] - i) ** 2 for i, x in enumerate(sorted(a), 1))
    u += m * sum((rank[x] - i) ** 2 for i, x in enumerate(sorted(b), 1))
    return u / (n * m * (n + m)) - Fraction(4 * n * m - 1, 6 * (n + m))


def exact_anderson_darling(a, b):
    """A^2 of Scholz and Stephens' equation 7."""
    n, m, total = len(a), len(b), Fraction(0)
    rows = n + m
    for z in sorted({*a, *b}):
        tied = a.count(z) + b.count(z)
        middle = sum(x < z for x in (*a, *b)) + Fraction(tied, 2)
        weight = middle * (rows - middle) - Fraction(rows * tied, 4)
        for side in (a, b):
            own = sum(x < z for x in side) + Fraction(side.count(z), 2)
            if weight:
                total += Fraction(tied, rows) * (rows * own - middle * len(side)) ** 2 / weight / len(side)
    return total * (rows - 1) / rows


def exact_energy(a, b):
    def mean(x, y):
        return sum(abs(p - q) for p in x for q in y) / (len(x) * len(y))

    return 2 * mean(a, b) - mean(a, a) - mean(b, b)


@given(sample, sample)
@settings(max_examples=200, deadline=None)
def test_cramer_von_mises_is_exact_arithmetic(a, b):
    seen = hf.stats.cramer_von_mises(a, b)
    assert seen.statistic == pytest.approx(float(exact_cramer_von_mises(a, b)), rel=ARITHMETIC, abs=0)
    steps = [(np.mean(np.array(a) <= x) - np.mean(np.array(b) <= x)) ** 2 for x in (*a, *b)]
    assert seen.effect == pytest.approx(math.sqrt(np.mean(steps)), rel=ARITHMETIC, abs=1e-15)
    assert 0 < seen.p_value <= 1


@given(few, few)
@settings(max_examples=80, deadline=None)
def test_small_samples_with_ties_are_judged_over_all_splits(a, b):
    for test, statistic in (
        (hf.stats.cramer_von_mises, exact_cramer_von_mises),
        (hf.stats.anderson_darling, exact_anderson_darling),
        (hf.stats.energy, exact_energy),
    ):
        check(test(a, b).p_value, share_of_splits(a, b, statistic))


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, 3.0])
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_cramer_von_mises_equals_scipy(n, m, shift):
    a, b = drawn(n, m, shift)
    theirs = scipy_stats.cramervonmises_2samp(a, b, method="exact" if n * m <= 400 else "asymptotic")
    seen = hf.stats.cramer_von_mises(a, b)
    assert seen.statistic == pytest.approx(theirs.statistic, rel=1e-9)  # SciPy's is a difference of large sums
    if n * m <= 400 or theirs.pvalue > 1e-4:
        check(seen.p_value, theirs.pvalue)
    else:
        # SciPy cuts a series at terms of 1e-7 and takes it from 1: nothing is right below. limit_laws_test.cpp has it.
        assert seen.p_value == pytest.approx(theirs.pvalue, rel=0, abs=2e-7)


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_anderson_darling_equals_scipy_where_that_does_not_clip(n, m, shift):
    a, b = drawn(n, m, shift)
    seen = hf.stats.anderson_darling(a, b)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = scipy_stats.anderson_ksamp([a, b])
    assert seen.statistic == pytest.approx(theirs.statistic, rel=1e-11, abs=ARITHMETIC)
    if "asymptotic" in seen.note and 0.0011 < theirs.pvalue < 0.24:
        # SciPy interpolates the table of simulated quantiles; ours is the limit itself.
        assert seen.p_value == pytest.approx(theirs.pvalue, rel=0.06)


@given(sample, sample)
@settings(max_examples=100, deadline=None)
def test_anderson_darling_with_ties_equals_exact_arithmetic(a, b):
    squared = float(exact_anderson_darling(a, b))
    seen = hf.stats.anderson_darling(a, b)
    n, m = len(a), len(b)
    assert seen.effect == pytest.approx(squared * (n + m) / (n * m), rel=ARITHMETIC, abs=0)
    if len({*a, *b}) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = scipy_stats.anderson_ksamp([a, b]).statistic
        assert seen.statistic == pytest.approx(theirs, rel=1e-11, abs=ARITHMETIC)


def test_anderson_darling_p_values_are_those_of_the_papers_table():
    # Scholz and Stephens 1987, table 1, two samples: quantiles of (A^2 - 1) / sd.
    table = {0.25: 0.325, 0.10: 1.226, 0.05: 1.961, 0.025: 2.718, 0.01: 3.752, 0.005: 4.592, 0.001: 6.546}
    rng = np.random.default_rng(7)
    found = []
    for shift in np.linspace(0, 0.35, 500):
        seen = hf.stats.anderson_darling(rng.normal(size=400), rng.normal(size=400) + shift)
        found.append((seen.statistic, seen.p_value))
    found.sort()
    statistics, logs = [s for s, _ in found], [math.log(p) for _, p in found]
    for level, quantile in table.items():
        assert statistics[0] < quantile < statistics[-1]
        # The table's were simulated and fitted; 4 % of a p-value is the third digit of a quantile.
        assert math.exp(np.interp(quantile, statistics, logs)) == pytest.approx(level, rel=0.04)


@pytest.mark.parametrize("shift", [0.0, 0.35, 0.6])
def test_anderson_darling_and_cramer_von_mises_limits_agree_with_permutations(shift):
    a, b = drawn(60, 90, shift)
    rng = np.random.default_rng(3)
    pooled = np.concatenate([a, b])
    for test in (hf.stats.anderson_darling, hf.stats.cramer_von_mises):
        seen = test(a, b)
        assert "asymptotic" in seen.note
        rounds = 4000
        reached = 0
        for _ in range(rounds):
            rng.shuffle(pooled)
            reached += test(pooled[:60], pooled[60:]).statistic >= seen.statistic
        p = (1 + reached) / (1 + rounds)
        assert abs(seen.p_value - p) < 4 * math.sqrt(p / rounds) + 0.1 * p  # the limit's own error at these sizes


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5, 2.0, 6.0])
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_kuiper_is_the_series_at_the_corrected_argument(n, m, shift):
    a, b = drawn(n, m, shift)
    pooled = np.sort(np.concatenate([a, b]))
    gaps = np.searchsorted(np.sort(a), pooled, "right") / n - np.searchsorted(np.sort(b), pooled, "right") / m
    v = max(gaps.max(), 0) + max(-gaps.min(), 0)
    root = math.sqrt(n * m / (n + m))
    x = (root + 0.155 + 0.24 / root) * v
    series = [(4 * (j * x) ** 2 - 1) * math.exp(-2 * (j * x) ** 2) for j in range(1, 200)]
    seen = hf.stats.kuiper(a, b)
    assert seen.statistic == pytest.approx(v, rel=ARITHMETIC)
    check(seen.p_value, min(1.0, 2 * math.fsum(series)))
    assert seen.interval.lower <= seen.effect <= seen.interval.upper


def test_kuiper_keeps_its_level_from_twenty_rows_on():
    rng = np.random.default_rng(5)
    for n, m in ((20, 20), (30, 40), (100, 100), (50, 500)):
        false = np.mean([hf.stats.kuiper(rng.random(n), rng.random(m)).p_value <= 0.05 for _ in range(2000)])
        assert 0.02 < false < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 2000)


@given(sample, sample)
@settings(max_examples=150, deadline=None)
def test_mann_whitney_equals_scipy(a, b):
    seen = hf.stats.mann_whitney(a, b)
    n, m = len(a), len(b)
    greater = sum((x > y) - (x < y) for x in a for y in b)
    assert seen.statistic == (n * m + greater) / 2
    assert seen.effect == pytest.approx(-greater / (n * m), rel=ARITHMETIC)
    pooled = {*a, *b}
    if len(pooled) == 1:
        assert seen.p_value == 1
        return
    method = "exact" if len(pooled) == n + m else "asymptotic"
    check(seen.p_value, scipy_stats.mannwhitneyu(a, b, method=method).pvalue)


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, 4.0])
@pytest.mark.parametrize(("n", "m"), [*SIZES, (60, 60), (1, 300), (1, 1)])
def test_mann_whitney_equals_scipy_from_certainty_to_nothing(n, m, shift):
    a, b = drawn(n, m, shift)
    method = "exact" if n * m <= 4000 else "asymptotic"
    check(hf.stats.mann_whitney(a, b).p_value, scipy_stats.mannwhitneyu(a, b, method=method).pvalue)


def exact_moments(values):
    of = [Fraction(x) for x in values]
    mean = sum(of) / len(of)
    return mean, sum((x - mean) ** 2 for x in of)


@given(sample, sample)
@settings(max_examples=200, deadline=None)
def test_welch_is_exact_arithmetic(a, b):
    n, m = len(a), len(b)
    (mean_a, squares_a), (mean_b, squares_b) = exact_moments(a), exact_moments(b)
    seen = hf.stats.welch(a, b)
    if squares_a == squares_b == 0:
        assert (seen.effect, seen.p_value) == (
            (0, 1) if mean_a == mean_b else (math.copysign(math.inf, mean_b - mean_a), 0)
        )
        return
    of_a, of_b = squares_a / (n - 1) / n, squares_b / (m - 1) / m
    squared_t = (mean_a - mean_b) ** 2 / (of_a + of_b)
    if squared_t > 10**600:  # a spread that no double holds in units of the values is none
        assert math.isinf(seen.statistic)
        assert seen.p_value == 0
        return
    # Where the means are equal but for one part in 10^12 of the spread, their own rounding is what is left.
    assert abs(seen.statistic) == pytest.approx(root(squared_t), rel=ARITHMETIC, abs=1e-14)
    assert abs(seen.statistic) < 1e-14 or (seen.statistic > 0) == (mean_a > mean_b)
    degrees = (of_a + of_b) ** 2 / (of_a**2 / (n - 1) + of_b**2 / (m - 1))
    check(seen.p_value, 2 * scipy_stats.t.sf(root(squared_t), float(degrees)))
    pooled = (squares_a / (n - 1) + squares_b / (m - 1)) / 2
    wanted = root((mean_b - mean_a) ** 2 / pooled)
    assert abs(seen.effect) == pytest.approx(wanted, rel=ARITHMETIC, abs=1e-14)


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, 9.0, 100.0])
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_welch_and_its_interval_equal_scipy(n, m, shift):
    a, b = drawn(n, m, shift)
    theirs = scipy_stats.ttest_ind(a, b, equal_var=False)
    seen = hf.stats.welch(a, b)
    assert seen.statistic == pytest.approx(theirs.statistic, rel=ARITHMETIC)
    check(seen.p_value, theirs.pvalue)
    unit = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    low, high = theirs.confidence_interval(0.95)
    assert list(seen.interval) == pytest.approx([-high / unit, -low / unit], rel=LAW)


@given(sample, sample, st.sampled_from(["median", "mean"]))
@example([0.0, 1e-200], [1e200, 1e200], "median")
@settings(max_examples=200, deadline=None)
def test_levene_is_exact_arithmetic(a, b, center):
    def deviations(values):
        of = sorted(Fraction(x) for x in values)
        middle = (of[(len(of) - 1) // 2] + of[len(of) // 2]) / 2 if center == "median" else sum(of) / len(of)
        return [abs(x - middle) for x in of]

    n, m = len(a), len(b)
    (mean_a, squares_a), (mean_b, squares_b) = exact_moments(deviations(a)), exact_moments(deviations(b))
    seen = hf.stats.levene(a, b, center=center)
    size = max(mean_a, mean_b)
    if squares_a + squares_b <= size**2 / 10**24:  # deviations that do not vary, but for rounding
        assert seen.p_value == 1 if mean_a == mean_b else seen.p_value < 1 or math.isinf(seen.effect)
        return
    w = (mean_a - mean_b) ** 2 * n * m / (n + m) * (n + m - 2) / (squares_a + squares_b)
    # The difference of the means is good to a rounding of the larger: 1e-15 in t, and the root of W is t.
    spread = root((squares_a + squares_b) / (n + m) / size**2)
    slack = 1e-15 * math.sqrt(n + m) / spread
    assert math.sqrt(seen.statistic) == pytest.approx(root(w), rel=ARITHMETIC, abs=slack)


@pytest.mark.parametrize("center", ["median", "mean"])
@pytest.mark.parametrize("scale", [1.0, 1.2, 3.0, 1e6])
@pytest.mark.parametrize(("n", "m"), SIZES)
def test_levene_equals_scipy(n, m, scale, center):
    a, b = drawn(n, m, 0.5)
    b = b * scale
    theirs = scipy_stats.levene(a, b, center=center)
    seen = hf.stats.levene(a, b, center=center)
    assert seen.statistic == pytest.approx(theirs.statistic, rel=1e-11)
    check(seen.p_value, theirs.pvalue)
    middle = np.median if center == "median" else np.mean
    wanted = math.log(np.abs(b - middle(b)).mean() / np.abs(a - middle(a)).mean())
    assert seen.effect == pytest.approx(wanted, rel=ARITHMETIC, abs=1e-13)


@given(sample, sample)
@example([0.0, 0.0], [0.0] * 18 + [1.0])  # all of the means cancels
@settings(max_examples=150, deadline=None)
def test_energy_is_exact_arithmetic(a, b):
    x, y = [Fraction(v) for v in a], [Fraction(v) for v in b]
    seen = hf.stats.energy(a, b, permutations=1)
    squared = exact_energy(x, y)
    assert seen.statistic == pytest.approx(root(squared), rel=ARITHMETIC)
    across = sum(abs(p - q) for p in x for q in y) / (len(x) * len(y))
    within = [sum(abs(p - q) for p in s for q in s) / (len(s) * (len(s) - 1)) for s in (x, y)]
    wanted = float(max(Fraction(0), (2 * across - sum(within)) / (2 * across))) if across else 0.0
    assert seen.effect == pytest.approx(wanted, rel=1e-11, abs=1e-15)  # a difference of means


def test_energys_permutations_are_seeded_and_agree_with_scipys():
    a, b = drawn(40, 60, 0.4)
    seen = hf.stats.energy(a, b, permutations=4000, seed=1)
    assert seen.p_value == hf.stats.energy(a, b, permutations=4000, seed=1).p_value
    theirs = scipy_stats.permutation_test(
        (a, b), scipy_stats.energy_distance, n_resamples=2000, alternative="greater", rng=np.random.default_rng(0)
    ).pvalue
    assert abs(seen.p_value - theirs) < 4 * math.sqrt(theirs * (1 / 2000 + 1 / 4000))
    assert hf.stats.energy(a, b + 9, permutations=99).p_value == 0.01
    for permutations in (0, 1_000_001):
        with pytest.raises(hf.InvalidArgument, match="permutations"):
            hf.stats.energy(a, b, permutations=permutations)


def test_intervals_of_samples_hold_the_truth():
    rng = np.random.default_rng(2)
    within = math.erf(0.5 / 2)  # P(|normal difference| <= half a standard deviation) = Cliff's delta at this shift
    truths = {hf.stats.welch: 0.5, hf.stats.mann_whitney: within, hf.stats.kuiper: math.erf(0.5 / math.sqrt(8))}
    inside = dict.fromkeys(truths, 0)
    for _ in range(400):
        a, b = rng.normal(size=120), rng.normal(size=80) + 0.5
        for test, truth in truths.items():
            lower, upper = test(a, b).interval
            inside[test] += lower <= truth <= upper
    assert min(inside.values()) >= 400 * 0.95 - 3 * math.sqrt(400 * 0.05 * 0.95)


@given(counts)
@settings(max_examples=200, deadline=None)
def test_tests_of_counts_equal_scipy(pairs):
    a, b = np.array(pairs, dtype=float).T
    if a.sum() == 0 or b.sum() == 0:
        return  # the contract's
    kept = (a + b) > 0
    table = np.array([a[kept], b[kept]])
    theirs = scipy_stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    seen = hf.stats.g_test(a, b, counts=True)
    # SciPy's terms are of both signs, and cancel near equality.
    assert seen.statistic == pytest.approx(theirs.statistic, rel=ARITHMETIC, abs=1e-11)
    if theirs.statistic > 0.01:
        check(seen.p_value, theirs.pvalue)
    p, q = a[kept] / a.sum(), b[kept] / b.sum()
    wanted = math.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2)
    assert hf.stats.hellinger(a, b, counts=True).statistic == pytest.approx(wanted, rel=ARITHMETIC, abs=1e-14)
    wanted = max(
        abs(Fraction(int(x), int(a.sum())) - Fraction(int(y), int(b.sum()))) for x, y in zip(a, b, strict=True)
    )
    assert hf.stats.l_infinity(a, b, counts=True).effect == pytest.approx(float(wanted), rel=ARITHMETIC)
    smooth_a, smooth_b = (np.where(side == 0, 0.25, side) for side in table)
    wanted = rel_entr(smooth_a / smooth_a.sum(), smooth_b / smooth_b.sum()).sum()
    forward = hf.stats.kl(a, b, counts=True, smoothing=0.25).statistic
    assert forward == pytest.approx(wanted, rel=ARITHMETIC, abs=1e-14)  # SciPy's terms cancel, ours do not
    backward = hf.stats.kl(b, a, counts=True, smoothing=0.25).statistic
    psi = hf.stats.psi(a, b, counts=True, smoothing=0.25).statistic
    assert forward + backward == pytest.approx(psi, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("test", [hf.stats.kl, hf.stats.hellinger, hf.stats.l_infinity, hf.stats.g_test])
def test_intervals_of_shares_hold_the_truth(test):
    p, q = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.3, 0.3, 0.2, 0.2])
    truth = test(p * 1e9, q * 0.5e9, counts=True).effect
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(400):
        seen = test(rng.multinomial(1000, p), rng.multinomial(500, q), counts=True)
        inside += seen.interval.lower <= truth <= seen.interval.upper
    assert inside >= 400 * 0.95 - 3 * math.sqrt(400 * 0.05 * 0.95)


@given(st.tuples(*[st.integers(0, 60)] * 4))
@settings(max_examples=200, deadline=None)
def test_fisher_is_the_share_of_tables(cells):
    a, b, c, d = cells
    if a + b == 0 or c + d == 0:
        return  # the contract's
    seen = hf.stats.fisher([a, b], [c, d], counts=True)
    column, n, m = a + c, a + b, c + d

    def weight(k):
        return math.comb(n, k) * math.comb(m, column - k)

    weights = [weight(k) for k in range(max(0, column - m), min(n, column) + 1)]
    check(seen.p_value, float(Fraction(sum(w for w in weights if w <= weight(a)), sum(weights))))
    if column in (0, n + m):
        assert math.isnan(seen.statistic)
    else:
        assert seen.statistic == (pytest.approx(a * d / (b * c), rel=ARITHMETIC) if b * c else math.inf)
    assert seen.effect == pytest.approx(c / m - a / n, rel=ARITHMETIC, abs=1e-15)


@pytest.mark.parametrize("cells", [(1000, 2000, 1500, 1800), (100_000, 200_000, 100_500, 199_000), (900, 3, 20, 700)])
def test_fisher_of_large_tables_equals_scipy(cells):
    a, b, c, d = cells
    theirs = scipy_stats.fisher_exact([[a, b], [c, d]]).pvalue
    check(hf.stats.fisher([a, b], [c, d], counts=True).p_value, theirs)
