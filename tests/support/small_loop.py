"""A loop of about a second, which any process can go on with from what its workspace holds.

Thirty rows a day, labels a day late. From day 4 on the truth moves, so that the first model goes stale: a retraining is
fired and its challenger promoted. From day 10 on labels are noise: another is fired, and its challenger refused.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
from sklearn.tree import DecisionTreeClassifier

T0 = dt.datetime(2021, 7, 1, tzinfo=dt.timezone.utc)
DAYS = 16
ROWS = 30
STALE_FROM = 4
NOISE_FROM = 10
FEATURES = ["a", "b"]


def rows(day: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Features and truth of a day; day -1 is the past that the first model knows."""
    rng = np.random.default_rng([7, day + 1])
    count = 10 * ROWS if day < 0 else ROWS
    features = {name: rng.uniform(size=count) for name in FEATURES}
    edge = 0.5 if day < STALE_FROM else 0.15
    truth = (features["a"] > edge).astype(np.int64)
    return features, truth if day < NOISE_FROM else rng.integers(0, 2, count)


def ids(day: int) -> list[str]:
    return [f"{day}-{row}" for row in range(ROWS)]


def package(features: dict[str, np.ndarray], truth: np.ndarray, name: str, seed: int) -> hf.Package:
    matrix = np.column_stack([features[column] for column in FEATURES])
    tree = DecisionTreeClassifier(max_depth=3, random_state=seed % 2**32).fit(matrix, truth)
    return hf.package(tree, name, train=(matrix, truth), reference=(matrix, truth), evaluate=["accuracy"])


def train(job: hf.TrainingJob) -> hf.Package:
    """Writes its package as a zip and opens it again, as a trainer in another process would."""
    samples = job.samples
    made = package(
        {name: samples[f"x{i}"].to_numpy() for i, name in enumerate(FEATURES)},
        samples["label"].to_numpy(),
        job.model,
        job.seed,
    )
    path = Path(job.workdir) / "made.zip"
    made.save(path)
    return hf.Package.open(path)


def controller(workspace: hf.Workspace) -> hf.Controller:
    return hf.Controller(
        workspace,
        endpoint="line",
        retrain=hf.when.metric("accuracy", over="3d", min_labels=40).below(0.8).held_for("1d").cooldown("4d"),
        select=hf.select.labelled(latest=60),
        trainer=train,
        promote=hf.promote_if(metric="accuracy", min_improvement=0.02, confidence=0.9),
        approve="rule",
        seed=3,
    )


def start(workspace: hf.Workspace, folder: Path) -> hf.Endpoint:
    """The first version; what is there already stays as it is."""
    exported = folder.with_name(folder.name + "-first")
    if not exported.exists():
        package(*rows(-1), "line", 1).save(exported)
    endpoint = workspace.create_endpoint("line", good=["1"])
    if not endpoint.ledger():
        version = workspace.registry.register(hf.Package.open(exported))
        workspace.registry.approve(version, by="me", note="the first")
        endpoint.deploy(version, by="me", reason="the first")
    return endpoint


def run(folder: Path) -> None:
    """Runs the loop to its end, from wherever it was left; a day that had begun is begun again."""
    clock = hf.SimulatedClock(T0)
    with hf.Workspace(folder, clock=clock) as workspace:
        endpoint = start(workspace, folder)
        loop = controller(workspace)
        logged = table(folder, "SELECT count(*) AS rows FROM interactions")[0]["rows"]
        for day in range(max(0, logged // ROWS - 1), DAYS):
            clock.set(T0 + dt.timedelta(days=day + 1))
            features, _ = rows(day)
            endpoint.predict(np.column_stack(list(features.values())), ids=ids(day), time=clock.now())
            if day > 0:
                workspace.interactions.label(ids(day - 1), rows(day - 1)[1], time=clock.now())
            while (step := loop.step()).before != step.after or step.decision:
                pass


def table(folder: Path, sql: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(folder / "holdfast.db")
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(sql)]
    finally:
        connection.close()


# What a resumed run may have otherwise: the numbers of its transactions, and with them what was hashed over them.
FREE = {"seq", "txn", "latency_ns", "transaction", "observation_hash", "owner", "fence", "lease_until", "process"}
JSON_COLUMNS = {"manifest", "decision", "observation", "state", "spec", "body"}


def without_free(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_free(member) for key, member in value.items() if key not in FREE}
    return [without_free(item) for item in value] if isinstance(value, list) else value


def snapshot(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of the workspace and the names of its files, without what is free."""
    seen = {}
    for name, order in {
        "versions": "version",
        "approvals": "seq",
        "endpoints": "name",
        "deployments": "seq",
        "interactions": "event_time, id",
        "labels": "seq",
        "decisions": "sequence",
        "jobs": "id",
        "outbox": "seq",
        "deliveries": "channel, seq",
        "schemas": "schema",
        "controllers": "endpoint",
    }.items():
        found = table(folder, f"SELECT * FROM {name} ORDER BY {order}")
        for row in found:
            for column in JSON_COLUMNS & row.keys():
                if isinstance(row[column], str) and row[column].startswith("{"):
                    row[column] = json.loads(row[column])
            if name == "controllers":
                # When its lease was last taken.
                row["event_time"] = row["recorded_time"] = None
        seen[name] = without_free(found)
    # What was being written when the process died stays under a hidden name, which nothing reads.
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("[!.]*") if path.is_file())
    seen["files"] = [{"path": path} for path in files if not path.startswith("holdfast.db")]
    return seen


def differences(seen: dict[str, list[dict[str, Any]]], wanted: dict[str, list[dict[str, Any]]]) -> list[str]:
    found = []
    for name, rows_wanted in wanted.items():
        rows_seen = seen[name]
        if len(rows_seen) != len(rows_wanted):
            found.append(f"{name}: {len(rows_seen)} rows, {len(rows_wanted)} wanted")
        for number, (one, other) in enumerate(zip(rows_seen, rows_wanted, strict=False)):
            for column in other:
                if one.get(column) != other[column]:
                    found.append(f"{name} {number}, {column}: {one.get(column)!r} seen, {other[column]!r} wanted")
    return found


def standing(folder: Path) -> str:
    """Where a loop was left, in a few words."""
    if not (folder / "holdfast.db").exists():
        return "no workspace yet"
    try:
        logged = table(folder, "SELECT count(*) AS n FROM interactions")[0]["n"]
        labels = table(folder, "SELECT count(*) AS n FROM labels")[0]["n"]
        decisions = table(folder, "SELECT count(*) AS n FROM decisions")[0]["n"]
        versions = table(folder, "SELECT version, state FROM versions ORDER BY version")
        controllers = table(folder, "SELECT state FROM controllers")
    except sqlite3.OperationalError:
        return "a workspace without tables"
    state = json.loads(controllers[0]["state"]) if controllers and controllers[0]["state"] else None
    registry = " ".join(f"v{row['version']} {row['state']}" for row in versions) or "no version"
    loop = state["state"] if state else "no controller"
    return f"day {logged // ROWS}, {labels} labels, {decisions} decisions, {registry}, {loop}"


if __name__ == "__main__":
    run(Path(sys.argv[1]))
    print(standing(Path(sys.argv[1])))
