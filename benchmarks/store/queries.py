"""How long it takes to ask a large log: label joins, one-hour windows, counts.

usage: queries.py [--rows 1000000] [--folder F]

Fills a workspace with `rows` interactions of 30 floats, evenly over 30 days of event time, each labelled, and
asks it. Times are of the processor, so that a busy machine counts less.
A folder that holds such a log already is asked again.
"""

import argparse
import datetime as dt
import tempfile
import time
from pathlib import Path

import holdfast as hf
import numpy as np
from sklearn.linear_model import LinearRegression

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
BATCH = 20_000
FEATURES = 30
DAYS = 30


def fill(ws: hf.Workspace, rows: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(BATCH, FEATURES))
    package = hf.package(LinearRegression().fit(X[:1000], X[:1000, 0]), "m")
    endpoint = ws.create_endpoint("m")
    endpoint.deploy(ws.registry.approve(ws.registry.register(package), by="benchmark"))
    apart = DAYS * 86_400_000_000 // rows
    micros = np.arange(BATCH) * apart
    began = time.process_time()
    labelling = 0.0
    for first in range(0, rows, BATCH):
        times = np.datetime64(START.replace(tzinfo=None), "us") + (micros + first * apart)
        answer = endpoint.predict(X, time=times)
        ws.flush()
        asked = time.process_time()
        ws.interactions.label(answer.ids, X[:, 0], time=START + dt.timedelta(microseconds=int(first * apart)))
        labelling += time.process_time() - asked
    took = time.process_time() - began - labelling
    print(f"logged {rows} rows in {took:.1f} s, labelled them in {labelling:.1f} s")


def timed(what: str, ask) -> None:
    took = []
    for _ in range(3):
        began = time.process_time()
        found = ask()
        took.append(time.process_time() - began)
    rows = found if isinstance(found, int) else len(found)
    print(f"{what:50} {min(took) * 1000:9.1f} ms   ({rows} rows)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="holdfast-queries-"))
    clock = hf.SimulatedClock(START + dt.timedelta(days=DAYS))
    with hf.Workspace(folder, clock=clock, seed=1) as ws:
        if not ws.endpoints():
            fill(ws, given.rows)
    began = time.process_time()
    with hf.Workspace(folder, clock=clock) as ws:
        live = ws.endpoint("m").live
        print(f"{'open, and look up the live version':50} {(time.process_time() - began) * 1000:9.1f} ms   ({live})")
        log = ws.interactions
        size = (folder / "holdfast.db").stat().st_size
        print(f"{size / given.rows:.0f} bytes a row, label and indexes included")
        hour = START + dt.timedelta(days=DAYS / 2)
        until = hour + dt.timedelta(hours=1)
        timed("count, one hour", lambda: log.count(endpoint="m", since=hour, until=until))
        timed("count, everything", lambda: log.count(endpoint="m"))
        timed("count, everything labelled", lambda: log.count(endpoint="m", labelled=True))
        timed("rows, one hour", lambda: log.to_table(endpoint="m", since=hour, until=until))
        timed("rows, the newest 5000", lambda: log.to_table(endpoint="m", last=5000))
        timed("rows, the newest 5000 labelled", lambda: log.to_table(endpoint="m", last=5000, labelled=True))
        if given.rows <= 1_000_000:
            timed("rows, every label joined", lambda: log.to_table(endpoint="m", labelled=True))


if __name__ == "__main__":
    main()
