"""hf.performance.score and confusion against scikit-learn, weighted and not, and where metrics are not defined."""

import itertools
import math
import os
import subprocess
import sys

import holdfast as hf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

seeds = st.integers(0, 2**32 - 1)
EXACT = {"rel": 1e-12, "abs": 1e-14}


def score(metric, *arguments, **options):
    found = hf.performance.score(*arguments, metrics=[metric], **options)[metric]
    if found.insufficient:
        assert math.isnan(found.value) and math.isnan(found.interval.lower) and math.isnan(found.interval.upper)
        assert found.reason and not found.method
    else:
        assert found.interval.lower <= found.value <= found.interval.upper
        assert found.method and math.isfinite(found.value)
    return found


def weights_of(rng, n):
    kind = rng.integers(3)
    if kind == 0:
        return None
    weights = rng.uniform(0.1, 3, n) if kind == 1 else rng.integers(0, 3, n).astype(float)
    weights[0] = 1.0
    return weights


@given(seeds, st.integers(2, 60))
@settings(max_examples=200, deadline=None)
def test_numbers_equal_scikit_learn(seed, n):
    rng = np.random.default_rng(seed)
    y = rng.normal(3, 2, n).round(int(rng.integers(1, 6)))
    p = y + rng.normal(0, 1, n) * rng.integers(0, 2, n)
    w = weights_of(rng, n)
    kept = np.ones(n, bool) if w is None else w > 0
    theirs = {
        "mae": metrics.mean_absolute_error(y, p, sample_weight=w),
        "rmse": metrics.root_mean_squared_error(y, p, sample_weight=w),
        "quantile_loss": metrics.mean_pinball_loss(y, p, sample_weight=w, alpha=0.9),
    }
    for metric, value in theirs.items():
        assert score(metric, y, p, weights=w, quantile=0.9).value == pytest.approx(value, **EXACT)
    mape = score("mape", y, p, weights=w)
    assert mape.insufficient == bool((y[kept] == 0).any())
    if not mape.insufficient:
        assert mape.value == pytest.approx(metrics.mean_absolute_percentage_error(y, p, sample_weight=w), **EXACT)
    r2 = score("r2", y, p, weights=w)
    assert r2.insufficient == (len(set(y[kept])) < 2)
    if not r2.insufficient:
        assert r2.value == pytest.approx(metrics.r2_score(y, p, sample_weight=w), **EXACT)


@given(seeds, st.integers(2, 5), st.integers(1, 80))
@settings(max_examples=300, deadline=None)
def test_classes_equal_scikit_learn(seed, k, n):
    rng = np.random.default_rng(seed)
    y, guess = rng.integers(0, k, (2, n))
    guess = np.where(rng.random(n) < rng.random(), y, guess)
    if rng.random() < 0.2:
        y[:] = y[0]
    w = weights_of(rng, n)
    labels = list(range(k))
    assert hf.performance.confusion(y, guess, classes=labels, weights=w).weight == pytest.approx(
        metrics.confusion_matrix(y, guess, labels=labels, sample_weight=w).astype(float), **EXACT
    )
    accuracy = score("accuracy", y, guess, weights=w, classes=labels)
    assert accuracy.value == pytest.approx(metrics.accuracy_score(y, guess, sample_weight=w), **EXACT)
    weight = np.ones(n) if w is None else w
    of_truth = np.array([weight[y == c].sum() for c in labels])
    of_guess = np.array([weight[guess == c].sum() for c in labels])
    mcc = score("mcc", y, guess, weights=w, classes=labels)
    assert mcc.insufficient == ((of_truth > 0).sum() < 2 or (of_guess > 0).sum() < 2)
    if not mcc.insufficient:
        assert mcc.value == pytest.approx(metrics.matthews_corrcoef(y, guess, sample_weight=w), rel=1e-12, abs=1e-13)
    for metric, average in itertools.product(("precision", "recall", "f1"), ("binary", "macro")):
        if average == "binary" and k != 2:
            with pytest.raises(hf.InvalidArgument, match="2 wanted"):
                score(metric, y, guess, classes=labels, average=average)
            continue
        total = {"precision": of_guess, "recall": of_truth, "f1": of_guess + of_truth}[metric]
        ours = score(metric, y, guess, weights=w, classes=labels, average=average)
        assert ours.insufficient == bool((total[1 if average == "binary" else 0 :] == 0).any())
        if not ours.insufficient:
            theirs = getattr(metrics, f"{metric}_score")
            wanted = theirs(y, guess, labels=labels, average=average, sample_weight=w, pos_label=1)
            assert ours.value == pytest.approx(wanted, **EXACT)


def ece(y, proba, weights, bins):
    """Guo et al., ICML 2017, equation 3, bin by bin."""
    named = proba.argmax(axis=1)
    sure, right = proba.max(axis=1), named == y
    total = 0.0
    for edge in range(bins):
        here = (np.ceil(sure * bins) - 1 == edge) | ((edge == 0) & (sure == 0))
        if weights[here].sum() > 0:
            gap = np.average(right[here], weights=weights[here]) - np.average(sure[here], weights=weights[here])
            total += weights[here].sum() / weights.sum() * abs(gap)
    return total


@given(seeds, st.integers(2, 5), st.integers(2, 80))
@settings(max_examples=300, deadline=None)
def test_probabilities_equal_scikit_learn(seed, k, n):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    raw = rng.integers(0, 4, (n, k)) + 0.01 if rng.random() < 0.5 else rng.random((n, k)) + (y[:, None] == range(k))
    proba = raw / raw.sum(axis=1, keepdims=True)
    w = weights_of(rng, n)
    weight = np.ones(n) if w is None else w
    labels = list(range(k))

    def ours(metric, **options):
        return score(metric, y, proba=proba, classes=labels, weights=w, **options)

    assert ours("log_loss").value == pytest.approx(metrics.log_loss(y, proba, labels=labels, sample_weight=w), **EXACT)
    if k == 2:
        brier = metrics.brier_score_loss(y, proba[:, 1], sample_weight=w, pos_label=1)
    else:
        brier = np.average(((proba - (y[:, None] == labels)) ** 2).sum(axis=1), weights=w)
    assert ours("brier").value == pytest.approx(brier, **EXACT)
    assert ours("ece", bins=7).value == pytest.approx(ece(y, proba, weight, 7), **EXACT)
    for top in (1, 2):
        if k > 2:
            wanted = metrics.top_k_accuracy_score(y, proba, k=top, labels=labels, sample_weight=w)
            assert ours("top_k_accuracy", top=top).value == pytest.approx(wanted, **EXACT)
    one_missing = len(set(y[weight > 0])) < k
    for metric in ("auc", "pr_auc"):
        assert ours(metric).insufficient == one_missing
    if one_missing:
        return
    wanted = (
        metrics.roc_auc_score(y, proba[:, 1], sample_weight=w)
        if k == 2
        else metrics.roc_auc_score(y, proba, multi_class="ovr", sample_weight=w)
    )
    assert ours("auc").value == pytest.approx(wanted, **EXACT)
    binary = y if k == 2 else y[:, None] == labels
    wanted = metrics.average_precision_score(binary, proba[:, 1] if k == 2 else proba, sample_weight=w)
    assert ours("pr_auc").value == pytest.approx(wanted, **EXACT)


TRUTH = [0, 1, 1, 0, 1, 0]
GUESS = [0, 1, 0, 0, 1, 1]
PROBA = [0.1, 0.8, 0.4, 0.3, 0.9, 0.6]
VALUES = [1.5, 2.0, 4.0, -1.0, 3.0, 2.5]
GUESSES = [1.0, 2.5, 4.0, -2.0, 3.5, 2.0]


def arguments_of(metric, rows=slice(None)):
    kind = hf._core.quality_input(metric)
    if kind == "numbers":
        return (VALUES[rows], GUESSES[rows]), {}
    if kind == "classes":
        return (TRUTH[rows], GUESS[rows]), {"classes": [0, 1]}
    return (TRUTH[rows],), {"proba": np.array(PROBA[rows]), "classes": [0, 1]}


ALL = hf._core.metric_names()


@pytest.mark.parametrize("metric", ALL)
def test_rows_without_weight_are_as_if_not_there(metric):
    given_, options = arguments_of(metric)
    fewer, fewer_options = arguments_of(metric, slice(0, 5))
    one = score(metric, *given_, **options, weights=[2, 2, 2, 2, 2, 0])
    other = score(metric, *fewer, **fewer_options)
    assert one.rows == other.rows == 5
    assert one.value == pytest.approx(other.value, rel=1e-14)
    assert tuple(one.interval) == pytest.approx(tuple(other.interval), rel=1e-12)
    assert one.effective_rows == 5


@pytest.mark.parametrize("metric", ALL)
def test_the_scale_of_weights_does_not_matter(metric):
    given_, options = arguments_of(metric)
    weights = np.array([1, 2, 0.5, 1, 3, 1])
    one, tiny, huge = (score(metric, *given_, **options, weights=weights * f) for f in (1, 1e-300, 1e300))
    for other in (tiny, huge):
        assert other.value == pytest.approx(one.value, rel=1e-12)
        assert tuple(other.interval) == pytest.approx(tuple(one.interval), rel=1e-12)
    assert one.effective_rows == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


@pytest.mark.parametrize("metric", ALL)
def test_no_rows_and_no_weight_are_insufficient(metric):
    given_, options = arguments_of(metric, slice(0, 0))
    assert score(metric, *given_, **options).reason == "no rows"
    given_, options = arguments_of(metric)
    assert score(metric, *given_, **options, weights=np.zeros(6)).reason == "no effective weight"
    given_, options = arguments_of(metric)
    missing = [None] * 6 if hf._core.quality_input(metric) != "numbers" else [math.nan] * 6
    assert score(metric, missing, *given_[1:], **options).reason == "every row has a missing value"


@pytest.mark.parametrize("metric", ALL)
def test_one_row_never_raises(metric):
    given_, options = arguments_of(metric, slice(1, 2))
    one = score(metric, *given_, **options)
    assert one.rows == 1
    assert one.insufficient == (metric in {"r2", "mcc", "auc", "pr_auc"})


@pytest.mark.parametrize("metric", ALL)
def test_bad_weights_are_named(metric):
    given_, options = arguments_of(metric)
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(hf.InvalidArgument, match="of row 2; a finite one"):
            score(metric, *given_, **options, weights=[1, 1, bad, 1, 1, 1])
    for few in ([], [1, 1]):
        with pytest.raises(hf.InvalidArgument, match="for 6 rows"):
            score(metric, *given_, **options, weights=few)


def test_what_is_not_defined_says_why():
    assert score("auc", [1, 1], proba=[0.2, 0.4]).reason == "no row of class 0"
    assert score("pr_auc", [0, 0], proba=[0.2, 0.4]).reason == "no row of class 1"
    assert score("r2", [0.1] * 3, [1.0, 2.0, 3.0]).reason == "the true values are constant"
    assert score("r2", [0.1], [1.0]).reason == "one row has no variance"
    assert score("mape", [0.0, 1.0], [1.0, 1.0]).reason == "a true value is 0"
    assert score("precision", [0, 1], [0, 0]).reason == "no row is predicted as class 1"
    assert score("recall", [0, 0], [0, 1]).reason == "no row of class 1"
    assert score("f1", [0, 0], [0, 0]).reason == "no row of class 1, and none predicted as it"
    assert score("f1", ["a", "a"], ["a", "a"]).reason == "fewer than two classes"
    assert score("mcc", [0, 0], [0, 1]).reason == "all rows are of one class"
    assert score("mcc", [0, 1], [1, 1]).reason == "all rows are predicted as one class"
    assert score("mae", [1.0, math.inf], [1.0, 2.0]).reason == "a true value or a prediction is infinite"
    assert score("rmse", [1e200, 0.0], [-1e200, 1.0]).reason == "the losses are too large to be summed"
    assert score("brier", [0, 1], proba=[0.5, math.inf]).reason == "a probability is infinite"
    assert "between 0 and 1 wanted" in score("ece", [0, 1], proba=[0.5, 1.5]).reason
    assert "insufficient, no row of class 0" in repr(score("auc", [1, 1], proba=[0.2, 0.4]))


def test_infinite_scores_are_ranked():
    proba = np.array([[0, -math.inf], [0, 1.0], [0, 2.0], [0, math.inf]])
    assert score("auc", [0, 1, 0, 1], proba=proba).value == 0.75
    assert score("pr_auc", [0, 1, 0, 1], proba=proba).value == pytest.approx(0.5 + 0.5 * 2 / 3, rel=1e-15)


def test_predictions_outside_the_classes_are_wrong():
    y, guess = ["a", "b", "a", "b", "b"], ["a", "b", "z", "z", "a"]
    labels = ["a", "b"]
    found = hf.performance.confusion(y, guess, classes=labels)
    assert found.weight.tolist() == [[1, 0], [1, 1]] and found.unforeseen.tolist() == [1, 1] and found.rows == 5
    for metric in ("precision", "recall", "f1"):
        wanted = getattr(metrics, f"{metric}_score")(y, guess, labels=labels, average="macro")
        assert score(metric, y, guess, classes=labels, average="macro").value == pytest.approx(wanted, rel=1e-12)
    assert score("mcc", y, guess, classes=labels).value == pytest.approx(metrics.matthews_corrcoef(y, guess), rel=1e-12)
    assert score("accuracy", y, guess, classes=labels).value == 0.4
    with pytest.raises(hf.InvalidArgument, match="'b' is none of the classes"):
        score("f1", y, guess, classes=["a", "z"])


def test_options_out_of_range_are_named():
    for options, message in (
        ({"level": 1.0}, "level is 1"),
        ({"quantile": 0.0}, "quantile is 0"),
        ({"top": 0}, "top is 0"),
        ({"bins": 0}, "bins is 0"),
        ({"average": "micro"}, 'average is "micro"'),
    ):
        with pytest.raises(hf.InvalidArgument, match=message):
            hf.performance.score(TRUTH, GUESS, metrics=["f1"], **options)


def test_intervals_are_by_the_methods_they_name():
    rng = np.random.default_rng(5)
    y = rng.integers(0, 2, 90)
    guess = np.where(rng.random(90) < 0.8, y, 1 - y)
    chosen = guess == 1
    wilson = stats.binomtest(int(y[chosen].sum()), int(chosen.sum())).proportion_ci(method="wilson")
    assert tuple(score("precision", y, guess).interval) == pytest.approx(tuple(wilson), rel=1e-12)
    either = chosen | (y == 1)
    jaccard = stats.binomtest(int((chosen & (y == 1)).sum()), int(either.sum())).proportion_ci(method="wilson")
    wanted = [2 * end / (1 + end) for end in jaccard]
    assert tuple(score("f1", y, guess).interval) == pytest.approx(wanted, rel=1e-12)
    values = y + rng.normal(size=90)
    losses = np.abs(y - values)
    student = stats.t.interval(0.95, 89, losses.mean(), losses.std(ddof=1) / math.sqrt(90))
    assert tuple(score("mae", y, values).interval) == pytest.approx(student, rel=1e-12)
    proba = np.clip(0.5 + 0.2 * (y - 0.5) + rng.normal(size=90) * 0.2, 0.01, 0.99)
    area = metrics.average_precision_score(y, proba)
    centre, error = math.log(area / (1 - area)), 1 / math.sqrt(y.sum() * area * (1 - area))
    logits = [1 / (1 + math.exp(-(centre + side * 1.959963984540054 * error))) for side in (-1, 1)]
    assert tuple(score("pr_auc", y, proba=proba).interval) == pytest.approx(logits, rel=1e-12)


def jackknife_error(metric, y, guess, **options):
    """Of the metric on the scale on which its interval is symmetric."""
    n = len(y)
    every = [score(metric, np.delete(y, i), np.delete(guess, i), **options).value for i in range(n)]
    return math.sqrt((n - 1) * np.var(every))


@pytest.mark.parametrize("k", [2, 3])
def test_mccs_delta_method_agrees_with_the_jackknife(k):
    rng = np.random.default_rng(6)
    y = rng.integers(0, k, 400)
    guess = np.where(rng.random(400) < 0.7, y, rng.integers(0, k, 400))
    found = score("mcc", y, guess)
    width = (math.atanh(found.interval.upper) - math.atanh(found.interval.lower)) / 2 / 1.959963984540054
    error = jackknife_error("mcc", y, guess)
    assert width * (1 - found.value**2) == pytest.approx(error, rel=0.02)


@pytest.mark.parametrize("metric", ["precision", "recall", "f1"])
def test_macro_intervals_agree_with_the_jackknife(metric):
    rng = np.random.default_rng(7)
    y = rng.integers(0, 3, 600)
    guess = np.where(rng.random(600) < 0.6, y, rng.integers(0, 3, 600))
    found = score(metric, y, guess, average="macro")
    error = (found.interval.upper - found.interval.lower) / 2 / 1.959963984540054
    assert error == pytest.approx(jackknife_error(metric, y, guess, average="macro"), rel=0.1)


def test_certainty_is_not_taken_from_a_few_rows():
    y = [0, 0, 0, 1, 1]
    for metric in ("accuracy", "precision", "recall", "f1", "mcc"):
        assert score(metric, y, y).value == 1.0
        assert score(metric, y, y).interval.lower < 0.6
    assert score("mcc", y, [1, 1, 1, 0, 0]).value == -1.0
    assert score("mcc", y, [1, 1, 1, 0, 0]).interval.upper > 0.6
    sure = np.array(y, dtype=float)
    assert score("ece", y, proba=sure).value == 0.0
    assert score("ece", y, proba=sure).interval.upper > 0.5
    weighted = score("auc", y, proba=sure, weights=[0.1, 0.3, 0.7, 0.1, 0.9])
    assert weighted.value == 1.0 and weighted.interval.lower < 0.2


BITS = """
import hashlib
import struct
import holdfast as hf
import numpy as np
rng = np.random.default_rng(1)
digest = hashlib.sha256()
for k in (2, 3, 4) * 10:
    n = int(rng.integers(20, 400))
    y = rng.integers(0, k, n)
    raw = rng.random((n, k)) + 0.4 * (y[:, None] == range(k))
    proba = raw / raw.max(axis=1, keepdims=True) / k
    x, weights, cluster = rng.random(n), rng.random(n) + 0.1, rng.integers(0, 15, n)
    for metric in hf._core.metric_names():
        given = (x + 1, x + rng.random(n)) if hf._core.quality_input(metric) == "numbers" else (y, raw.argmax(axis=1))
        options = {"metrics": [metric], "proba": proba, "classes": list(range(k)), "weights": weights}
        found = [hf.performance.score(*given, **options)[metric]]
        if metric != "ece":
            found += [hf.performance.score(*given, **options, cluster=cluster, resamples=100)[metric]]
        for value in found:
            digest.update(struct.pack("3d", value.value, *value.interval))
print(digest.hexdigest())
"""


def test_bits_do_not_depend_on_the_processor():
    plain = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    without = {**plain, "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX2_Usable,-FMA_Usable"}
    one, other = (
        subprocess.run([sys.executable, "-c", BITS], env=env, capture_output=True, text=True, check=True).stdout
        for env in (plain, without)
    )
    assert one and one == other


CLUSTERED = [metric for metric in ALL if metric != "ece"]


@pytest.mark.parametrize("metric", CLUSTERED)
def test_clusters_of_copies_are_worth_one_row_each(metric):
    rng = np.random.default_rng(8)
    y = rng.integers(0, 2, 150)
    proba = np.clip(0.5 + 0.3 * (y - 0.5) + rng.normal(size=150) * 0.25, 0.01, 0.99)
    x = rng.uniform(1, 2, 150)
    copies = np.repeat(np.arange(150), 4)
    kind = hf._core.quality_input(metric)
    given_ = {"numbers": (x, x + rng.normal(0.1, 0.3, 150)), "classes": (y, proba > 0.5)}.get(kind, (y, y))
    options = {"proba": proba, "top": 1, "classes": [0, 1]}
    rows = score(metric, *given_, **options)
    naive = score(metric, *(each[copies] for each in given_), **{**options, "proba": proba[copies]})
    found = score(metric, *(each[copies] for each in given_), **{**options, "proba": proba[copies]}, cluster=copies)
    assert found.entities == 150 and rows.entities == naive.entities == 0
    assert found.value == pytest.approx(rows.value, rel=1e-12)
    width, wanted, narrow = (each.interval.upper - each.interval.lower for each in (found, rows, naive))
    # The standard error of average precision is an upper one without clusters, and estimated with them.
    assert (0.5 if metric == "pr_auc" else 0.85) * wanted < width < 1.2 * wanted
    assert narrow < 0.65 * wanted


def test_clusters_draw_the_same_bits_from_the_same_seed():
    cluster = ["a", "a", "b", "c", "c", "b"]
    one, same, other = (score("mae", VALUES, GUESSES, cluster=cluster, seed=seed) for seed in (1, 1, 2))
    assert tuple(one.interval) == tuple(same.interval) != tuple(other.interval)
    renamed = score("mae", VALUES, GUESSES, cluster=[7, 7, 1, 3, 3, 1], seed=1)
    assert tuple(renamed.interval) == tuple(one.interval)
    assert renamed.method == "entities drawn anew, Student"


def test_clusters_that_do_not_fit_are_named():
    one = score("mae", VALUES, GUESSES, cluster=[1] * 6)
    assert one.reason == "fewer than two entities"
    rare = score("recall", [1, 0, 0, 0], [1, 0, 0, 0], cluster=[0, 1, 2, 3])
    assert rare.insufficient and "draws of entities" in rare.reason
    with pytest.raises(hf.InvalidArgument, match="row 1 has none"):
        score("mae", VALUES, GUESSES, cluster=["a", None, "a", "b", "b", "b"])
    with pytest.raises(hf.InvalidArgument, match="cluster: 2 for 6 rows"):
        score("mae", VALUES, GUESSES, cluster=["a", "b"])
    with pytest.raises(hf.InvalidArgument, match="resamples is 10"):
        score("mae", VALUES, GUESSES, cluster=[1, 2, 3, 4, 5, 6], resamples=10)
    with pytest.raises(hf.Unsupported, match="ece"):
        score("ece", TRUTH, proba=PROBA, cluster=[1, 2, 3, 4, 5, 6])


def clustered_value(metric, entities, truth, prediction, probability, resamples):
    kind = hf._core.quality_input(metric)
    nothing = np.empty(0)
    return hf._core.stats_quality(
        metric,
        truth,
        nothing if kind == "probabilities" else prediction,
        probability if kind == "probabilities" else nothing,
        0 if kind == "numbers" else 2,
        nothing,
        entities,
        hf._core.QualityOptions(level=0.95, average="auto", top=1, bins=10, quantile=0.8, seed=0, resamples=resamples),
    )


@pytest.mark.parametrize("metric", ["mae", "r2", "accuracy", "f1", "mcc", "auc", "log_loss"])
def test_clustered_intervals_cover_where_rows_of_one_go_together(metric):
    """1,000 samples of 50 entities of 4 rows each, out of 2,000 entities that share most of their errors."""
    rng = np.random.default_rng(9)
    if hf._core.quality_input(metric) == "numbers":
        truth = rng.normal(size=(2000, 4))
        prediction = truth + rng.normal(size=(2000, 1)) + 0.3 * rng.normal(size=(2000, 4))
        probability = np.zeros((2000, 4, 2))
    else:
        truth = np.repeat((rng.random((2000, 1)) < 0.4).astype(float), 4, axis=1)
        score_ = 1.5 * (truth - 0.5) + rng.normal(size=(2000, 1)) + 0.3 * rng.normal(size=(2000, 4))
        positive = 1 / (1 + np.exp(-score_))
        prediction, probability = (positive > 0.5).astype(float), np.stack([1 - positive, positive], axis=2)
    none = np.empty(0, dtype=np.int64)
    parts = (truth, prediction, probability)
    whole = clustered_value(metric, none, truth.ravel(), prediction.ravel(), probability.reshape(-1, 2), 100).value
    covered = naive = 0
    entities = np.repeat(np.arange(50), 4)
    for _ in range(1000):
        drawn = rng.integers(0, 2000, 50)
        rows = [part[drawn].reshape(-1, *part.shape[2:]) for part in parts]
        for clusters in (entities, none):
            lower, upper = clustered_value(metric, clusters, *rows, 200).interval
            if clusters is entities:
                covered += lower <= whole <= upper
            else:
                naive += lower <= whole <= upper
    assert covered / 1000 >= 0.94 - 3 * math.sqrt(0.94 * 0.06 / 1000)
    assert naive < covered - 100
