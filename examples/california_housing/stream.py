"""Streams the later rows through the endpoint, day by day, labels a week late, and lets the loop take its steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import holdfast as hf
import numpy as np
import pandas as pd
from housing import DAY, FEATURES, LABEL_DELAY, TARGET, Rows, controller, first_package


@dataclass
class Story:
    """What happened: one row an answer, every decision as it fell, and how each version's state last changed."""

    answers: pd.DataFrame
    decisions: list[hf.Decision] = field(default_factory=list)
    versions: list[hf.Version] = field(default_factory=list)
    fates: dict[int, hf.Approval] = field(default_factory=dict)


@dataclass(frozen=True)
class Day:
    """One simulated day: its answers beside those of the model that is never retrained, and what the loop decided."""

    rows: pd.DataFrame
    proba: np.ndarray
    frozen: np.ndarray
    version: int
    decisions: list[hf.Decision]


def start(workspace: hf.Workspace, rows: Rows, seed: int) -> hf.Model:
    """Registers, approves and deploys the first version; gives it back as the model that is never retrained."""
    package = first_package(rows, seed)
    version = workspace.registry.register(package)
    workspace.registry.approve(version, by="demo", note="trained on the first part of the reference")
    workspace.create_endpoint("housing", good=["1"]).deploy(version, by="demo", reason="the first version")
    return package.load()


def days(workspace: hf.Workspace, clock: hf.SimulatedClock, rows: Rows, seed: int) -> Iterator[Day]:
    frozen = start(workspace, rows, seed)
    loop = controller(workspace, rows, seed)
    endpoint = workspace.endpoint("housing")
    later = rows.later
    for begin in range(0, len(later), DAY):
        today = later[begin : begin + DAY]
        clock.set(today["timestamp"].iloc[-1])
        answer = endpoint.predict(today[FEATURES], ids=today["id"], time=today["timestamp"])
        due = later[max(0, begin - LABEL_DELAY * DAY) : max(0, begin - LABEL_DELAY * DAY + DAY)]
        if begin >= LABEL_DELAY * DAY:
            workspace.interactions.label(due["id"], due[TARGET], time=due["timestamp"].iloc[-1])
        decisions = []
        while (step := loop.step()).before != step.after or step.decision:
            if step.decision:
                decisions.append(step.decision)
        yield Day(
            rows=today,
            proba=answer.probabilities[:, 1],
            frozen=frozen.predict_proba(today[FEATURES])[:, 1],
            version=answer.version,
            decisions=decisions,
        )


def gather(seen: list[Day], workspace: hf.Workspace) -> Story:
    answers = pd.DataFrame(
        {
            "time": np.concatenate([day.rows["timestamp"] for day in seen]),
            "truth": np.concatenate([day.rows[TARGET] for day in seen]),
            "loop": np.concatenate([day.proba for day in seen]),
            "frozen": np.concatenate([day.frozen for day in seen]),
            "version": np.concatenate([np.full(len(day.rows), day.version) for day in seen]),
        }
    )
    versions = workspace.registry.versions("housing")
    return Story(
        answers,
        decisions=[decision for day in seen for decision in day.decisions],
        versions=versions,
        fates={version.number: workspace.registry.history(version)[-1] for version in versions},
    )
