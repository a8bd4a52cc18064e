"""A loop in two processes that write one workspace: one serves and labels, the other steps the loop.

They go day by day: the server answers a day's rows and labels them, then the stepper takes its steps, while the server
goes on to answer for a second endpoint. Who is done with a day says so in a file. What a day has come to depends on the
rows alone, so a run in which either was killed and begun again comes to the same.

On day 1 the truth moves, so the first version goes stale and a better one is trained, promoted and deployed; on day 3
it is noise, and the challenger is refused. Packages are made once and copied: a run takes well under a second.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import small_loop
from sklearn.tree import DecisionTreeClassifier

T0 = dt.datetime(2021, 7, 1, tzinfo=dt.timezone.utc)
DAYS = 4
ROWS = 20
STALE_FROM = 1
NOISE_FROM = 3
SECONDS = 60


def rows(day: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([11, day])
    x = rng.uniform(size=(ROWS, 1))
    truth = (x[:, 0] > (0.5 if day < STALE_FROM else 0.1)).astype(np.int64)
    return x, truth if day < NOISE_FROM else rng.integers(0, 2, ROWS)


def prepare(place: Path) -> None:
    """The first version's package, and those that the trainer will have made."""
    for name, edge in {"first": 0.5, "line-1": 0.1, "later": 0.9}.items():
        x = np.random.default_rng(5).uniform(size=(200, 1))
        truth = (x[:, 0] > edge).astype(np.int64)
        tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit(x, truth)
        hf.package(tree, "line", reference=(x, truth)).save(place / f"{name}.zip")


def done(folder: Path, who: str) -> int:
    """The last day that this process is done with; -1 before the first."""
    path = folder.with_name(who)
    return int(path.read_text()) if path.exists() else -1


def say_done(folder: Path, who: str, day: int) -> None:
    new = folder.with_name(f"{who}.new")
    new.write_text(str(day))
    new.replace(folder.with_name(who))


def wait(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.001)


def serve(folder: Path, packages: Path) -> None:
    """The process that answers and labels, from the day on that it was last at."""
    signal.alarm(SECONDS)
    clock = hf.SimulatedClock(T0)
    with hf.Workspace(folder, clock=clock) as workspace:
        line = workspace.create_endpoint("line", good=["1"])
        other = workspace.create_endpoint("other", "line", good=["1"])
        version = workspace.registry.register(hf.Package.open(packages / "first.zip"))
        if version.state == "pending":
            workspace.registry.approve(version, by="me", note="the first")
        for endpoint in (other, line):
            if not endpoint.ledger():
                endpoint.deploy(version, by="me", reason="the first")
        for day in range(max(0, done(folder, "served")), DAYS):
            wait(lambda before=day - 1: done(folder, "stepped") >= before)
            clock.set(T0 + dt.timedelta(days=day + 1))
            line.refresh()
            ids = [f"{day}-{row}" for row in range(ROWS)]
            x, truth = rows(day)
            if done(folder, "served") < day:
                line.predict(x, ids=ids, time=clock.now())
                workspace.interactions.label(ids, truth, time=clock.now(), endpoint="line")
                workspace.flush()
                say_done(folder, "served", day)
            for row in range(0, ROWS, 2):
                other.predict(x[row : row + 2], ids=ids[row : row + 2], time=clock.now())
            workspace.flush()


def step(folder: Path, packages: Path) -> None:
    """The process that steps the loop, from the day on that it is not done with."""
    signal.alarm(SECONDS)

    def train(job: hf.TrainingJob) -> hf.Package:
        job.progress(0.5, "half way")
        made = packages / f"{job.id}.zip"
        return hf.Package.open(made if made.exists() else packages / "later.zip")

    def told(notification: hf.Notification) -> None:
        with folder.with_name("told").open("a") as file:
            file.write(f"{notification.sequence}\n")

    wait(lambda: done(folder, "served") >= 0)
    clock = hf.SimulatedClock(T0)
    with hf.Workspace(folder, clock=clock) as workspace:
        loop = hf.Controller(
            workspace,
            endpoint="line",
            retrain=hf.when.metric("accuracy", over="1d", min_labels=10)
            .below(0.8)
            .cooldown("36h"),  # a day may be stepped twice
            trainer=train,
            promote=hf.promote_if(metric="accuracy", min_improvement=0.02, confidence=0.8),
            approve="rule",
            seed=3,
            notify=[told],
        )
        for day in range(done(folder, "stepped") + 1, DAYS):
            wait(lambda today=day: done(folder, "served") >= today)
            clock.set(T0 + dt.timedelta(days=day + 1))
            loop.step(until="monitoring")
            say_done(folder, "stepped", day)


def told_of(folder: Path) -> set[int]:
    return {int(line) for line in folder.with_name("told").read_text().split()}


def snapshot(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What the workspace holds, and of which notifications somebody was told."""
    seen = small_loop.snapshot(folder)
    seen["told"] = [{"sequence": sequence} for sequence in sorted(told_of(folder))]
    return seen


def forked(work: Callable[[Path, Path], None], folder: Path, packages: Path) -> int:
    """The work in a process of its own: its number."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work(folder, packages)
            status = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        os._exit(status)
    return pid
