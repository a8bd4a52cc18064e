"""A workspace whose loop has a reason to retrain, and programs that train for it.

One feature x, truth "x > 0.2"; the first model splits at 0.5, the package `better.zip` at 0.2. Answers and labels are
there, and accuracy below 1.1 is asked for, so that every look finds a reason.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
from sklearn.tree import DecisionTreeClassifier

T0 = dt.datetime(2024, 3, 1, tzinfo=dt.timezone.utc)
ROWS = 60
SECONDS = 30.0

# The last argument is the job's file; `member NAME` reads one of its strings, as a shell can.
SHELL = """
job=$1
member() { sed -n "s/^ *\\"$1\\": \\"\\(.*\\)\\",\\{0,1\\}$/\\1/p" "$job"; }
"""


def split_at(edge: float, name: str = "line", features: int = 1) -> hf.Package:
    x = np.random.default_rng(5).uniform(size=(400, features))
    truth = (x[:, 0] > edge).astype(np.int64)
    return hf.package(DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, truth), name, reference=(x, truth))


def make(folder: Path) -> None:
    """The workspace `folder`/ws, and `folder`/better.zip."""
    with hf.Workspace(folder / "ws", clock=hf.SimulatedClock(T0)) as workspace:
        first = workspace.registry.register(split_at(0.5))
        workspace.registry.approve(first, by="me", note="the first")
        endpoint = workspace.create_endpoint("line", good=["1"])
        endpoint.deploy(first, by="me", reason="the first")
        x = np.random.default_rng(7).uniform(size=(ROWS, 1))
        ids = [str(row) for row in range(ROWS)]
        times = [T0 - dt.timedelta(minutes=ROWS - row) for row in range(ROWS)]
        endpoint.predict(x, ids=ids, time=times)
        workspace.interactions.label(ids, (x[:, 0] > 0.2).astype(np.int64))
    split_at(0.2).save(folder / "better.zip")


def program(folder: Path, text: str) -> hf.Subprocess:
    """A shell script as trainer; it may call `member`, and knows its folder as $here."""
    path = folder / "train.sh"
    path.write_text(f"here={folder}\n{SHELL}\n{text}\n")
    return hf.Subprocess(["sh", str(path)])


GOOD = 'cp "$here/better.zip" "$(member package).zip"'


def controller(workspace: hf.Workspace, trainer: Any, **options: Any) -> hf.Controller:
    settings: dict[str, Any] = {
        "retrain": hf.when.metric("accuracy", over=hf.rows(40), min_labels=20).below(1.1).cooldown("10d"),
        "promote": hf.promote_if(metric="accuracy", min_improvement=0.02, confidence=0.9),
        "approve": "rule",
        "notify": (),
        "seed": 3,
    }
    return hf.Controller(workspace, endpoint="line", trainer=trainer, **{**settings, **options})


def wait(condition: Callable[[], Any], what: str) -> Any:
    """Asks again and again, up to a limit; for what real processes do in their own time."""
    until = time.monotonic() + SECONDS
    while not (answer := condition()):
        assert time.monotonic() < until, f"not within {SECONDS:g} s: {what}"
        time.sleep(0.005)
    return answer


def step_while(loop: hf.Controller, state: str) -> hf.StepResult:
    """Steps until the loop has left `state`."""
    return wait(lambda: (step := loop.step()).after != state and step, f"leaving {state}")


def alive(pid: int) -> bool:
    """Whether a process is there and not merely unreaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def kill_nine(pid: int) -> None:
    os.kill(pid, 9)
