"""How interactions are logged: promises, counts, summaries, and what is left when the process ends or is killed."""

import datetime as dt
import signal
import sqlite3
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import holdfast as hf
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

X = np.random.default_rng(0).normal(size=(300, 3))
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(scope="module")
def package():
    frame = pd.DataFrame(X, columns=["x0", "x1", "x2"])
    return hf.package(LogisticRegression().fit(frame, Y), "line", reference=(frame, Y))


@pytest.fixture
def folder(tmp_path, package):
    with hf.Workspace(tmp_path / "ws") as ws:
        version = ws.registry.approve(ws.registry.register(package), by="me")
        ws.create_endpoint("line", good=[1]).deploy(version)
    return tmp_path / "ws"


def stored(folder, sql="SELECT count(*) FROM interactions"):
    connection = sqlite3.connect(folder / "holdfast.db")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_options_are_kept_changed_one_by_one_and_checked(folder):
    with hf.Workspace(folder) as ws:
        endpoint = ws.endpoint("line")
        assert endpoint.logging == hf.Logging()
        endpoint.set_logging(durability="before_reply", hashed=["x1"])
        endpoint.set_logging(sample=0.5, entity="x1")
        wanted = hf.Logging(durability="before_reply", sample=0.5, hashed=["x1"], entity="x1", bucket="1m")
        assert endpoint.logging == wanted
        assert endpoint.logging.bucket == dt.timedelta(minutes=1)
        for bad in [{"durability": "maybe"}, {"overflow": "spill"}, {"sample": 0.0}, {"hashed": ["nothing"]}]:
            with pytest.raises(hf.InvalidArgument):
                endpoint.set_logging(**bad)
        assert endpoint.logging == wanted
    with hf.Workspace(folder) as again:
        assert again.endpoint("line").logging == wanted
        assert again.create_endpoint("line", good=[1], logging=wanted).logging == wanted
        with pytest.raises(hf.Conflict, match="set_logging"):
            again.create_endpoint("line", good=[1], logging=hf.Logging())


def test_reads_see_what_was_logged_and_counts_are_exact(folder):
    with hf.Workspace(folder) as ws:
        endpoint = ws.endpoint("line")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: endpoint.predict(X[i : i + 1], ids=[f"r{i}"]), range(300)))
        assert ws.interactions.count(endpoint="line") == 300
        endpoint.predict(X[:5], ids=[f"r{i}" for i in range(5)])
        endpoint.predict(X[:1] + 1, ids=["r0"])
        with pytest.raises(hf.InvalidArgument):
            endpoint.predict(X[:, :2])
        ws.flush()
        counts = endpoint.logging_counts()
        assert (counts.logged, counts.known, counts.conflicts, counts.failures) == (300, 5, 1, 1)
        assert stored(folder, "SELECT code, rows FROM failures") == [("invalid_argument", 300)]
        assert repr(counts) == "LoggingCounts(300 logged, 0 sampled out, 0 dropped, 1 failures)"


def test_summaries_hold_what_sampling_leaves_out(folder):
    with hf.Workspace(folder) as ws:
        endpoint = ws.endpoint("line")
        endpoint.set_logging(sample=0.1)
        answers = np.concatenate([endpoint.predict(X[i : i + 10]).values for i in range(0, 300, 10)])
        kept = ws.interactions.count(endpoint="line")
        assert kept < 100
        summary = ws.interactions.summary(since="1h", until=dt.datetime.now(dt.timezone.utc) + dt.timedelta(minutes=2))
        assert (summary.rows, summary.sampled_out) == (300, 300 - kept)
        assert summary.labels == {"1": int(answers.sum()), "0": 300 - int(answers.sum())}
        assert summary.features["x0"]["mean"] == pytest.approx(X[:, 0].mean())
        assert summary.features["x2"]["max"] == X[:, 2].max()


def test_private_values_are_nowhere_in_the_files(folder):
    with hf.Workspace(folder) as ws:
        endpoint = ws.endpoint("line")
        endpoint.set_logging(hashed=["x0"], left_out=["x1"], entity="x0")
        endpoint.predict(np.array([[123456.789, 987654.321, 0.5]]), ids=["one"])
        ws.flush()
        frame = ws.interactions.to_pandas(endpoint="line")
        assert len(frame["x0"][0]) == 64 and "x1" not in frame
        assert stored(folder, "SELECT entity FROM interactions") == [(frame["x0"][0],)]
        files = b"".join(path.read_bytes() for path in folder.glob("holdfast.db*"))
        for value in (123456.789, 987654.321):
            assert np.float64(value).tobytes() not in files and str(value).encode() not in files


PROGRAM = """
import sys
import holdfast as hf, numpy as np
ws = hf.Workspace(sys.argv[1])
endpoint = ws.endpoint("line")
endpoint.set_logging(durability=sys.argv[2])
for i in range(int(sys.argv[3])):
    endpoint.predict(np.full((1, 3), float(i)), ids=[str(i)])
    print(i, flush=True)
"""


def program(folder, durability, rows):
    return [sys.executable, "-c", textwrap.dedent(PROGRAM), str(folder), durability, str(rows)]


@pytest.mark.parametrize("durability", ["none", "async"])
def test_a_process_that_ends_with_the_workspace_open_has_committed(folder, durability):
    subprocess.run(program(folder, durability, 200), check=True, stdout=subprocess.DEVNULL, timeout=60)
    assert stored(folder) == [(200,)]


@pytest.mark.parametrize("after", [1, 7, 40, 90])
def test_what_was_acknowledged_before_reply_survives_a_kill(folder, after):
    process = subprocess.Popen(program(folder, "before_reply", 100_000), stdout=subprocess.PIPE, text=True)
    acknowledged = [process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    acknowledged += process.stdout.readlines()
    process.wait()
    ids = {line.strip() for line in acknowledged if line.endswith("\n")}
    assert len(ids) >= after
    with hf.Workspace(folder) as ws:
        assert ids <= set(ws.interactions.to_pandas(endpoint="line")["id"])
        # Each interaction is in the summaries once: they were committed together.
        assert stored(folder, "SELECT sum(counts ->> 'rows') FROM summaries") == stored(folder)
