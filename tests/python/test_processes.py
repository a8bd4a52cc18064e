"""Several processes on one workspace: what one deploys the others serve, without traffic that would make them look."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import holdfast as hf
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

BOUND = 5.0  # seconds; the promise is one, the machine may be busy
X = np.arange(20.0).reshape(10, 2)
# Says which slope it comes to serve, and when, by the clock that all processes share.
SERVER = """
import sys, time
import holdfast as hf, numpy as np
ws = hf.Workspace(sys.argv[1], create=False)
endpoint = ws.endpoint("m")
seen = None
while True:
    model = endpoint.model
    slope = None if model is None else round(float(model.predict(np.array([[2.0, 3.0]]))[0]) / 2)
    if slope != seen:
        seen = slope
        print(slope, time.monotonic_ns(), flush=True)
"""
HOST = Path(__file__).parents[2] / "build/dev/tests/unit/test_workspace"


def package(slope: float) -> hf.Package:
    return hf.package(LinearRegression().fit(X, slope * X[:, 0]), "m")


def approved(ws: hf.Workspace, slope: float) -> hf.Version:
    return ws.registry.approve(ws.registry.register(package(slope)), by="me")


class Server:
    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", SERVER, str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def comes_to(self, slope: int | None, since: int, what: str) -> None:
        seen, at = self.process.stdout.readline().split()
        assert seen == str(slope)
        took = (int(at) - since) / 1e9
        print(f"{what}: served in another process after {took * 1000:.0f} ms")
        assert took < BOUND


@pytest.fixture
def ws(tmp_path):
    with hf.Workspace(tmp_path / "ws") as opened:
        yield opened


@pytest.fixture
def server(ws):
    ws.create_endpoint("m").deploy(approved(ws, 1))
    started = Server(ws.folder)
    assert started.process.stdout.readline().split()[0] == "1"
    yield started
    started.process.kill()
    started.process.wait()


def test_deploys_and_rollbacks_reach_every_process(ws, server):
    endpoint = ws.endpoint("m")
    for slope in (2, 3):
        version = approved(ws, slope)
        endpoint.deploy(version)
        server.comes_to(slope, time.monotonic_ns(), "deploy")
    endpoint.rollback("worse")
    server.comes_to(2, time.monotonic_ns(), "rollback")


def test_approvals_are_followed(ws, server):
    ws.endpoint("m").follow()
    version = ws.registry.register(package(4))
    ws.registry.approve(version, by="me")
    server.comes_to(4, time.monotonic_ns(), "follow")
    assert ws.endpoint("m").ledger()[-1].by == "follow"


def test_a_version_that_does_not_load_leaves_the_last_good_one(ws, server):
    endpoint = ws.endpoint("m")
    version = approved(ws, 2)
    path = next((ws.folder / "artifacts").rglob(version.package + ".zip"))
    good = path.read_bytes()
    os.kill(server.process.pid, signal.SIGSTOP)
    endpoint.deploy(version)
    path.write_bytes(b"not a zip")
    os.kill(server.process.pid, signal.SIGCONT)
    due = time.monotonic() + BOUND
    failed = []
    while not failed and time.monotonic() < due:
        failed = [row for row in endpoint.ledger() if row.kind == "load_failed"]
    assert [(row.version, row.by) for row in failed] == [(2, f"process {server.process.pid}")]
    assert "not a zip" in failed[0].reason
    path.write_bytes(good)
    endpoint.deploy(approved(ws, 3))
    server.comes_to(3, time.monotonic_ns(), "the next good one")  # and never served another meanwhile


def test_a_cpp_host_serves_what_python_deploys(ws):
    endpoint = ws.create_endpoint("m")
    endpoint.deploy(approved(ws, 1))
    host = subprocess.Popen(
        [HOST, "--gtest_filter=WatchingHost.*", "--gtest_also_run_disabled_tests"],
        env={**os.environ, "HOLDFAST_TEST_FOLDER": str(ws.folder), "HOLDFAST_TEST_VERSION": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    # Two integers of eight bytes: the version, and the steady clock's microseconds.
    assert np.frombuffer(host.stderr.read(16), np.int64)[0] == 1
    version = approved(ws, 2)
    endpoint.deploy(version)
    deployed = time.monotonic_ns()
    seen, at = np.frombuffer(host.stderr.read(16), np.int64)
    assert seen == 2
    print(f"deploy from Python: served by a C++ host after {at / 1000 - deployed / 1e6:.0f} ms")
    assert at / 1e6 - deployed / 1e9 < BOUND
    assert host.wait() == 0


def test_with_a_simulated_clock_nothing_watches_by_itself(ws):
    theirs = hf.Workspace(ws.folder, clock=hf.SimulatedClock("2024-01-01T00:00:00Z"))
    ws.create_endpoint("m").deploy(approved(ws, 1))
    endpoint = theirs.endpoint("m")
    threads = len(os.listdir("/proc/self/task"))
    ws.endpoint("m").deploy(approved(ws, 2))
    endpoint.predict(X)
    assert endpoint.predict(X).version == 1
    theirs.refresh()
    assert endpoint.predict(X).version == 2
    theirs.close()
    assert len(os.listdir("/proc/self/task")) == threads


def test_the_thread_begins_with_the_first_endpoint_and_ends_with_the_workspace(tmp_path):
    threads = len(os.listdir("/proc/self/task"))
    ws = hf.Workspace(tmp_path / "ws")
    ws.registry.register(package(1))
    assert len(os.listdir("/proc/self/task")) == threads
    ws.create_endpoint("m")
    ws.create_endpoint("n")
    assert len(os.listdir("/proc/self/task")) == threads + 1
    ws.close()
    assert len(os.listdir("/proc/self/task")) == threads
    dropped = hf.Workspace(tmp_path / "ws")
    dropped.endpoint("m")
    del dropped
    assert len(os.listdir("/proc/self/task")) == threads
