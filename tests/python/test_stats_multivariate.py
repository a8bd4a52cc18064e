"""Tests of several columns, and permutation tests: against formulas, SciPy and scikit-learn, and simulated."""

import itertools
import json
import math

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from scipy.spatial.distance import cdist
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

S = hf.stats
NAN = float("nan")
MULTIVARIATE = [S.mmd, S.domain_classifier, S.pca_reconstruction]
every = pytest.mark.parametrize("test", MULTIVARIATE, ids=lambda test: test.__name__)


def kernel(rows, bandwidth):
    return np.exp(-cdist(rows, rows, "sqeuclidean") / (2 * bandwidth**2))


def mmd_of(k, n):
    """Gretton et al. 2012, eq. 3."""
    xx, yy, xy = k[:n, :n], k[n:, n:], k[:n, n:]
    m = len(yy)
    return (xx.sum() - n) / (n * (n - 1)) + (yy.sum() - m) / (m * (m - 1)) - 2 * xy.mean()


def samples(seed, n, m, columns=3, shift=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, columns)), rng.normal(size=(m, columns)) * [2, *[1] * (columns - 1)] + shift


# --- maximum mean discrepancy


@pytest.mark.parametrize(("n", "m"), [(2, 2), (2, 7), (30, 41), (128, 129), (300, 131)])
@pytest.mark.parametrize("standardise", [True, False])
def test_mmd_is_the_unbiased_statistic(n, m, standardise):
    a, b = samples(1, n, m, shift=0.3)
    rows = np.concatenate([a, b])
    if standardise:
        rows = (rows - rows.mean(0)) / rows.std(0)
    seen = S.mmd(a, b, bandwidth=1.3, standardise=standardise, permutations=1)
    assert seen.statistic == pytest.approx(mmd_of(kernel(rows, 1.3), n), rel=1e-12, abs=1e-14)
    assert seen.effect == max(0.0, seen.statistic)
    distances = cdist(rows, rows, "sqeuclidean")[np.tril_indices(n + m, -1)]
    median = np.sort(distances)[len(distances) // 2]
    heuristic = S.mmd(a, b, standardise=standardise, permutations=1).statistic
    assert heuristic == pytest.approx(mmd_of(kernel(rows, math.sqrt(median / 2)), n), rel=1e-11, abs=1e-13)


def test_mmds_p_value_is_of_the_splits():
    a, b = samples(3, 3, 4, shift=1.0)
    k = kernel(np.concatenate([a, b]), 1.0)
    values = []
    for reference in itertools.combinations(range(7), 3):
        order = [*reference, *sorted(set(range(7)) - set(reference))]
        values.append(mmd_of(k[np.ix_(order, order)], 3))
    exact = np.mean(np.array(values) >= values[0] - 1e-12)
    seen = S.mmd(a, b, bandwidth=1.0, standardise=False, permutations=20_000)
    assert seen.p_value == pytest.approx(exact, abs=5 * math.sqrt(exact * (1 - exact) / 20_000) + 1e-4)
    assert seen.insufficient is False  # 35 splits
    assert S.mmd(a, b, level=0.02).insufficient


def test_mmds_permutations_beyond_one_pass_count_alike():
    a, b = samples(4, 20, 20, shift=0.25)
    few, many = S.mmd(a, b, permutations=900), S.mmd(a, b, permutations=5000)
    assert many.note == "5000 permutations"
    assert many.statistic == few.statistic
    assert many.p_value == pytest.approx(few.p_value, abs=0.06)


def test_mmds_answer_does_not_depend_on_the_order_of_rows():
    a, b = samples(5, 60, 50, shift=0.0)
    rng = np.random.default_rng(0)
    seen, wanted = S.mmd(rng.permutation(a), rng.permutation(b)), S.mmd(a, b)
    assert (seen.statistic, seen.p_value, seen.interval.upper) == (
        wanted.statistic, wanted.p_value, wanted.interval.upper,
    )  # fmt: skip
    assert len({S.mmd(a, b, seed=seed).p_value for seed in range(9)}) > 1


def squared_norm(k):
    """HSIC of a sample with itself, unbiased, by U-centring (Szekely and Rizzo, Ann. Stat. 42, 2014)."""
    n = len(k)
    k = k - np.diag(np.diag(k))
    rows = k.sum(0)
    centred = k - rows[:, None] / (n - 2) - rows[None, :] / (n - 2) + k.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(centred, 0)
    return (centred**2).sum() / (n * (n - 3))


def test_mmds_interval_is_the_documented_one():
    a, b = samples(6, 80, 60, shift=0.4)
    n, m = 80, 60
    k = kernel(np.concatenate([a, b]), 1.1)
    xx, yy, xy = k[:n, :n], k[n:, n:], k[:n, n:]
    mean = (1 - (xx.sum() - n) / (n * (n - 1))) / n + (1 - (yy.sum() - m) / (m * (m - 1))) / m
    centred = xy - xy.mean(0) - xy.mean(1)[:, None] + xy.mean()
    across = (centred**2).sum() / ((n - 1) * (m - 1))
    variance = 2 * (squared_norm(xx) / n**2 + squared_norm(yy) / m**2 + 2 * across / (n * m))
    witness_x = (xx.sum(1) - 1) / (n - 1) - xy.mean(1)
    witness_y = (yy.sum(1) - 1) / (m - 1) - xy.mean(0)
    seen = mmd_of(k, n) + mean
    along = (witness_x.var(ddof=1) / n + witness_y.var(ddof=1) / m) / seen
    law = scipy_stats.gamma(mean**2 / variance, scale=variance / mean)
    z = scipy_stats.norm.ppf(1 - 0.0125)
    lower = max(0.0, math.sqrt(z * z * along + max(0.0, seen - law.ppf(1 - 0.0125))) - z * math.sqrt(along)) ** 2
    upper = (math.sqrt(z * z * along + max(0.0, seen - law.ppf(0.0125))) + z * math.sqrt(along)) ** 2
    found = S.mmd(a, b, bandwidth=1.1, standardise=False, permutations=1)
    assert (found.interval.lower, found.interval.upper) == pytest.approx((lower, upper), rel=1e-8)
    assert 0 < lower < found.effect < upper


def true_mmd(columns, bandwidth, shift):
    """Of normal samples of variance 1, the one shifted in each column."""
    spread = bandwidth**2 + 2
    height = (bandwidth**2 / spread) ** (columns / 2)
    return 2 * height * (1 - math.exp(-columns * shift**2 / (2 * spread)))


def covered(draws, n, m, shift, columns, method, law=None):
    rng = np.random.default_rng([n, m, columns, int(100 * shift)])
    bandwidth = math.sqrt(columns)
    truth = 0.0 if shift == 0 else true_mmd(columns, bandwidth, shift)
    below = above = 0
    for _ in range(draws):
        a, b = (rng.normal(size=(rows, columns)) if law is None else law(rng, rows, columns) for rows in (n, m))
        lower, upper = S.mmd(
            a, b + shift, method=method, bandwidth=bandwidth, standardise=False, permutations=1, level=0.5
        ).interval
        below += truth < lower
        above += truth > upper
    return below / draws, above / draws


LAWS = {
    "t3": lambda rng, rows, columns: rng.standard_t(3, size=(rows, columns)),
    "lognormal": lambda rng, rows, columns: rng.lognormal(size=(rows, columns)),
    "five values": lambda rng, rows, columns: rng.integers(0, 5, size=(rows, columns)).astype(float),
    "zero-inflated": lambda rng, rows, columns: rng.normal(size=(rows, columns)) * (rng.random((rows, columns)) < 0.3),
}


@pytest.mark.parametrize(
    ("n", "m", "shift", "columns", "method"),
    [
        (30, 30, 0.0, 3, "quadratic"), (100, 100, 0.0, 3, "quadratic"), (100, 30, 0.0, 10, "quadratic"),
        (30, 30, 0.3, 3, "quadratic"), (100, 100, 0.1, 3, "quadratic"), (100, 100, 1.0, 1, "quadratic"),
        (300, 30, 0.5, 3, "quadratic"), (100, 100, 0.0, 3, "linear"), (200, 200, 1.0, 3, "linear"),
    ],
)  # fmt: skip
def test_mmds_interval_covers(n, m, shift, columns, method):
    draws = 1000
    below, above = covered(draws, n, m, shift, columns, method)
    assert below + above <= 0.06 + 3 * math.sqrt(0.06 * 0.94 / draws)


@pytest.mark.parametrize("law", LAWS)
def test_mmds_interval_covers_zero_whatever_the_law(law):
    draws = 500
    below, _ = covered(draws, 60, 40, 0.0, 3, "quadratic", LAWS[law])
    assert below <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / draws)


@pytest.mark.long
@pytest.mark.parametrize("columns", [1, 3, 20])
@pytest.mark.parametrize("shift", [0.0, 0.05, 0.2, 1.0])
@pytest.mark.parametrize(("n", "m"), [(30, 30), (100, 100), (300, 30), (1000, 1000)])
def test_mmds_interval_covers_at_length(n, m, shift, columns):
    draws = 20_000 if n + m <= 330 else 1_000
    below, above = covered(draws, n, m, shift, columns, "quadratic")
    assert below + above <= 0.06 + 3 * math.sqrt(0.06 * 0.94 / draws)


def test_linear_mmd_is_the_mean_over_pairs():
    a, b = samples(7, 41, 50, shift=0.5)
    x, y, u, v = a[:40:2], a[1:40:2], b[:40:2], b[1:40:2]

    def k(left, right):
        return np.exp(-((left - right) ** 2).sum(1) / (2 * 1.2**2))

    h = k(x, y) + k(u, v) - k(x, v) - k(y, u)
    seen = S.mmd(a, b, method="linear", bandwidth=1.2, standardise=False)
    assert seen.statistic == pytest.approx(h.mean(), rel=1e-12)
    assert seen.p_value == pytest.approx(scipy_stats.ttest_1samp(h, 0, alternative="greater").pvalue, rel=1e-9)
    wanted = scipy_stats.ttest_1samp(h, 0).confidence_interval(0.95)
    assert (seen.interval.lower, seen.interval.upper) == pytest.approx((max(0, wanted.low), wanted.high), rel=1e-9)
    assert "40 rows" in seen.note


def test_mmd_refuses_more_pairs_than_it_can_do_and_says_what_can():
    rows = np.zeros((60_000, 1))
    with pytest.raises(hf.InvalidArgument, match="linear"):
        S.mmd(rows, rows)
    assert S.mmd(rows, rows, method="linear").p_value == 1


# --- permutations of one column


def test_few_permutations_of_one_seed_keep_the_level_over_data_sets():
    rng = np.random.default_rng(8)
    draws, alarms = 1000, {"mmd": 0, "energy": 0, "mann_whitney": 0}
    for _ in range(draws):
        a, b = rng.normal(size=60), rng.normal(size=60)
        alarms["mmd"] += S.mmd(a[:, None], b[:, None], permutations=39).p_value <= 0.05
        alarms["energy"] += S.energy(a, b, permutations=39).p_value <= 0.05
        alarms["mann_whitney"] += S.permutation_test("mann_whitney", a, b, permutations=39).p_value <= 0.05
    for name, count in alarms.items():
        assert count / draws == pytest.approx(0.05, abs=3.5 * math.sqrt(0.05 * 0.95 / draws)), name


def statistics(a, b):
    grid = np.sort(np.concatenate([a, b]))
    f, g = (np.searchsorted(np.sort(x), grid, side="right") / len(x) for x in (a, b))
    gap, steps = f - g, np.append(np.diff(grid), 0)
    ranks = scipy_stats.rankdata(np.concatenate([a, b]))[: len(a)].sum()
    return {
        "ks": abs(gap).max(),
        "kuiper": max(gap.max(), 0) + max((-gap).max(), 0),
        "cramer_von_mises": (gap**2).sum(),
        "energy": (gap**2 * steps).sum(),
        "wasserstein": (abs(gap) * steps).sum(),
        "mann_whitney": abs(ranks - len(a) * (len(a) + len(b) + 1) / 2),
    }


@pytest.mark.parametrize("ties", [False, True])
def test_permutation_tests_agree_with_all_splits(ties):
    rng = np.random.default_rng(9)
    pooled = rng.normal(size=9)
    if ties:
        pooled = np.round(pooled)
    pooled[:4] += 1
    all_of = []
    for reference in itertools.combinations(range(9), 4):
        inside = np.isin(np.arange(9), reference)
        all_of.append(statistics(pooled[inside], pooled[~inside]))
    for name, value in all_of[0].items():
        exact = np.mean([one[name] >= value * (1 - 1e-12) for one in all_of])
        seen = S.permutation_test(name, pooled[:4], pooled[4:], permutations=9_999)
        assert seen.p_value == pytest.approx(exact, abs=5 * math.sqrt(exact * (1 - exact) / 9_999) + 1e-3), name
        plain = getattr(S, name)(pooled[:4], pooled[4:])
        assert (seen.statistic, seen.effect, seen.test) == (plain.statistic, plain.effect, name)


def autoregressive(rng, rows, phi):
    noise = rng.normal(size=rows + 50)
    values = np.zeros(rows + 50)
    for i in range(1, rows + 50):
        values[i] = phi * values[i - 1] + noise[i]
    return values[50:]


def politis_white(a, b):
    """The rule as Politis and White (2004) and the correction of 2009 have it, on centred ranks."""
    ranks = scipy_stats.rankdata(np.concatenate([a, b]))
    x, y = ranks[: len(a)] - ranks[: len(a)].mean(), ranks[len(a) :] - ranks[len(a) :].mean()
    n = len(ranks)

    def covariance(k):
        return (x[k:] @ x[: len(x) - k] + y[k:] @ y[: len(y) - k]) / n

    calm = max(5, math.ceil(math.sqrt(math.log10(n))))
    most = math.ceil(math.sqrt(n)) + calm
    small = [abs(covariance(k) / covariance(0)) < 2 * math.sqrt(math.log10(n) / n) for k in range(1, most + calm + 1)]
    runs = [k for k in range(most - calm + 2) if all(small[k : k + calm])]
    width = min(2 * runs[0], most) if runs else most
    if width == 0:
        return 1
    weights = [min(1.0, 2 * (1 - abs(k) / width)) for k in range(-width, width + 1)]
    lags = [covariance(abs(k)) for k in range(-width, width + 1)]
    g0 = np.dot(weights, lags)
    g1 = np.dot(np.multiply(weights, np.abs(np.arange(-width, width + 1))), lags)
    return min(math.ceil((2 * g1**2 / (4 / 3 * g0**2) * n) ** (1 / 3)), min(len(a), len(b)) // 2)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.5, 0.9])
def test_block_length_is_politis_and_whites(phi):
    rng = np.random.default_rng(11)
    for n, m in ((60, 40), (500, 300)):
        a, b = autoregressive(rng, n, phi), autoregressive(rng, m, phi) + 1
        assert S.block_length(a, b) == max(1, politis_white(a, b))


def test_blocks_keep_the_level_of_an_autocorrelated_stream():
    rng = np.random.default_rng(12)
    draws, plain, blocks = 500, 0, {"ks": 0, "energy": 0, "mmd": 0}
    for _ in range(draws):
        stream = autoregressive(rng, 600, 0.5)
        a, b = stream[:300], stream[300:]
        plain += S.permutation_test("ks", a, b, permutations=39).p_value <= 0.05
        blocks["ks"] += S.permutation_test("ks", a, b, permutations=39, block=0).p_value <= 0.05
        blocks["energy"] += S.energy(a, b, permutations=39, block=0).p_value <= 0.05
        found = S.mmd(a[:, None], b[:, None], permutations=39, block=0)
        blocks["mmd"] += found.p_value <= 0.05
        assert math.isnan(found.interval.lower) or "blocks" not in found.note
    assert plain / draws > 0.12
    for name, alarms in blocks.items():
        assert alarms / draws <= 0.08 + 3 * math.sqrt(0.08 * 0.92 / draws), name


# --- a classifier


def cancer():
    data = load_breast_cancer(as_frame=True)
    return data.data[data.target == 1], data.data[data.target == 0]


def mixed(rng, rows, shift):
    return pd.DataFrame(
        {
            "x": rng.normal(size=rows) + shift,
            "y": rng.lognormal(size=rows),
            "letter": pd.Categorical(rng.choice(list("abcdef"), size=rows, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])),
            "gap": np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows)),
        }
    )


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 1.0, 2.0])
def test_the_classifiers_auc_is_near_scikit_learns(shift):
    rng = np.random.default_rng(14)
    a, b = mixed(rng, 1500, 0.0), mixed(rng, 1000, shift)
    seen = S.domain_classifier(a, b)
    both = pd.concat([a, b]).assign(letter=lambda frame: frame["letter"].cat.codes)
    label = np.repeat([0, 1], [len(a), len(b)])
    model = HistGradientBoostingClassifier(max_iter=60, learning_rate=0.15, max_depth=4, categorical_features=[2])
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    theirs = roc_auc_score(label, cross_val_predict(model, both, label, cv=folds, method="predict_proba")[:, 1])
    assert seen.effect == pytest.approx(theirs, abs=0.025)
    best = scipy_stats.norm.cdf(shift / math.sqrt(2))
    assert seen.effect < best + 0.03
    if shift >= 0.5:
        assert seen.p_value < 1e-9
        assert next(iter(seen.features)) == "x"
        assert seen.interval.lower > 0.5


def test_the_classifier_sees_what_no_single_column_shows():
    rng = np.random.default_rng(15)
    a, b = rng.normal(size=(1000, 4)), rng.normal(size=(1000, 4))
    b[:, 1] = b[:, 1] * 0.4 + b[:, 0] * math.sqrt(1 - 0.16)  # each column is normal as before
    assert all(S.ks(a[:, c], b[:, c]).p_value > 0.01 for c in range(4))
    found = S.domain_classifier(a, b)
    assert found.interval.lower > 0.6
    assert set(list(found.features)[:2]) == {"x0", "x1"}


def test_the_classifier_tells_real_classes_apart():
    benign, malignant = cancer()
    assert S.domain_classifier(benign, malignant).interval.lower > 0.95


def test_the_classifiers_p_value_keeps_its_level_and_its_interval_covers():
    rng = np.random.default_rng(16)
    draws, alarms, missed = 300, 0, 0
    for _ in range(draws):
        found = S.domain_classifier(rng.normal(size=(60, 3)), rng.normal(size=(50, 3)))
        alarms += found.p_value <= 0.05
        missed += not found.interval.lower <= 0.5 <= found.interval.upper
    assert alarms / draws <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / draws)
    assert missed / draws <= 0.06 + 3 * math.sqrt(0.06 * 0.94 / draws)


def test_entities_and_copies_do_not_leak():
    rng = np.random.default_rng(17)
    users = rng.normal(size=(60, 3))  # each a point that its rows repeat, nearly
    rows = np.repeat(users, 20, axis=0) + rng.normal(size=(1200, 3)) / 1000
    user = np.repeat(np.arange(60), 20)
    frame = pd.DataFrame(rows, columns=list("abc")).assign(user=user)
    a, b = frame[user < 30], frame[user >= 30]
    assert S.domain_classifier(a.drop(columns="user"), b.drop(columns="user")).effect > 0.95
    kept = S.domain_classifier(a, b, entity="user")
    assert kept.interval.lower < 0.5 < kept.interval.upper
    assert "user" not in kept.features
    rows = rng.normal(size=(300, 3))
    copied = S.domain_classifier(np.repeat(rows[:150], 5, axis=0), np.repeat(rows[150:], 5, axis=0))
    assert copied.interval.lower < 0.5 < copied.interval.upper


def test_many_rows_are_drawn():
    a, b = samples(18, 3000, 2500, shift=1.0)
    found = S.domain_classifier(a, b, most_rows=500)
    assert (found.reference_rows, found.current_rows) == (500, 500)
    assert found.note == "drawn from 3000 and 2500 rows"
    assert found.interval.lower > 0.6


# --- reconstruction


def reconstruction(reference, current, share):
    scaler = StandardScaler().fit(reference)
    pca = PCA(n_components=share, svd_solver="full").fit(scaler.transform(reference))

    def errors(rows):
        rows = scaler.transform(rows)
        return np.linalg.norm(rows - pca.inverse_transform(pca.transform(rows)), axis=1)

    return pca.n_components_, errors(reference), errors(current)


@pytest.mark.parametrize("share", [0.3, 0.65, 0.95])
def test_reconstruction_is_scikit_learns(share):
    benign, malignant = cancer()
    constant = {"same": 3.0}
    a, b = benign.assign(**constant), malignant.assign(**constant)
    components, own, seen = reconstruction(a, b, share)
    found = S.pca_reconstruction(a, b, variance=share, chunk=50)
    assert found.components == components
    assert found.statistic == pytest.approx(seen.mean(), rel=1e-9)
    ends = [*range(0, len(own) - 49, 50)]
    chunks = [own[i : i + 50].mean() for i in ends[:-1]] + [own[ends[-1] :].mean()]
    assert found.reference_chunks == pytest.approx(chunks, rel=1e-9)
    assert found.current_chunks[0] == pytest.approx(seen[:50].mean(), rel=1e-9)
    bounds = np.mean(chunks) + np.array([-3, 3]) * np.std(chunks, ddof=1)
    assert tuple(found.expected) == pytest.approx(bounds, rel=1e-9)


def test_reconstructions_effect_is_of_rows_that_were_not_fitted():
    a, b = samples(20, 300, 200, columns=6, shift=0.5)
    components, _, seen = reconstruction(a, b, 0.65)
    unseen = np.empty(300)
    for fold in range(10):
        rest = np.arange(300) % 10 != fold
        unseen[~rest] = reconstruction(a[rest], a[~rest], components)[2]
    found = S.pca_reconstruction(a, b)
    assert found.effect == pytest.approx((seen.mean() - unseen.mean()) / unseen.std(ddof=1), rel=1e-9)
    wanted = scipy_stats.ttest_ind(seen, unseen, equal_var=False)
    assert found.p_value == pytest.approx(wanted.pvalue, rel=1e-9)
    ends = wanted.confidence_interval(0.95)
    assert tuple(found.interval) == pytest.approx((ends.low / unseen.std(ddof=1), ends.high / unseen.std(ddof=1)))


def test_reconstruction_takes_categories_and_what_is_missing():
    rng = np.random.default_rng(21)
    a, b = mixed(rng, 200, 0.0), mixed(rng, 100, 0.0)
    a.loc[::7, "letter"] = None
    b["letter"] = b["letter"].cat.add_categories("new")
    b.loc[:3, "letter"] = "new"

    def encoded(frame):
        filled = a["letter"].fillna(a["letter"].mode()[0])
        shares = filled.value_counts(normalize=True)
        letters = frame["letter"].astype(object).fillna(a["letter"].mode()[0])
        return frame.assign(letter=[shares.get(one, 0.0) for one in letters], gap=frame["gap"].fillna(a["gap"].mean()))

    _, own, seen = reconstruction(encoded(a), encoded(b), 0.65)
    found = S.pca_reconstruction(a, b, chunk=200)
    assert found.statistic == pytest.approx(seen.mean(), rel=1e-9)
    assert found.reference_chunks == pytest.approx([own.mean()], rel=1e-9)


def test_reconstructions_p_value_keeps_its_level():
    rng = np.random.default_rng(22)
    draws, alarms = 1000, 0
    for _ in range(draws):
        mixing = rng.normal(size=(8, 8))
        a, b = rng.normal(size=(200, 8)) @ mixing, rng.normal(size=(150, 8)) @ mixing
        alarms += S.pca_reconstruction(a, b).p_value <= 0.05
    assert alarms / draws <= 0.06 + 3 * math.sqrt(0.06 * 0.94 / draws)


# --- bad input


@every
def test_an_empty_side_is_refused_by_name(test):
    full, none = np.ones((30, 2)), np.ones((0, 2))
    for pair in ((none, full), (full, none), (none, none)):
        with pytest.raises(hf.InvalidArgument, match=test.__name__):
            test(*pair)


def test_a_side_without_a_whole_row_is_refused_where_rows_must_be():
    full, missing = np.random.default_rng(0).normal(size=(30, 2)), np.full((30, 2), NAN)
    half = full.copy()
    half[:, 1] = NAN
    for pair in ((missing, full), (full, missing), (half, full)):
        with pytest.raises(hf.InvalidArgument, match=r"mmd.*missing"):
            S.mmd(*pair)
    assert S.domain_classifier(full, half).effect == 1  # what is missing is a value
    assert S.pca_reconstruction(full, half).components == 1  # taken as the reference's mean


def test_rows_with_missing_values_are_left_out_of_mmd():
    a, b = samples(23, 40, 30)
    a[3, 1] = b[5, 0] = NAN
    seen, wanted = S.mmd(a, b), S.mmd(np.delete(a, 3, 0), np.delete(b, 5, 0))
    assert (seen.statistic, seen.p_value) == (wanted.statistic, wanted.p_value)
    assert (seen.reference_rows, seen.current_rows) == (39, 29)
    assert seen.note.startswith("2 rows with missing values left out")


@every
def test_constants(test):
    same = test(np.full((40, 2), 2.5), np.full((30, 2), 2.5))
    assert same.p_value == 1
    assert same.effect == (0.5 if test is S.domain_classifier else 0)
    apart = test(np.full((40, 2), 1.0), np.full((30, 2), 2.0))
    assert apart.p_value <= 0.005
    assert apart.effect > 0.4
    json.dumps(apart.to_dict())


@every
def test_one_row_is_answered(test):
    one, many = np.array([[1.0, 2.0]]), np.random.default_rng(0).normal(size=(40, 2))
    for pair in ((one, many), (many, one), (one, one)):
        seen = test(*pair)
        assert math.isnan(seen.p_value)
        assert seen.note


@every
def test_infinite_values(test):
    a, b = samples(24, 40, 30)
    a[3, 1], b[4, 0] = math.inf, -math.inf
    seen = test(a, b)
    if test is S.domain_classifier:
        assert 0 <= seen.effect <= 1
    else:
        assert math.isnan(seen.effect)
        assert "infinite" in seen.note


@every
def test_other_columns_are_refused_by_name(test):
    rng = np.random.default_rng(0)
    a = pd.DataFrame(rng.normal(size=(30, 2)), columns=["p", "q"])
    b = a.rename(columns={"q": "r"})
    for pair, name in (((a, b), "q"), ((a, a[["p"]]), "q"), ((a[["p"]], a), "q")):
        with pytest.raises(hf.InvalidArgument, match=f'{test.__name__}.*"{name}"'):
            test(*pair)
    text = a.assign(q="text")
    with pytest.raises(hf.InvalidArgument, match='"q"'):
        test(a, text)
    with pytest.raises(hf.InvalidArgument, match=test.__name__):
        test({}, {})


def test_what_they_ask_for_is_checked():
    a, b = samples(25, 30, 30)
    for call in (
        lambda: S.mmd(a, b, method="cubic"),
        lambda: S.mmd(a, b, bandwidth=0),
        lambda: S.mmd(a, b, bandwidth=NAN),
        lambda: S.mmd(a, b, bandwidth=math.inf),
        lambda: S.mmd(a, b, permutations=0),
        lambda: S.mmd(a, b, level=0),
        lambda: S.mmd(a, b, block=-1),
        lambda: S.mmd(a, b, block=16),
        lambda: S.domain_classifier(a, b, entity="user"),
        lambda: S.domain_classifier(a, b, most_rows=0),
        lambda: S.pca_reconstruction(a, b, variance=1.0),
        lambda: S.pca_reconstruction(a, b, chunk=-1),
        lambda: S.permutation_test("welch", [1.0], [2.0]),
        lambda: S.permutation_test("ks", [], [2.0]),
        lambda: S.permutation_test("ks", [1.0], [2.0], level=NAN),
    ):
        with pytest.raises(hf.InvalidArgument):
            call()
