"""Forks: Airflow forks its tasks, multiprocessing its workers. Each child has a time limit: nothing may hang."""

import multiprocessing
import os
import pickle
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest
from sklearn import ensemble, linear_model

SECONDS = 60
X = np.random.default_rng(3).normal(size=(300, 5))
TARGET = X @ np.arange(1.0, 6.0)


def in_child(work: Callable[[], object]) -> object:
    """What `work` returned, or raised, in a forked child."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            answer = ("returned", work())
        except BaseException as error:
            answer = ("raised", (type(error).__name__, str(error), traceback.format_exc()))
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(write)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(SECONDS)
    try:
        with os.fdopen(read, "rb") as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
    finally:
        signal.alarm(0)
    assert text, f"the child said nothing within {SECONDS} s"
    kind, value = pickle.loads(text)
    if kind == "raised":
        name, message, trace = value
        error = getattr(hf, name, RuntimeError)
        raise error(message if error is not RuntimeError else trace)
    return value


@pytest.fixture(scope="module")
def models() -> dict[str, "hf.Model"]:
    labels = (TARGET > 0).astype(int)
    return {
        "linear": hf.convert(linear_model.LinearRegression().fit(X, TARGET)),
        "logistic": hf.convert(linear_model.LogisticRegression().fit(X, labels)),
        "forest": hf.convert(ensemble.RandomForestRegressor(20, random_state=0).fit(X, TARGET)),
    }


@pytest.fixture
def folder(tmp_path, models) -> Path:
    """A workspace with one endpoint, which answers."""
    with hf.Workspace(tmp_path / "ws") as ws:
        estimator = linear_model.LinearRegression().fit(X, TARGET)
        version = ws.registry.register(hf.package(estimator, "line", reference=(X, TARGET)))
        ws.registry.approve(version, by="test")
        ws.create_endpoint("line").deploy(version)
    return tmp_path / "ws"


def ids(first: int, count: int) -> list[str]:
    return [f"r{i}" for i in range(first, first + count)]


@pytest.mark.parametrize("name", ["linear", "logistic", "forest"])
def test_native_models_give_the_same_bits(models, name):
    model = models[name]
    before = model.predict(X)
    assert in_child(lambda: model.predict(X).tobytes()) == before.tobytes()
    assert model.predict(X).tobytes() == before.tobytes()


def test_a_model_may_be_converted_and_loaded_in_the_child(models, tmp_path):
    models["forest"].save(tmp_path / "forest.hfm")
    before = models["forest"].predict(X)
    assert in_child(lambda: hf.load_model(tmp_path / "forest.hfm").predict(X).tobytes()) == before.tobytes()


def test_a_workspace_opened_in_the_child_works(folder):
    def work() -> int:
        with hf.Workspace(folder) as ws:
            ws.endpoint("line").predict(X[:7], ids=ids(0, 7))
            ws.flush()
            return len(ws.interactions.to_pandas(endpoint="line"))

    assert in_child(work) == 7


def test_a_workspace_of_the_parent_refuses_and_stays_whole(folder):
    with hf.Workspace(folder) as ws:
        endpoint = ws.endpoint("line")
        endpoint.predict(X[:5], ids=ids(0, 5))
        for use in [
            lambda: endpoint.predict(X[:1], ids=["child"]),
            lambda: ws.endpoint("line"),
            lambda: ws.interactions.label(["r0"], [1.0]),
            lambda: ws.registry.version("line", 1),
            lambda: ws.flush(),
        ]:
            with pytest.raises(hf.UsedAfterFork, match="fork"):
                in_child(use)
        in_child(ws.close)
        endpoint.predict(X[5:9], ids=ids(5, 4))
        ws.flush()
        assert sorted(ws.interactions.to_pandas(endpoint="line")["id"]) == ids(0, 9)


def test_a_child_that_exits_as_usual_leaves_the_parents_workspace_alone(folder):
    """Destructors run in the child: neither the database nor its locks may suffer."""
    ws = hf.Workspace(folder)
    ws.endpoint("line").predict(X[:3], ids=ids(0, 3))
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        del ws
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    ws.endpoint("line").predict(X[3:6], ids=ids(3, 3))
    ws.flush()
    assert len(ws.interactions.to_pandas(endpoint="line")) == 6
    ws.close()


def _work_in_pool(job: tuple[str, int]) -> str:
    folder, worker = job
    with hf.Workspace(folder) as ws:
        values = ws.endpoint("line").predict(X[:10], ids=[f"w{worker}-{i}" for i in range(10)]).values
        ws.flush()
    return np.asarray(values).tobytes().hex()


def test_four_workers_of_multiprocessing(folder, models):
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        answers = pool.map_async(_work_in_pool, [(str(folder), i) for i in range(4)]).get(SECONDS)
    assert set(answers) == {models["linear"].predict(X[:10]).tobytes().hex()}
    with hf.Workspace(folder) as ws:
        assert len(ws.interactions.to_pandas(endpoint="line")) == 40


def test_a_torch_model_refuses_and_one_loaded_in_the_child_answers(tmp_path):
    torch = pytest.importorskip("torch")
    if not (Path(hf.__file__).parent / "_torch_version.txt").exists():
        pytest.skip("holdfast was built without torch")
    net = torch.nn.Sequential(torch.nn.Linear(5, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1)).eval()
    many = np.random.default_rng(0).normal(size=(20_000, 5)).astype(np.float32)
    torch.jit.trace(net, torch.from_numpy(many[:2])).save(tmp_path / "net.pt")
    model = hf.load_model(tmp_path / "net.pt", trusted=True, threads=2)
    before = model.predict(many)  # OpenMP has its threads now
    start = time.monotonic()
    with pytest.raises(hf.UsedAfterFork, match=r"net\.pt.*forked child"):
        in_child(lambda: model.predict(many))
    assert time.monotonic() - start < SECONDS / 2
    again = in_child(lambda: hf.load_model(tmp_path / "net.pt", trusted=True, threads=2).predict(many))
    np.testing.assert_allclose(again, before, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(model.predict(many), before)
