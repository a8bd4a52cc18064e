"""California housing: the rows, the policies and the trainer that the demo, the notebook and the tests share."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import holdfast as hf
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

FEATURES = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]
TARGET = "clf_target"  # is the house dear?
TRAINING_ROWS = 4000  # of the reference; the others are the first version's reference profile
DAY = 24  # rows: one an hour
LABEL_DELAY = 7  # days
METRICS = ["accuracy", "brier", "auc"]


@dataclass(frozen=True)
class Rows:
    """Rows in order of time, with the truth."""

    reference: pd.DataFrame
    later: pd.DataFrame


def find_wheel(folder: Path) -> Path:
    """The wheel whose CSVs hold the rows; `make demo` downloads it."""
    wheels = sorted(folder.glob("nannyml-*.whl"))
    if not wheels:
        raise SystemExit(
            f"no nannyml wheel in {folder}: run `make demo`, or pip download --no-deps -d {folder} nannyml==0.13.1"
        )
    return wheels[-1]


def read_rows(wheel: Path) -> Rows:
    """Reads the CSVs out of the wheel, without installing it.

    The file's own `y_pred` columns are another model's answers and are left out.
    """
    with zipfile.ZipFile(wheel) as archive:

        def read(name: str) -> pd.DataFrame:
            path = next(entry for entry in archive.namelist() if entry.endswith(f"/california_housing_{name}.csv"))
            with archive.open(path) as file:
                return pd.read_csv(file)

        later = read("analysis").merge(read("analysis_gt"), on="id", validate="1:1")
        rows = [read("reference"), later]
    for frame in rows:
        frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    kept = ["id", "timestamp", *FEATURES, TARGET]
    return Rows(*(frame[kept].sort_values("timestamp", ignore_index=True) for frame in rows))


def forest(seed: int) -> RandomForestClassifier:
    return RandomForestClassifier(60, max_depth=12, random_state=seed % 2**32)


def first_package(rows: Rows, seed: int) -> hf.Package:
    """Trained on the first part of the reference; the rest is its reference profile and computes its metrics."""
    train, rest = rows.reference[:TRAINING_ROWS], rows.reference[TRAINING_ROWS:]
    estimator = forest(seed).fit(train[FEATURES], train[TARGET])
    return hf.package(
        estimator,
        "housing",
        train=(train[FEATURES], train[TARGET]),
        reference=(rest[FEATURES], rest[TARGET]),
        evaluate=METRICS,
    )


class Trainer:
    """Trains on the reference and the job's samples; a random fifth of them stays back as the reference profile."""

    def __init__(self, rows: Rows) -> None:
        self.reference = rows.reference[[*FEATURES, TARGET]]

    def __call__(self, job: hf.TrainingJob) -> hf.Package:
        samples = job.samples.rename(columns={"label": TARGET})[[*FEATURES, TARGET]]
        known = pd.concat([self.reference, samples], ignore_index=True)
        order = np.random.default_rng(job.seed).permutation(len(known))
        rest, train = (known.iloc[np.sort(part)] for part in np.split(order, [len(known) // 5]))
        job.progress(0.1, f"{len(train)} rows")
        estimator = forest(job.seed).fit(train[FEATURES], train[TARGET])
        job.progress(0.8, "packaging")
        return hf.package(
            estimator,
            job.model,
            train=(train[FEATURES], train[TARGET]),
            reference=(rest[FEATURES], rest[TARGET]),
            evaluate=METRICS,
        )


def retrain_rule() -> hf.Rule:
    """Fewer than 70 % right over two weeks of labels, for two days; or half of the columns drifted over four weeks.

    Rows in county order are so autocorrelated that a month of them is worth a handful: ``alpha`` takes them as they
    come, at every step, and lives with the false alarms.
    """
    return hf.any_of(
        hf.when.metric("accuracy", over="14d", min_labels=200).below(0.70).held_for("2d"),
        hf.when.drift(share=0.5, over=hf.rows(28 * DAY), alpha=0.05),
    ).cooldown("21d")


def promote_rule() -> hf.PromoteIf:
    """Better by half a point of Brier score on the newest fifth of the labels, with 95 % confidence."""
    return hf.promote_if(metric="brier", min_improvement=0.005, confidence=0.95)


def controller(workspace: hf.Workspace, rows: Rows, seed: int) -> hf.Controller:
    return hf.Controller(
        workspace,
        endpoint="housing",
        retrain=retrain_rule(),
        select=hf.select.labelled(),
        trainer=Trainer(rows),
        promote=promote_rule(),
        approve="rule",
        holdout=0.2,
        seed=seed,
    )
