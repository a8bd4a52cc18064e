"""Metrics over windows of labels that come late: from sums and rows, by cohorts of event time, by slices."""

import math
from datetime import datetime, timedelta, timezone

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler

START = datetime(2024, 5, 1, tzinfo=timezone.utc)
DATA = load_breast_cancer()
X = StandardScaler().fit_transform(DATA.data[:, :4]).round(6)
Y = DATA.target
REGION = np.arange(len(Y)) % 3


def opened(folder, *, regression=False, **logging):
    clock = hf.SimulatedClock(START)
    ws = hf.Workspace(folder, clock=clock, seed=5)
    frame = pd.DataFrame(X, columns=list("abcd")).assign(region=REGION.astype(float))
    model = LinearRegression() if regression else LogisticRegression()
    y = DATA.data[:, 5] * 10 + 1 if regression else Y
    model.fit(frame[:200], y[:200])
    ws.registry.approve(ws.registry.register(hf.package(model, "m", reference=(frame, y))), by="me")
    endpoint = ws.create_endpoint("m", logging=hf.Logging(**logging))
    endpoint.deploy("m@1")
    return ws, endpoint, clock, frame, y, model


def asked(endpoint, clock, frame, rows, step="1m"):
    for i in rows:
        endpoint.predict(frame[i : i + 1], ids=[str(i)])
        clock.advance(step)


CLASS_METRICS = {
    "accuracy": lambda y, guess, p: metrics.accuracy_score(y, guess),
    "precision": lambda y, guess, p: metrics.precision_score(y, guess),
    "recall": lambda y, guess, p: metrics.recall_score(y, guess),
    "f1(average=macro)": lambda y, guess, p: metrics.f1_score(y, guess, average="macro"),
    "mcc": lambda y, guess, p: metrics.matthews_corrcoef(y, guess),
    "top_k_accuracy(top=1)": lambda y, guess, p: metrics.accuracy_score(y, guess),
    "brier": lambda y, guess, p: metrics.brier_score_loss(y, p[:, 1]),
    "log_loss": lambda y, guess, p: metrics.log_loss(y, p),
    "auc": lambda y, guess, p: metrics.roc_auc_score(y, p[:, 1]),
    "pr_auc": lambda y, guess, p: metrics.average_precision_score(y, p[:, 1]),
}
NUMBER_METRICS = {
    "mae": metrics.mean_absolute_error,
    "rmse": metrics.root_mean_squared_error,
    "r2": metrics.r2_score,
    "mape": metrics.mean_absolute_percentage_error,
    "quantile_loss(quantile=0.9)": lambda y, p: metrics.mean_pinball_loss(y, p, alpha=0.9),
    "quantile_loss": lambda y, p: metrics.mean_pinball_loss(y, p, alpha=0.5),
}


def labelled_since(ws, after):
    rows = ws.interactions.to_pandas(endpoint="m", labelled=True)
    return rows[rows["label_recorded"] > after]


@pytest.mark.parametrize("prune", [False, True])
def test_windows_know_every_metric_of_a_classifier(tmp_path, prune):
    ws, endpoint, clock, frame, y, _ = opened(tmp_path / "ws")
    for i in range(300):
        asked(endpoint, clock, frame, [i], step="20s")
        if i >= 40:  # labels come 40 requests later
            ws.interactions.label([str(i - 40)], [int(y[i - 40])])
    over = timedelta(minutes=63, seconds=10)
    rows = labelled_since(ws, clock.now() - over)
    truth, guess = rows["label"].to_numpy(int), rows["output.label"].to_numpy(int)
    proba = rows[["probabilities.0", "probabilities.1"]].to_numpy(float)
    summary = ws.interactions.label_summary(endpoint="m", since=over)
    if prune:  # what sums say stays when rows go; whole buckets alone
        over = clock.now() - START
        rows = labelled_since(ws, START - timedelta(minutes=1))
        truth, guess = rows["label"].to_numpy(int), rows["output.label"].to_numpy(int)
        proba = rows[["probabilities.0", "probabilities.1"]].to_numpy(float)
        ws.interactions.prune("m", older_than="5m")
        assert ws.interactions.count(endpoint="m") < 50
        over += timedelta(minutes=1)
        summary = ws.interactions.label_summary(endpoint="m", since=over)
    found = endpoint.monitor.performance(over, metrics=[*CLASS_METRICS, "ece"])
    for name, theirs in CLASS_METRICS.items():
        wanted = theirs(truth, guess, proba)
        assert found[name].rows == len(rows)
        assert found[name].interval.lower <= found[name].value <= found[name].interval.upper
        if prune and name in ("auc", "pr_auc"):  # from sketches, within what the note says
            assert "score sketches" in found[name].note
            below, above = (float(word) for word in found[name].note.split() if word[0].isdigit())
            assert found[name].value - below <= wanted <= found[name].value + above
        else:
            assert found[name].value == pytest.approx(wanted, rel=1e-12)
        assert summary.score(name).value == pytest.approx(found[name].value, abs=0.02)
    assert found["ece"].value == pytest.approx(calibration_error(truth, proba), rel=1e-12)
    ws.close()


def calibration_error(truth, proba, bins=10):
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == truth
    bin_ = np.ceil(confidence * bins)
    return sum(abs((right[bin_ == b] - confidence[bin_ == b]).sum()) for b in np.unique(bin_)) / len(truth)


def test_windows_know_every_metric_of_a_regressor(tmp_path):
    ws, endpoint, clock, frame, y, _ = opened(tmp_path / "ws", regression=True)
    asked(endpoint, clock, frame, range(200), step="20s")
    ws.interactions.label([str(i) for i in range(200)], y[:200])
    rows = labelled_since(ws, START)
    truth, said = rows["label"].to_numpy(float), rows[ws.endpoint("m").model.signature.prediction].to_numpy(float)
    found = endpoint.monitor.performance("1h", metrics=list(NUMBER_METRICS))
    summary = ws.interactions.label_summary(endpoint="m", since="1h")
    alone = hf.performance.score(truth, said, metrics=list(NUMBER_METRICS))
    for name, theirs in NUMBER_METRICS.items():
        assert found[name].value == pytest.approx(theirs(truth, said), rel=1e-12)
        assert found[name].value == summary.score(name).value  # from sums
        assert tuple(found[name].interval) == pytest.approx(tuple(alone[name].interval), rel=1e-9)
        assert found[name].method == alone[name].method
    ws.interactions.label(["0"], [0.0])
    assert endpoint.monitor.performance("1h", metrics=["mape"])["mape"].reason == "a true value is 0"
    ws.close()


def test_young_cohorts_are_shown_and_never_judged(tmp_path):
    """Right answers are labelled within the hour, wrong ones take a day: what is young looks better than it is."""
    ws, endpoint, clock, frame, y, model = opened(tmp_path / "ws", bucket="1h")
    right = (model.predict(frame) == y)[:480]
    due, over = [], timedelta(hours=60, seconds=1)
    clock.advance("1s")
    for i in range(480):  # eight an hour, sixty hours
        asked(endpoint, clock, frame, [i], step="450s")
        due.append((clock.now() + timedelta(hours=0.5 if right[i] else 24), i))
        now = [i for at, i in due if at <= clock.now()]
        due = [(at, i) for at, i in due if at > clock.now()]
        if now:
            ws.interactions.label([str(i) for i in now], [int(y[i]) for i in now])
    shown = endpoint.monitor.cohorts(over)
    assert len(shown) == 60 and sum(cohort.interactions for cohort in shown) == 480
    times = pd.Series([START + timedelta(seconds=450 * i + 1) for i in range(480)])
    waiting = {i for _, i in due}
    done = pd.Series([i not in waiting for i in range(480)])
    hours = times.map(lambda at: math.ceil((at - START).total_seconds() / 3600))
    enough = done.groupby(hours).mean() >= 0.9
    inside = hours.map(enough) & done
    assert [cohort.matured for cohort in shown] == enough.tolist()
    found = endpoint.monitor.performance(over, by="event", metrics=["accuracy"])["accuracy"]
    assert found.rows == inside.sum()
    assert found.value == pytest.approx(right[inside].mean(), rel=1e-12)
    young = hours.map(~enough)
    assert found.waiting == young.sum() > 50
    newest = int(enough[enough].index.max())
    assert found.matured_until == START + timedelta(hours=newest)
    # The same labels by the time at which they came say more than is true of the answers.
    whole = right[done].mean()
    truth = right.mean()
    assert whole > truth and abs(found.value - truth) < whole - truth + 0.02

    # Past the horizon a cohort has matured whatever is missing; by="label" it says as much.
    late = endpoint.monitor.performance(over, by="event", metrics=["accuracy"], horizon="2h")["accuracy"]
    assert late.waiting < found.waiting and late.rows > found.rows
    by_label = endpoint.monitor.performance(over, metrics=["accuracy"], horizon="2h")["accuracy"]
    assert by_label.matured_until == START + timedelta(hours=58)
    assert endpoint.monitor.performance(over, metrics=["accuracy"])["accuracy"].matured_until is None
    endpoint.set_logging(label_horizon="2h")
    assert endpoint.logging.label_horizon == timedelta(hours=2)
    assert endpoint.monitor.performance(over, by="event", metrics=["accuracy"])["accuracy"].rows == late.rows
    endpoint.set_logging(label_horizon="")
    assert endpoint.logging.label_horizon is None
    none = endpoint.monitor.performance("2h", by="event", metrics=["accuracy"], mature=1.0, horizon="30d")["accuracy"]
    assert none.insufficient and none.rows == 0 and math.isnan(none.value)
    assert "no bucket has matured" in none.reason and none.matured_until is None
    ws.close()


def test_policies_judge_matured_cohorts_and_replay_to_the_bit(tmp_path):
    ws, endpoint, clock, frame, y, _ = opened(tmp_path / "ws", bucket="1h")
    asked(endpoint, clock, frame, range(64), step="450s")  # eight hours
    old = [str(i) for i in range(40)]
    ws.interactions.label(old, [int(v) for v in 1 - y[:40]])  # five hours
    ws.interactions.label([str(i) for i in range(40, 64, 4)], [int(v) for v in y[40:64:4]])
    rule = hf.when.metric("f1(average=macro)", over="8h", by="event", min_labels=30).below(0.5)
    assert repr(rule) == (
        'hf.when.metric("f1(average=macro)", over="8h", min_labels=30, by="event", mature=0.9).below(0.5)'
    )
    never = hf.when.metric("precision", over="8h", by="event", mature=1.0).below(0)
    constant = hf.when.metric("auc", over="1h", by="event", mature=0.1).below(0)
    loop = hf.Controller(ws, endpoint="m", retrain=hf.any_of(rule, never, constant), trainer=lambda job: None,
                         promote=hf.promote_if(metric="f1", min_improvement=0.0))  # fmt: skip
    decision = loop.step().decision
    sentences = [reason.sentence for reason in decision.reasons]
    assert "f1(average=macro) over 8h was 0." in sentences[0] and "on 40 labels" in sentences[0]
    assert "precision over 8h" in sentences[1]
    assert sentences[2] == "auc over 1h is not defined on 1 label (no row of class 0)"
    ws.interactions.label([str(i) for i in range(64)], [1] * 64)  # said later, and not seen
    explained = hf.explain(decision, ws)
    assert explained.verdict == "reproduced", explained.text
    ws.close()


def test_slices_rank_the_worst_first_and_leave_the_whole_alone(tmp_path):
    ws, endpoint, clock, frame, y, model = opened(tmp_path / "ws")
    asked(endpoint, clock, frame, range(150), step="1s")
    given = y[:150].copy()
    given[(REGION[:150] == 1) & (np.arange(150) % 2 == 0)] ^= 1
    ws.interactions.label([str(i) for i in range(150)], [int(v) for v in given])
    sliced = endpoint.monitor.performance("1h", by="region", metrics=["accuracy", "log_loss"])
    whole = endpoint.monitor.performance("1h", metrics=["accuracy", "log_loss"])
    right = model.predict(frame[:150]) == given
    for name, metric in sliced.items():
        assert metric.whole.to_dict() == whole[name].to_dict()
        assert metric.slices[0].slice == "1" and len(metric.slices) == 3
        assert float(metric) == whole[name].value
    for region in range(3):
        seen = sliced["accuracy"][str(region)]
        assert (seen.rows, seen.value) == (50, right[REGION[:150] == region].mean())
    by_event = endpoint.monitor.performance("1h", by=["event", "region"], metrics=["accuracy"], mature=0.5)["accuracy"]
    assert by_event.whole.rows == 150 and by_event["1"].value == sliced["accuracy"]["1"].value
    with pytest.raises(hf.InvalidArgument, match="continuous"):
        endpoint.monitor.performance("1h", by="a")
    with pytest.raises(hf.InvalidArgument, match="more than 2 values"):
        endpoint.monitor.performance("1h", by="region", max_slices=2)
    with pytest.raises(hf.InvalidArgument, match="not a column"):
        endpoint.monitor.performance("1h", by="town")
    with pytest.raises(hf.NotFound):
        sliced["accuracy"]["north"]
    ws.close()


def test_intervals_draw_the_entities_that_the_endpoint_names(tmp_path):
    ws, endpoint, clock, frame, y, _ = opened(tmp_path / "ws", regression=True, entity="region")
    entity = np.arange(120) // 4
    frame = frame.assign(region=np.r_[entity, np.zeros(len(frame) - 120)].astype(float))
    asked(endpoint, clock, frame, range(120), step="1s")
    shift = np.random.default_rng(3).normal(0, 5, 30)[entity]
    ws.interactions.label([str(i) for i in range(120)], y[:120] + shift)
    rows = ws.interactions.to_pandas(endpoint="m", labelled=True)
    said = rows[endpoint.model.signature.prediction]
    found = endpoint.monitor.performance("1h")
    plain = endpoint.monitor.performance("1h", cluster=False)
    theirs = hf.performance.score(rows["label"], said, metrics=["mae"], cluster=rows["region"].astype(int))
    assert found["mae"].entities == 30 and found["mae"].method == "entities drawn anew, Student"
    assert tuple(found["mae"].interval) == tuple(theirs["mae"].interval)
    assert plain["mae"].entities == 0 and plain["mae"].value == pytest.approx(found["mae"].value, rel=1e-12)
    assert endpoint.monitor.performance(hf.rows(120))["mae"].entities == 30
    ws.interactions.prune("m", older_than="30s")
    gone = endpoint.monitor.performance("1h")["mae"]
    assert (gone.value, gone.rows, gone.entities) == (plain["mae"].value, 120, 0)
    assert "retention" in gone.note
    endpoint.set_logging(left_out=["region"])
    asked(endpoint, clock, frame, range(120, 130), step="1s")
    ws.interactions.label([str(i) for i in range(120, 130)], y[120:130])
    unkept = endpoint.monitor.performance(hf.rows(10))["mae"]
    assert unkept.entities == 0 and '"region" is not kept' in unkept.note
    ws.close()


def test_what_is_asked_wrongly_is_named(tmp_path):
    ws, endpoint, clock, frame, _, _ = opened(tmp_path / "ws", regression=True)
    assert endpoint.monitor.performance("1h")["mae"].reason == "no rows"
    assert endpoint.monitor.performance("1h", by="event")["mae"].reason == "no rows"
    assert endpoint.monitor.performance("1h", by="region")["mae"].slices == []
    assert endpoint.monitor.cohorts("1h") == []
    asked(endpoint, clock, frame, range(3))
    ws.interactions.label(["0", "1", "2"], [1.5, 2.5, 3.5])
    perform = endpoint.monitor.performance
    for wrong, words in [
        (lambda: perform("1h", metrics=["precision"]), "class position"),
        (lambda: perform("1h", metrics=["auc"]), "probabilities"),
        (lambda: perform("1h", metrics=["mae(top=3)"]), "parameter"),
        (lambda: perform(hf.rows(10), by="event"), "duration"),
        (lambda: perform("1h", by="event", mature=0), "share"),
        (lambda: perform("1h", by="event", horizon="0s"), "horizon"),
        (lambda: perform("1h", by=["event", "label"]), "at most one"),
        (lambda: perform("1h", by=["a", "b"]), "at most one"),
        (lambda: endpoint.monitor.cohorts(hf.rows(10)), "duration"),
        (lambda: hf.Logging(label_horizon="0s"), "label_horizon"),
    ]:
        with pytest.raises(hf.InvalidArgument, match=words):
            wrong()
    one = perform("30s", metrics=["r2"])
    ws.close()
    assert one["r2"].rows <= 3


def test_score_takes_slices_of_any_kind():
    rng = np.random.default_rng(1)
    truth, guess = rng.integers(0, 3, 300), rng.integers(0, 3, 300)
    where = np.array(["n", "s", "w"])[rng.integers(0, 3, 300)]
    for by in (where, list(where), pd.Series(where), pd.Series(where).astype("category")):
        found = hf.performance.score(truth, guess, metrics=["f1(average=macro)"], by=by)["f1(average=macro)"]
        assert float(found) == pytest.approx(metrics.f1_score(truth, guess, average="macro"))
        for slice_ in "nsw":
            own = where == slice_
            wanted = metrics.f1_score(truth[own], guess[own], average="macro")
            assert found[slice_].value == pytest.approx(wanted, rel=1e-12)
            assert found[slice_].rows == own.sum()
        uppers = [each.quality.interval.upper for each in found.slices]
        assert uppers == sorted(uppers)
    cluster = np.arange(300) // 3
    drawn = hf.performance.score(truth, guess, metrics=["accuracy"], by=where, cluster=cluster, resamples=100)
    assert all(each.quality.entities > 10 for each in drawn["accuracy"].slices)
    with pytest.raises(hf.InvalidArgument, match="continuous"):
        hf.performance.score(truth, guess, by=rng.random(300))
    with pytest.raises(hf.InvalidArgument, match="one each"):
        hf.performance.score(truth, guess, by=where[:10])
