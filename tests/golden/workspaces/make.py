"""Writes a workspace whose log holds answers of every native engine, as the processor at hand computes them.

usage: make.py FOLDER    (one that is not there: tests/golden/workspaces/avx2)
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import holdfast as hf
import lightgbm
import numpy as np
import xgboost
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

ROWS, FEATURES = 48, 12
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)


def models(x: np.ndarray, target: np.ndarray, classes: np.ndarray) -> dict[str, Any]:
    """One for each engine: walks, bit vectors, general trees, kernel machines, products, functions in vectors."""
    train = lightgbm.Dataset(x, target)
    options = {"num_leaves": 31, "min_data_in_leaf": 3, "verbose": -1, "num_threads": 1}
    gaps = np.where(np.random.default_rng(2).random(x.shape) < 0.1, np.nan, x)
    network = MLPClassifier((8, 8), activation="tanh", max_iter=80, random_state=0).fit(x, classes)
    return {
        "forest": RandomForestClassifier(20, max_depth=7, random_state=0).fit(x, classes),
        "deep_forest": RandomForestRegressor(5, random_state=0).fit(x, target),
        "leaves": lightgbm.train(options, train, 20),
        "linear_leaves": lightgbm.train({**options, "linear_tree": True}, lightgbm.Dataset(x, target), 5),
        "boosted": xgboost.XGBClassifier(n_estimators=20, max_depth=4, n_jobs=1).fit(gaps, classes),
        "margins": SVC(probability=True, random_state=0).fit(x, classes),
        "tanh_margins": SVR(kernel="sigmoid", gamma=0.02).fit(x, target),
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(x, classes),
        "network": to_onnx(network, x[:1].astype(np.float32), options={"zipmap": False}).SerializeToString(),
    }


def main(folder: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, FEATURES))
    target = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + 0.3 * rng.normal(size=300)
    classes = np.digitize(target, [-0.5, 0.5])
    asked = rng.normal(size=(ROWS, FEATURES)) * np.exp(rng.normal(size=(ROWS, 1)))
    with hf.Workspace(folder, clock=hf.SimulatedClock(START), seed=1) as ws:
        for name, model in models(x, target, classes).items():
            if isinstance(model, bytes):
                file = folder / "network.onnx"
                file.write_bytes(model)
                package = hf.package(hf.load_model(file), name)
                file.unlink()
            else:
                package = hf.package(model, name)
            endpoint = ws.create_endpoint(name)
            endpoint.deploy(ws.registry.approve(ws.registry.register(package), by="golden", note="golden"))
            rows = asked.astype(np.float32) if name == "network" else asked
            endpoint.predict(rows, ids=[f"{name}-{row}" for row in range(ROWS)], time=START)
        ws.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
