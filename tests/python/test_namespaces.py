"""Two namespaces of one workspace, the same names in both: nothing of one is seen, changed or counted in the other."""

import datetime as dt
import os

import holdfast as hf
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
X = np.arange(20.0).reshape(10, 2)


def package(slope: float) -> hf.Package:
    return hf.package(LinearRegression().fit(X, slope * X[:, 0]), "m")


def train(job: hf.TrainingJob) -> hf.Package:
    return package(5)


def controller(ws: hf.Workspace, above: float) -> hf.Controller:
    return hf.Controller(
        ws,
        "m",
        retrain=hf.when.metric("mae", over=hf.rows(10), min_labels=5).above(above),
        trainer=train,
        promote=hf.promote_if(metric="mae", min_improvement=0.0, confidence=0.9),
    )


@pytest.fixture
def clock():
    return hf.SimulatedClock(START)


@pytest.fixture
def pair(tmp_path, clock):
    with (
        hf.Workspace(tmp_path / "ws", namespace="one", clock=clock, seed=1) as one,
        hf.Workspace(tmp_path / "ws", namespace="two", clock=clock, seed=1) as two,
    ):
        yield one, two


def serving(ws: hf.Workspace, slope: float, by: str) -> hf.Endpoint:
    version = ws.registry.approve(ws.registry.register(package(slope)), by=by)
    endpoint = ws.create_endpoint("m", good=[by])
    endpoint.deploy(version, by=by)
    return endpoint


def test_registries(pair):
    one, two = pair
    version = one.registry.register(package(1))
    assert two.registry.versions() == two.registry.versions("m") == []
    assert two.registry.latest_approved("m") is None
    one.registry.approve(version, by="one", note="in one")
    one.registry.alias("m", "champion", version, by="one")
    assert two.registry.aliases("m") == {} and two.registry.alias_history("m") == []
    for name in ("m", "m@1", "m@champion"):
        with pytest.raises(hf.NotFound):
            two.registry.resolve(name)
    for call in (two.registry.version, lambda m, n: two.registry.history(version)):
        with pytest.raises(hf.NotFound):
            call("m", 1)
    for state in ("approve", "reject", "archive"):
        with pytest.raises(hf.NotFound):
            getattr(two.registry, state)(version, by="two")
    with pytest.raises(hf.NotFound):
        two.registry.lineage(version)
    with pytest.raises(hf.NotFound):
        two.registry.alias("m", "champion", 1)

    # Numbers, states and aliases of its own, and the artifact in common.
    other = two.registry.register(package(2))
    same = two.registry.register(package(1))
    assert (other.number, same.number, same.package) == (1, 2, version.package)
    assert same.state == "pending"
    two.registry.reject(other, by="two")
    two.registry.alias("m", "champion", same, by="two")
    assert one.registry.resolve("m@champion").number == 1
    assert one.registry.version("m", 1).state == "approved"
    assert [row.by for row in one.registry.history("m@1")] == ["one"]
    assert len(one.registry.versions()) == 1
    assert one.registry.package("m@1") == two.registry.package("m@2")


def test_signatures(tmp_path, pair):
    import subprocess

    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", tmp_path / "k"], check=True)
    one, two = pair
    one.registry.register(package(1).sign((tmp_path / "k").read_text()))
    two.registry.register(package(1))
    assert len(one.registry.package("m@1").signed_by) == 1
    assert two.registry.package("m@1").signed_by == []


def test_endpoints_and_ledgers(pair, clock):
    one, two = pair
    ours = serving(one, 1, "one")
    assert two.endpoints() == []
    with pytest.raises(hf.NotFound):
        two.endpoint("m")
    with pytest.raises(hf.NotFound):
        two.what_served("m", START)
    theirs = two.create_endpoint("m", good=["two"])
    assert theirs.live is None and theirs.ledger() == [] and theirs.good == ["two"]
    with pytest.raises(hf.Unavailable):
        theirs.predict(X)
    with pytest.raises(hf.NotFound):
        theirs.deploy("m@1")
    with pytest.raises(hf.Conflict):
        theirs.rollback("nothing there")
    serving(two, 2, "two")
    clock.advance("1h")
    theirs.freeze("in two", by="two")
    theirs.follow()
    assert not ours.frozen and theirs.frozen
    two.registry.approve(two.registry.register(package(3)), by="two")
    theirs.unfreeze("over", by="two")
    one.refresh()
    two.refresh()
    assert theirs.live.number == 2 and ours.live.number == 1
    theirs.rollback("worse", by="two")
    assert {row.by for row in ours.ledger()} == {"one"} and len(ours.ledger()) == 1
    assert one.what_served("m", clock.now()).by == "one"
    assert two.what_served("m", clock.now()).kind == "rollback"
    np.testing.assert_allclose(ours.predict(X).values, X[:, 0], atol=1e-9)
    np.testing.assert_allclose(theirs.predict(X).values, 2 * X[:, 0], atol=1e-9)


def test_interactions_labels_and_why(pair):
    one, two = pair
    ours, theirs = serving(one, 1, "one"), serving(two, 2, "two")
    ids = [str(i) for i in range(10)]
    ours.predict(X, ids=ids, time=START)
    one.interactions.label(ids, X[:, 0])
    assert two.interactions.count() == two.interactions.count(labelled=True) == 0
    assert len(two.interactions.to_pandas()) == 0
    with pytest.raises(hf.NotFound):
        two.why("3")
    # The same ids with other features, and no conflict.
    theirs.predict(X + 1, ids=ids, time=START)
    assert two.interactions.count(labelled=True) == 0
    assert two.interactions.to_pandas()["label"].isna().all()
    two.interactions.label(ids, X[:, 1])
    np.testing.assert_array_equal(one.interactions.to_pandas(labelled=True)["label"], X[:, 0])
    np.testing.assert_array_equal(two.interactions.to_pandas(labelled=True)["label"], X[:, 1])
    assert one.why("3").features == {"x0": 6.0, "x1": 7.0} and one.why("3").approvals[0].by == "one"
    assert two.why("3").features == {"x0": 7.0, "x1": 8.0} and two.why("3").label == 7.0
    assert ours.monitor.performance(hf.rows(10))["mae"].value == pytest.approx(0, abs=1e-9)
    assert theirs.monitor.performance(hf.rows(10))["mae"].value == pytest.approx(np.mean(2 * X[:, 0] + 2 - X[:, 1]))
    assert one.interactions.count(version=1) == two.interactions.count(version=1) == 10


def test_metrics_events_decisions_and_controllers(pair, clock):
    one, two = pair
    for ws, slope in ((one, 1), (two, 2)):
        endpoint = serving(ws, slope, "me")
        endpoint.predict(X, ids=range(10), time=START)
        ws.interactions.label(range(10), 3 * X[:, 0])
    one.record_metric("speed", 9.0)
    one.record_event("alert", {"of": "one"})
    clock.advance("1m")
    rule = hf.when.metric("speed", over="1h").above(1.0)
    quiet = hf.Controller(two, "m", retrain=rule, trainer=train, promote=hf.promote_if(metric="mae"))
    assert quiet.step().decision is None and quiet.history() == []
    clock.advance("2m")  # its lease has run out

    ours, theirs = controller(one, 0.1), controller(two, 1e9)
    # Both lead, each its own.
    told = ours.step().decision
    assert told.action == "retrain"
    assert theirs.step().decision is None
    assert len(ours.history()) == 1 and theirs.history() == []
    assert (ours.state, theirs.state) == ("collecting", "monitoring")
    with pytest.raises(hf.NotFound):
        hf.explain(told, two)
    assert hf.explain(told, one).verdict == "reproduced"
    theirs.pause()
    ours.step()
    assert (ours.state, theirs.state) == ("training", "monitoring")
    ours.save()
    with pytest.raises(hf.NotFound):
        hf.Controller.load(two, "m")


def test_garbage_of_one_is_not_what_the_other_needs(pair):
    one, two = pair
    version = two.registry.register(package(2))
    for path in (one.folder / "artifacts").rglob("*"):
        os.utime(path, (0, 0))
    assert one.collect_garbage().files == []
    two.registry.package(version)
