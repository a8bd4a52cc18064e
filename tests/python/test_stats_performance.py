"""hf.performance against scikit-learn."""

import math

import holdfast as hf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

numbers = st.floats(-1e3, 1e3, allow_subnormal=False)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=60))
@settings(max_examples=200, deadline=None)
def test_regression_equals_scikit_learn(pairs):
    y, p = np.array(pairs).T
    ours = hf.performance.score(y, p)
    assert ours["mae"].value == pytest.approx(metrics.mean_absolute_error(y, p), rel=1e-12)
    assert ours["rmse"].value == pytest.approx(metrics.root_mean_squared_error(y, p), rel=1e-12)
    if np.var(y) > 1e-6:
        assert ours["r2"].value == pytest.approx(metrics.r2_score(y, p), rel=1e-12, abs=1e-12)
    assert ours["mae"].interval.lower <= ours["mae"].value <= ours["mae"].interval.upper


@given(st.data(), st.integers(2, 5), st.integers(6, 60))
@settings(max_examples=200, deadline=None)
def test_classification_equals_scikit_learn(data, k, n):
    y = np.array(data.draw(st.lists(st.integers(0, k - 1), min_size=n, max_size=n)))
    weights = np.array(data.draw(st.lists(st.integers(0, 4), min_size=n * k, max_size=n * k))).reshape(n, k) + 0.01
    proba = weights / weights.sum(axis=1, keepdims=True)
    labels = np.arange(k)
    guess = proba.argmax(axis=1)
    ours = hf.performance.score(y, guess, proba=proba, classes=labels)
    assert ours["accuracy"].value == pytest.approx(metrics.accuracy_score(y, guess), rel=1e-12)
    assert ours["log_loss"].value == pytest.approx(metrics.log_loss(y, proba, labels=labels), rel=1e-12)
    hits = (y[:, None] == labels).astype(float)
    brier = ((proba - hits) ** 2).sum(axis=1).mean() / (2 if k == 2 else 1)
    assert ours["brier"].value == pytest.approx(brier, rel=1e-12)
    if len(set(y)) < k:
        assert math.isnan(ours["auc"].value)
    else:
        wanted = metrics.roc_auc_score(y, proba[:, 1]) if k == 2 else metrics.roc_auc_score(y, proba, multi_class="ovr")
        assert ours["auc"].value == pytest.approx(wanted, rel=1e-12)
        assert ours["auc"].interval.lower <= ours["auc"].value <= ours["auc"].interval.upper


def test_labels_may_be_text():
    truth, guess = ["ok", "ok", "bad", "bad"], ["ok", "bad", "bad", "bad"]
    score = hf.performance.score(truth, guess, proba=[0.9, 0.4, 0.2, 0.3], metrics=["accuracy", "auc", "brier"])
    assert score["accuracy"].value == 0.75
    assert score["auc"].value == 1.0
    assert hf.performance.score(truth, guess, metrics=["accuracy"], classes=["bad", "ok"])["accuracy"].value == 0.75


def test_auc_interval_is_delongs_on_the_logits_scale():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 400)
    p = np.clip(0.5 + 0.15 * (y - 0.5) + rng.normal(size=400) * 0.2, 0.01, 0.99)
    positive, negative = p[y == 1], p[y == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    variance = wins.mean(axis=1).var(ddof=1) / len(positive) + wins.mean(axis=0).var(ddof=1) / len(negative)
    found = hf.performance.score(y, proba=p, metrics=["auc"])["auc"]
    centre, area = math.log(found.value / (1 - found.value)), found.value
    rarest = min(len(positive), len(negative))
    width = stats.t.ppf(0.975, rarest - 1) * math.sqrt(variance) / (area * (1 - area))
    wanted = [1 / (1 + math.exp(-(centre + side * width))) for side in (-1, 1)]
    assert tuple(found.interval) == pytest.approx(wanted, rel=1e-9)


def test_paired_auc_bound_is_delongs():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 300)
    old, new = (np.clip(0.5 + s * (y - 0.5) + rng.normal(size=300) * 0.2, 0.01, 0.99) for s in (0.1, 0.25))
    parts = []
    for p in (old, new):
        wins = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
        parts.append((wins.mean(axis=1), wins.mean(axis=0)))
    gained = [new_part - old_part for old_part, new_part in zip(*parts, strict=True)]
    variance = sum(gain.var(ddof=1) / len(gain) for gain in gained)
    result = hf.performance.compare("auc", y, old, new)
    assert result.improvement == pytest.approx(result.challenger - result.champion)
    assert result.improvement - result.lower == pytest.approx(1.6448536269514722 * math.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("metric", ["mae", "rmse", "r2"])
def test_comparisons_rarely_find_what_is_not_there(metric):
    rng = np.random.default_rng(3)
    found = 0
    for seed in range(200):
        y = rng.normal(size=80)
        a, b = y + rng.normal(size=80), y + rng.normal(size=80)
        found += hf.performance.compare(metric, y, a, b, seed=seed).lower > 0
    assert found / 200 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_rows_with_a_missing_value_are_left_out():
    value = hf.performance.score([1.0, math.nan, 3.0], [2.0, 1.0, math.nan], metrics=["mae"])["mae"]
    assert (value.rows, value.value) == (1, 1.0)
    value = hf.performance.score(["a", None, "b"], ["a", "b", "b"], metrics=["accuracy"])["accuracy"]
    assert (value.rows, value.value) == (2, 1.0)


def test_bad_input_is_named():
    with pytest.raises(hf.InvalidArgument, match="unknown; wanted: mae"):
        hf.performance.score([1.0], [1.0], metrics=["mean"])
    with pytest.raises(hf.InvalidArgument, match="no probabilities"):
        hf.performance.score([0, 1], [0, 1], metrics=["auc"])
    with pytest.raises(hf.InvalidArgument, match="3 classes"):
        hf.performance.score([0, 1], proba=np.full((2, 3), 1 / 3), metrics=["auc"])
    with pytest.raises(hf.InvalidArgument, match="1 predictions for 2"):
        hf.performance.score([1.0, 2.0], [1.0], metrics=["mae"])
