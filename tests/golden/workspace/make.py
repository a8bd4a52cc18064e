"""Writes a workspace whose answers were made on this machine: one endpoint a family of models, 64 rows each.

usage: make.py FOLDER, named for the processor's instruction set. See README.md.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import holdfast as hf
import lightgbm
import numpy as np
import skl2onnx
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

NAMES = [f"x{i}" for i in range(5)]


def rows(seed: int, count: int) -> Any:
    x = np.random.default_rng(seed).normal(size=(count, len(NAMES))).astype(np.float32)
    x[::7, 0] = np.round(x[::7, 0])
    return x


def models(folder: Path) -> Iterator[tuple[str, Any]]:
    x = rows(0, 400)
    y = np.sin(2 * x[:, 0]) * x[:, 1] + x[:, 2]
    label = y > 0.3
    yield "forest", hf.convert(RandomForestClassifier(8, max_depth=6, random_state=0).fit(x, label))
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    yield "linear", hf.convert(linear.fit(x.astype(float), label))
    yield "vectors", hf.convert(SVC(probability=True, random_state=0).fit(x[:120].astype(float), label[:120]))
    settings = {"objective": "binary", "num_leaves": 8, "num_threads": 1, "verbose": -1}
    lightgbm.train(settings, lightgbm.Dataset(x, label), 10).save_model(folder / "lightgbm.txt")
    yield "lightgbm", folder / "lightgbm.txt"
    booster = xgboost.train(
        {"objective": "multi:softprob", "num_class": 3, "nthread": 1, "max_depth": 3},
        xgboost.DMatrix(x, np.digitize(y, (-0.5, 0.5))),
        6,
    )
    booster.save_model(folder / "xgboost.ubj")
    yield "xgboost", folder / "xgboost.ubj"
    for activation in ("tanh", "logistic"):
        network = MLPRegressor(hidden_layer_sizes=(16, 9), activation=activation, max_iter=30, random_state=0).fit(x, y)
        (folder / f"{activation}.onnx").write_bytes(skl2onnx.to_onnx(network, x[:1]).SerializeToString())
        yield activation, folder / f"{activation}.onnx"


def main() -> None:
    clock = hf.SimulatedClock(datetime(2026, 1, 1, tzinfo=timezone.utc))
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as scratch, hf.Workspace(sys.argv[1], clock=clock, seed=1) as workspace:
        for name, model in models(Path(scratch)):
            version = workspace.registry.register(hf.package(model, name))
            endpoint = workspace.create_endpoint(name)
            endpoint.deploy(workspace.registry.approve(version, by="make.py", note="golden"))
            endpoint.predict(rows(1, 64), ids=[str(i) for i in range(64)])
            workspace.flush()


if __name__ == "__main__":
    main()
