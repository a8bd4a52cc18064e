"""Workspaces from Python: register, approve, deploy, predict, label, watch."""

import datetime as dt
import os
import tempfile
import threading
import uuid

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)


def frame(rows=400, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"income": rng.normal(shift, 1, rows), "rooms": rng.normal(0, 1, rows)})


def truth(features):
    return (features["income"] + 0.2 * features["rooms"] > 0).astype(int).to_numpy()


def package(seed=0):
    train, held = frame(seed=seed), frame(seed=seed + 100)
    forest = RandomForestClassifier(10, random_state=seed).fit(train, truth(train))
    return forest, hf.package(forest, "housing", reference=(held, truth(held)), evaluate=["accuracy"])


@pytest.fixture(scope="module")
def packages():
    return [package(seed) for seed in range(2)]


@pytest.fixture
def clock():
    return hf.SimulatedClock(START)


@pytest.fixture
def ws(tmp_path, clock):
    with hf.Workspace(tmp_path / "ws", clock=clock, seed=3) as opened:
        yield opened


@pytest.fixture
def endpoint(ws, packages):
    version = ws.registry.approve(ws.registry.register(packages[0][1]), by="me", note="baseline")
    made = ws.create_endpoint("housing", good=[1])
    made.deploy(version)
    return made


def test_a_version_is_a_snapshot(ws, packages):
    version = ws.registry.register(packages[0][1])
    assert (version.model, version.number, version.state) == ("housing", 1, "pending")
    assert version.registered == START
    assert version.metrics["accuracy"].value > 0.8
    assert version.package == packages[0][1].identity
    approved = ws.registry.approve(version, by="me", note="good")
    assert version.state == "pending" and approved.state == "approved"
    assert repr(approved) == "Version(housing@1, approved)"
    assert ws.registry.register(packages[0][1]).number == 1
    assert ws.registry.history(version)[0].note == "good"
    assert ws.registry.versions("housing") == [approved]
    assert ws.registry.get("housing", 1) == approved
    assert ws.registry.package(version) == packages[0][1]
    with pytest.raises(hf.NotFound, match="version 7"):
        ws.registry.version("housing", 7)


def test_an_answer_is_the_models_own(ws, endpoint, packages):
    forest, X = packages[0][0], frame(50, seed=9)
    ids = [f"row-{i}" for i in range(50)]
    answer = endpoint.predict(X, ids=ids, time=START)
    np.testing.assert_array_equal(answer.values, forest.predict(X))
    np.testing.assert_allclose(answer.probabilities, forest.predict_proba(X), atol=1e-12)
    np.testing.assert_array_equal(answer.values, endpoint.model.predict(X))
    assert answer.ids == ids and answer.version == 1 and len(answer) == 50
    assert set(answer.outputs) == {output.name for output in endpoint.model.signature.outputs}


def test_what_was_logged_comes_back(ws, endpoint):
    X = frame(20, seed=9)
    times = pd.date_range("2024-01-01", periods=20, freq="h", tz="UTC")
    endpoint.predict(X, ids=np.arange(20), time=times)
    rows = ws.interactions.to_pandas(endpoint="housing")
    np.testing.assert_array_equal(rows["income"], X["income"])
    assert list(rows["id"]) == [str(i) for i in range(20)]
    assert rows["time"].iloc[3].to_pydatetime() == times[3].to_pydatetime()
    assert rows["label"].isna().all()
    assert len(ws.interactions.to_pandas(since=times[5])) == 15
    assert len(ws.interactions.to_pandas(until=times[5])) == 6
    assert ws.interactions.count(endpoint="housing", labelled=True) == 0
    with pytest.raises(hf.NotFound, match="elsewhere"):
        ws.interactions.to_pandas(endpoint="elsewhere")


def test_labels_come_late_and_are_corrected(ws, endpoint, clock):
    X = frame(30, seed=9)
    ids = [uuid.UUID(int=i) for i in range(30)]
    ws.interactions.label(ids[0], 1)  # before the prediction
    endpoint.predict(X, ids=ids, time=START)
    clock.advance("2h")
    ws.interactions.label(ids, truth(X), time=START + dt.timedelta(hours=1))
    ws.interactions.label(str(ids[1]), 1 - truth(X)[1])
    rows = ws.interactions.to_pandas(endpoint="housing", since="1d", labelled=True).set_index("id")
    expected = truth(X).copy()
    expected[1] = 1 - expected[1]
    np.testing.assert_array_equal(rows.loc[[str(i) for i in ids], "label"], expected)
    quality = endpoint.monitor.performance(over="1h")
    assert set(quality) == {"accuracy", "auc", "brier", "log_loss"}
    assert quality["accuracy"].rows == 30
    assert quality["accuracy"].value == pytest.approx((endpoint.model.predict(X) == expected).mean())
    with pytest.raises(hf.InvalidArgument, match="2 ids and 1 labels"):
        ws.interactions.label(["a", "b"], [1])


def test_drift_is_seen_against_the_packages_reference(endpoint):
    endpoint.predict(frame(400, seed=5))
    assert endpoint.monitor.drift(over=hf.rows(400)).verdict != "drift"
    endpoint.predict(frame(400, seed=6, shift=3.0))
    report = endpoint.monitor.drift(over=hf.rows(400))
    assert report.verdict == "drift" and report["income"].verdict == "drift"
    assert report.alpha == 0.001
    assert report.note == "rows 401 to 800"


def test_looks_between_two_windows_see_the_same(endpoint, clock):
    assert "there are 0" in endpoint.monitor.drift(over=hf.rows(100)).note
    endpoint.predict(frame(150, seed=5))
    first = endpoint.monitor.drift(over=hf.rows(100), false_alarms=5)
    endpoint.predict(frame(49, seed=6, shift=9.0))
    assert str(endpoint.monitor.drift(over=hf.rows(100), false_alarms=5).to_dict()) == str(first.to_dict())
    now = endpoint.monitor.drift(over=hf.rows(49), alpha=0.05)
    assert now.alpha == 0.05 and now["income"].verdict == "drift"
    clock.advance("2h")
    assert endpoint.monitor.drift(over="1h").note.endswith("no rows")
    with pytest.raises(hf.InvalidArgument, match="false_alarms"):
        endpoint.monitor.drift(false_alarms=0)


def test_ids_join_or_clash(ws, endpoint):
    X = frame(2, seed=9)
    endpoint.predict(X, ids=["a", "b"])
    endpoint.predict(X, ids=["a", "b"])
    assert ws.interactions.count() == 2
    with pytest.raises(hf.Conflict, match='"a"'):
        endpoint.predict(X[::-1], ids=["a", "b"])
    made = endpoint.predict(X).ids
    assert len(set(made)) == 2 and uuid.UUID(made[0]).version == 7


def test_deploy_rollback_freeze_and_the_ledger(ws, endpoint, packages):
    second = ws.registry.register(packages[1][1])
    with pytest.raises(hf.Conflict, match="pending"):
        endpoint.deploy(second)
    endpoint.follow("latest_approved")
    second = ws.registry.approve(second, by="me")
    ws.refresh()
    assert endpoint.live == second
    endpoint.rollback(reason="it disappoints", by="me")
    assert endpoint.live.number == 1 and endpoint.predict(frame(1)).version == 1
    endpoint.freeze(reason="incident")
    assert endpoint.frozen
    with pytest.raises(hf.Conflict, match="frozen"):
        endpoint.deploy(second, by="controller")
    assert [row.kind for row in endpoint.ledger()] == ["deploy", "deploy", "rollback", "freeze"]
    assert endpoint.ledger()[2].reason == "it disappoints"
    with pytest.raises(hf.Conflict, match="no earlier version"):
        endpoint.rollback(reason="again")


def test_a_regressor(ws):
    X = frame(200)
    model = LinearRegression().fit(X, 2 * X["income"] + 1)
    version = ws.registry.approve(
        ws.registry.register(hf.package(model, "line", reference=(X, 2 * X["income"] + 1))), by="me"
    )
    line = ws.create_endpoint("line")
    line.deploy(version)
    answer = line.predict(X, ids=range(200))
    assert answer.probabilities is None and answer.values.shape == (200,)
    ws.interactions.label(range(200), 2 * X["income"] + 1, endpoint="line")
    assert line.monitor.performance(over=hf.rows(200))["mae"].value < 1e-9


def test_several_threads_predict_while_versions_are_swapped(ws, endpoint, packages):
    second = ws.registry.approve(ws.registry.register(packages[1][1]), by="me")
    first = ws.registry.version("housing", 1)
    X, failures = frame(5, seed=9), []

    def ask():
        try:
            for _ in range(20):
                endpoint.predict(X)
        except hf.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(6):
        endpoint.deploy([first, second][i % 2])
    for thread in threads:
        thread.join()
    assert not failures
    assert ws.interactions.count() == 4 * 20 * 5


def test_metrics_and_events_are_kept(ws):
    ws.record_metric("line_speed", 3.2, time=START)
    ws.record_event("alert", {"level": 2})
    with pytest.raises(hf.InvalidArgument):
        ws.record_metric("line_speed", float("nan"))


def test_what_is_refused(tmp_path, ws, endpoint, packages):
    with pytest.raises(hf.NotFound, match="housing"):
        ws.endpoint("elsewhere")
    with pytest.raises(hf.InvalidArgument):
        endpoint.predict(np.zeros((2, 7)))
    with pytest.raises(hf.InvalidArgument, match="ids"):
        endpoint.predict(frame(2), ids=["one"])
    with pytest.raises(hf.NotFound):
        hf.Workspace(tmp_path / "none", create=False)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "holdfast.db").write_bytes(b"x" * 5000)
    with pytest.raises(hf.CorruptArtifact, match=r"holdfast\.db"):
        hf.Workspace(tmp_path / "foreign")
    empty = ws.create_endpoint("empty", "housing")
    with pytest.raises(hf.Unavailable, match="deploy one"):
        empty.predict(frame(1))


def test_a_closed_workspace_says_so(tmp_path):
    with hf.Workspace(tmp_path / "ws") as opened:
        opened.flush()
    with pytest.raises(hf.Unavailable, match="closed"):
        opened.endpoints()


def child(body):
    """Runs body in a forked child; its exit status."""
    pid = os.fork()
    if pid == 0:
        try:
            body()
            os._exit(0)
        except BaseException as error:
            print("child:", repr(error), flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_in_a_forked_child(ws, endpoint):
    X = frame(5, seed=9)
    before = endpoint.predict(X).values

    def body():
        with pytest.raises(hf.UsedAfterFork):
            endpoint.predict(X)
        np.testing.assert_array_equal(endpoint.model.predict(X), before)
        with hf.Workspace(ws.folder, clock=hf.SimulatedClock(START)) as mine:
            np.testing.assert_array_equal(mine.endpoint("housing").predict(X).values, before)

    assert child(body) == 0
    assert ws.interactions.count() == 10


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user")
def test_a_folder_that_cannot_be_written():
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are closed to other users
        os.chmod(folder, 0o755)

        def body():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            with pytest.raises(hf.PermissionDenied, match=folder):
                hf.Workspace(os.path.join(folder, "ws"))

        assert child(body) == 0
        assert os.listdir(folder) == []
