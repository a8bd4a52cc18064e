"""Thresholds of policies that past windows make, on real data; expected values are numpy's and scikit-learn's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import holdfast as hf
import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
X, Y = load_diabetes(return_X_y=True)
ROWS = 20
WINDOWS = [slice(100 + ROWS * i, 100 + ROWS * (i + 1)) for i in range(13)]


def lines(expected: list[float]) -> dict[str, tuple[hf.Threshold, float]]:
    """Thresholds, and the lines that they make of past windows."""
    return {
        "standard deviations": (hf.thresholds.standard_deviations(2), np.mean(expected) + 2 * np.std(expected, ddof=1)),
        "median": (
            hf.thresholds.standard_deviations(1, center="median"),
            np.median(expected) + np.std(expected, ddof=1),
        ),
        "quantile": (hf.thresholds.quantile(0.9), np.quantile(expected, 0.9)),
    }


@pytest.mark.parametrize("over", ["1h", hf.rows(ROWS)], ids=["hours", "rows"])
@pytest.mark.parametrize("kind", ["standard deviations", "median", "quantile"])
def test_a_policy_draws_its_line_from_past_windows(tmp_path, over, kind) -> None:
    model = LinearRegression().fit(X[:100], Y[:100])
    errors = [float(metrics.mean_absolute_error(Y[rows], model.predict(X[rows]))) for rows in WINDOWS]
    threshold, line = lines(errors[:-1])[kind]
    clock = hf.SimulatedClock(START)
    with hf.Workspace(tmp_path, clock=clock) as ws:
        ws.registry.approve(ws.registry.register(hf.package(model, "glucose", reference=(X[:100], Y[:100]))), by="me")
        endpoint = ws.create_endpoint("glucose")
        endpoint.deploy("glucose@1")
        rule = hf.when.metric("mae", over=over, min_labels=ROWS, past=12).above(threshold)
        loop = hf.Controller(
            ws,
            endpoint="glucose",
            retrain=hf.any_of(rule, hf.when.metric("mae", over=over).above(0)),  # always, so that each step tells
            trainer=lambda job: None,
            promote=hf.promote_if("mae", 0.01),
        )
        for number, rows in enumerate(WINDOWS):
            clock.advance("1h")
            ids = [f"{number}-{i}" for i in range(ROWS)]
            endpoint.predict(X[rows], ids=ids)
            ws.interactions.label(ids, Y[rows])
            reason = loop.step(dry_run=True).decision.reasons[0]
            if number < 10:
                assert reason.truth == "unknown"
                assert reason.sentence.endswith(f"needs 10 past windows, has {number}")
        assert reason.rule == repr(rule)
        assert reason.numbers["past_windows"] == 12
        assert reason.numbers["value"] == pytest.approx(errors[-1], rel=1e-12)
        assert reason.numbers["threshold"] == pytest.approx(line, rel=1e-12)
        assert reason.truth == ("yes" if errors[-1] > line else "no")
        assert reason.sentence.endswith(f"{threshold!r} of 12 past windows")


def test_a_line_that_moves_stands_beside_one_that_does_not() -> None:
    usual = hf.when.metric("mae", over=timedelta(hours=1)).above(hf.thresholds.standard_deviations(3))
    rule = hf.any_of(usual, hf.when.metric("mae", over="1h").above(0.6))
    assert eval(repr(rule), {"hf": hf}) == rule
    assert hf.Rule.from_json(rule.to_json()) == rule
    assert rule.to_json()["of"][0]["past"] == 30
    assert rule.to_json()["of"][1]["above"] == 0.6
    assert hf.when.metric("mae").above(hf.thresholds.constant(0.6)) == hf.when.metric("mae").above(0.6)
    low = hf.when.yield_below(hf.thresholds.quantile(0.05), over=hf.rows(29), past=60)
    assert eval(repr(low), {"hf": hf}) == low


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(hf.InvalidArgument, match=r"past 20 given with the threshold 0\.45"):
        hf.when.metric("mae", past=20).above(0.45)
    with pytest.raises(hf.InvalidArgument, match="past 5 given, at least the 10 min_windows"):
        hf.when.yield_below(hf.thresholds.quantile(0.05), past=5)
    with pytest.raises(TypeError):
        hf.when.metric("mae").above("0.45")
