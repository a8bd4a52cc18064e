"""Windows of metrics from sums of labels, against all rows by numpy and pandas."""

import os
import signal
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import (
    confusion_matrix,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
X = np.random.default_rng(0).normal(size=(300, 2))


def opened(folder, kind="number", **logging):
    """A workspace with an endpoint "line" whose versions 1 and 2 are live in turn."""
    clock = hf.SimulatedClock(START)
    ws = hf.Workspace(folder, clock=clock, seed=5)
    frame = pd.DataFrame(X, columns=["x0", "user"])
    for sign in (1, -1):
        if kind == "number":
            model, y = LinearRegression(), sign * X[:, 0] * 2 + 1
        else:
            model, y = LogisticRegression(), (sign * X[:, 0] > 0).astype(int)
        model.fit(frame, y)
        ws.registry.approve(ws.registry.register(hf.package(model, "line", reference=(frame, y))), by="me")
    endpoint = ws.create_endpoint("line", logging=hf.Logging(entity="user", **logging))
    endpoint.deploy(ws.registry.version("line", 1))
    return ws, endpoint, clock


def labelled(ws, after, until):
    """Labelled rows whose newest label was recorded in (after, until], by brute force."""
    rows = ws.interactions.to_pandas(endpoint="line", labelled=True)
    return rows[(rows["label_recorded"] > after) & (rows["label_recorded"] <= until)]


def expect_as_rows(ws, after, until):
    rows = labelled(ws, after, until)
    summary = ws.interactions.label_summary(endpoint="line", since=after, until=until)
    assert (summary.labelled, summary.unjudged) == (len(rows), 0)
    if rows.empty:
        assert np.isnan(summary.bias)
        return
    truth, said = rows["label"].to_numpy(float), rows.iloc[:, 8].to_numpy(float)
    errors = said - truth
    n = len(rows)
    assert summary.bias == pytest.approx(errors.mean(), rel=1e-9, abs=1e-9)
    mae, rmse = summary.score("mae"), summary.score("rmse")
    assert (mae.rows, rmse.rows) == (n, n)
    assert float(mae) == pytest.approx(mean_absolute_error(truth, said), rel=1e-12)
    assert float(rmse) == pytest.approx(root_mean_squared_error(truth, said), rel=1e-12)
    if n > 1:
        half = stats.t.ppf(0.975, n - 1) * np.abs(errors).std(ddof=1) / np.sqrt(n)
        assert mae.interval.upper == pytest.approx(np.abs(errors).mean() + half, rel=1e-9)
        if np.ptp(truth) > 0:
            assert float(summary.score("r2")) == pytest.approx(r2_score(truth, said), rel=1e-9, abs=1e-9)


VALUES = (st.floats(-1e6, 1e6) | st.floats(-2, 2)).map(lambda v: round(v, 6))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "label", "label", "both", "wait", "deploy", "erase", "sum"]),
        st.integers(0, 30),
        VALUES,
    ),
    max_size=60,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_sums_follow_the_rows_whatever_happens(steps):
    with tempfile.TemporaryDirectory() as folder:
        ws, endpoint, clock = opened(Path(folder) / "ws")
        asked = set()
        for what, which, value in steps:
            if what in ("ask", "both") and which not in asked:
                asked.add(which)
                endpoint.predict(np.array([[value, which % 4]]), ids=[str(which)])
            if what in ("label", "both"):
                ws.interactions.label([str(which)], [value], endpoint="line" if which % 2 else None)
            if what == "wait":
                clock.advance(timedelta(seconds=which * 7))
            if what == "deploy":
                endpoint.deploy(ws.registry.version("line", 1 + which % 2))
            if what == "erase":
                ws.interactions.erase(str(which % 4))
                asked = set(ws.interactions.to_pandas(endpoint="line")["id"].astype(int))
            if what == "sum":
                ws.interactions.prune("line", older_than="3650d")
                expect_as_rows(ws, clock.now() - timedelta(minutes=1), clock.now())
        now = clock.now()
        for seconds in (1, 59, 60, 61, 400, 100_000):
            expect_as_rows(ws, now - timedelta(seconds=seconds), now)
            expect_as_rows(ws, now - timedelta(seconds=seconds), now - timedelta(seconds=seconds // 2))
        assert ws.verify().ok
        ws.close()


def test_confusion_and_losses_are_those_of_the_rows(tmp_path):
    ws, endpoint, clock = opened(tmp_path / "ws", kind="class")
    rng = np.random.default_rng(1)
    for i in range(200):
        if i == 90:
            endpoint.deploy(ws.registry.version("line", 2))
        endpoint.predict(X[i : i + 1], ids=[str(i)])
        ws.interactions.label([str(i)], [int(rng.integers(2))])
        if i % 5 == 0:
            ws.interactions.label([str(i // 2)], [int(rng.integers(2))])
        clock.advance("13s")
    now = clock.now()
    for minutes in (1.2, 7, 60):
        after = now - timedelta(minutes=minutes)
        rows = labelled(ws, after, now)
        truth, said = rows["label"].astype(int), rows["output.label"].astype(int)
        summary = ws.interactions.label_summary(endpoint="line", since=after)
        wanted = confusion_matrix(truth, said, labels=[0, 1])
        assert [[summary.confusion.get((str(t), str(p)), 0) for p in (0, 1)] for t in (0, 1)] == wanted.tolist()
        assert summary.labels == {str(k): int(n) for k, n in truth.value_counts().items()}
        assert float(summary.score("accuracy")) == (truth == said).mean()
        chance = rows.filter(regex=r"\.[01]$").to_numpy()
        assert float(summary.score("log_loss")) == pytest.approx(log_loss(truth, chance, labels=[0, 1]), rel=1e-12)
        area = summary.score("auc")  # from sketches: within the bound that the note states
        below, above = (float(word) for word in area.note.split() if word[0].isdigit())
        assert area.value - below <= roc_auc_score(truth, chance[:, 1]) <= area.value + above
        seen = endpoint.monitor.performance(over=timedelta(minutes=minutes))
        assert set(seen) == {"accuracy", "auc", "brier", "log_loss"}
        assert all(value.rows == len(rows) for value in seen.values())
    with pytest.raises(hf.InvalidArgument):
        summary.score("f7")
    ws.close()


def test_loaded_rows_are_in_every_window(tmp_path):
    ws, endpoint, _ = opened(tmp_path / "ws", kind="class")
    for i in range(20):
        endpoint.predict(X[i : i + 1], ids=[f"a{i}"], time=START - timedelta(seconds=9 * i))
    frame = pd.DataFrame(X[:250], columns=["x0", "user"])
    version = ws.registry.version("line", 1)
    model = ws.registry.package(version).load()
    frame["label"] = model.predict(frame[["x0", "user"]])
    frame["at"] = pd.date_range(START - timedelta(minutes=50), periods=250, freq="11s")
    frame["key"] = [f"k{i}" for i in range(250)]
    frame[["p0", "p1"]] = 0.5
    features = ["x0", "user"]
    columns = hf.Columns(id="key", time="at", prediction="label", probability=["p0", "p1"], features=features)
    assert ws.interactions.load(frame, endpoint="line", columns=columns, version=version).new == 250
    assert ws.interactions.load(frame, endpoint="line", columns=columns, version=version).new == 0
    for since in ("1h", "31m", "90s"):
        rows = ws.interactions.to_pandas(endpoint="line", since=since)
        drift = endpoint.monitor.drift(over=since, alpha=0.05)
        assert drift.current_rows == len(rows) > 0
        summary = ws.interactions.summary(endpoint="line", since=since)
        assert summary.rows == len(rows)
        assert summary.features["x0"]["mean"] == pytest.approx(rows["x0"].mean(), rel=1e-9)
        assert summary.labels == {str(k): int(n) for k, n in rows["output.label"].value_counts().items()}
    # Where outputs are missing profiles do not add up: the summary says so, and the monitor reads rows.
    frame["key"] = "other-" + frame["key"]
    columns = hf.Columns(id="key", time="at", prediction="label", features=features)
    ws.interactions.load(frame.drop(columns=["p0", "p1"]), endpoint="line", columns=columns, version=version)
    with pytest.raises(hf.Conflict):
        ws.interactions.summary(endpoint="line", since="1h")
    assert endpoint.monitor.drift(over="1h", alpha=0.05).current_rows == 520
    ws.close()


def test_retention_is_an_option_of_the_endpoint(tmp_path):
    ws, endpoint, clock = opened(tmp_path / "ws", keep_for="10m", keep_bytes=1_000_000)
    assert endpoint.logging.keep_for == timedelta(minutes=10)
    assert endpoint.logging.keep_bytes == 1_000_000
    assert "keep_for='10m', keep_bytes=1000000" in repr(endpoint.logging)
    for i in range(30):
        endpoint.predict(X[i : i + 1], ids=[str(i)])
        ws.interactions.label([str(i)], [1.0])
        clock.advance("1m")
    before = ws.interactions.label_summary(endpoint="line", since="1d")
    ws.flush()
    assert ws.interactions.count(endpoint="line") == 10
    assert sum(r.interactions for r in ws.interactions.removals("line")) == 20
    # The long memory stays.
    assert ws.interactions.summary(endpoint="line", since=START - timedelta(minutes=1)).rows == 30
    after = ws.interactions.label_summary(endpoint="line", since="1d")
    assert (after.labelled, after.bias) == (before.labelled, before.bias) == (30, before.bias)
    assert float(endpoint.monitor.performance(over="1d", metrics=["mae"])["mae"]) == float(before.score("mae"))
    endpoint.set_logging(keep_for="5m")
    assert endpoint.logging.keep_bytes == 1_000_000
    endpoint.set_logging(keep_all=True)
    assert (endpoint.logging.keep_for, endpoint.logging.keep_bytes) == (None, None)
    for bad in ({"keep_for": "0s"}, {"keep_bytes": -1}):
        with pytest.raises(hf.InvalidArgument):
            hf.Logging(**bad)
    ws.close()


POINTS = [
    "store.label_sums.after_progress",
    "store.removal.after_delete",
    "store.label_sums.after_insert",
    "store.summary.after_insert",
    "store.write.before_commit",
]


@pytest.mark.parametrize("point", POINTS)
def test_an_erasure_that_is_killed_is_done_by_the_next(tmp_path, point):
    ws, endpoint, clock = opened(tmp_path / "ws")
    for i in range(60):
        value = 1000.0 if i % 4 == 1 else X[i, 0]
        endpoint.predict(np.array([[value, i % 4]]), ids=[str(i)])
        ws.interactions.label([str(i)], [value])
        clock.advance("5s")
    now = clock.now()
    ws.close()

    erase = "import sys, holdfast as hf; hf.Workspace(sys.argv[1]).interactions.erase('1')"
    environment = {**os.environ, "HOLDFAST_FAIL_POINT": point}
    killed = subprocess.run([sys.executable, "-c", erase, str(tmp_path / "ws")], env=environment, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with hf.Workspace(tmp_path / "ws", clock=hf.SimulatedClock(now)) as again:
        assert again.verify().ok
        assert again.interactions.count(endpoint="line") == 60
        expect_as_rows(again, now - timedelta(minutes=10), now)
        whole = again.interactions.summary(endpoint="line", since="10m")
        assert (whole.rows, whole.features["x0"]["max"]) == (60, 1000.0)

        again.interactions.erase("1")
        assert again.verify().ok
        expect_as_rows(again, now - timedelta(minutes=10), now)
        rest = again.interactions.summary(endpoint="line", since="10m")
        kept = np.delete(X[:60, 0], np.s_[1::4])
        assert (rest.rows, rest.unprofiled) == (45, 0)
        assert (rest.features["x0"]["min"], rest.features["x0"]["max"]) == (kept.min(), kept.max())
        assert rest.features["x0"]["mean"] == pytest.approx(kept.mean(), rel=1e-12)
