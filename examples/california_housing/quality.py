"""Quality of the loop's answers beside those of the model that was never retrained, computed from the answers alone."""

from __future__ import annotations

from dataclasses import dataclass

import holdfast as hf
import pandas as pd

SIDES = ["loop", "frozen"]


def score(answers: pd.DataFrame, side: str) -> dict[str, float]:
    """Accuracy, Brier score and AUC of one side's probabilities."""
    proba = answers[side].to_numpy()
    values = hf.performance.score(
        answers["truth"].to_numpy(), (proba > 0.5).astype("int64"), proba=proba, metrics=["accuracy", "brier", "auc"]
    )
    return {name: value.value for name, value in values.items()}


def by_month(answers: pd.DataFrame) -> pd.DataFrame:
    """Rows: months; columns: (side, metric)."""
    months = answers.groupby(answers["time"].dt.strftime("%Y-%m"))
    return pd.DataFrame(
        {
            month: {(side, metric): value for side in SIDES for metric, value in score(rows, side).items()}
            for month, rows in months
        }
    ).T


def rolling(answers: pd.DataFrame, days: int = 14) -> pd.DataFrame:
    """Share of right answers and Brier score over the last days, once a day; full windows alone."""
    frame = pd.DataFrame(index=answers["time"])
    for side in SIDES:
        right = (answers[side] > 0.5) == (answers["truth"] == 1)
        frame[f"{side} accuracy"] = right.to_numpy(float)
        frame[f"{side} brier"] = ((answers[side] - answers["truth"]) ** 2).to_numpy()
    return frame.rolling(f"{days}D").mean().iloc[days * 24 :: 24]


@dataclass(frozen=True)
class Swap:
    """A deployment, and the quality of the two weeks before and after it."""

    time: pd.Timestamp
    version: int
    before: dict[str, dict[str, float]]
    after: dict[str, dict[str, float]]


def swaps(answers: pd.DataFrame, days: int = 14) -> list[Swap]:
    """One a change of version in the answers."""
    changed = answers["version"].ne(answers["version"].shift()) & answers.index.to_series().gt(0)
    found = []
    for row in answers.index[changed]:
        time = answers["time"][row]
        span = pd.Timedelta(days=days)
        before = answers[(answers["time"] >= time - span) & (answers["time"] < time)]
        after = answers[(answers["time"] >= time) & (answers["time"] < time + span)]
        sides = [{side: score(part, side) for side in SIDES} for part in (before, after)]
        found.append(Swap(time, int(answers["version"][row]), *sides))
    return found
