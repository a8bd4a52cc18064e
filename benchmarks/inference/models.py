"""Fits the models that classical.py times, and writes each for every peer: run by the peers' interpreter."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy
import onnxmltools
import skl2onnx
import tl2cgen
import treelite
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.svm import SVC


def rows(random: numpy.random.Generator, count: int, features: int) -> tuple[Any, Any]:
    x = random.normal(size=(count, features)).astype(numpy.float32)
    noise = random.normal(size=count)
    return x, numpy.sin(3 * x[:, 0]) * x[:, 1] + x[:, 2] ** 2 + x[:, 3] + 0.3 * noise


def converted(folder: Path, name: str, estimator: Any, features: int) -> None:
    options = {"zipmap": False} if hasattr(estimator, "classes_") else None
    file = skl2onnx.to_onnx(estimator, numpy.zeros((1, features), numpy.float32), options=options)
    (folder / f"{name}.onnx").write_bytes(file.SerializeToString())
    joblib.dump(estimator, folder / f"{name}.joblib")


def forest(folder: Path, name: str, estimator: Any, features: int) -> None:
    estimator.n_jobs = 1
    converted(folder, name, estimator, features)
    treelite.sklearn.import_model(estimator).serialize(str(folder / f"{name}.treelite"))


def boosted(folder: Path, name: str, booster: Any, convert: Any, trees: Any) -> None:
    file = convert(booster, initial_types=[("X", FloatTensorType([None, 50]))])
    (folder / f"{name}.onnx").write_bytes(file.SerializeToString())
    trees.serialize(str(folder / f"{name}.treelite"))
    params = {"parallel_comp": 8}
    tl2cgen.export_lib(trees, toolchain="gcc", libpath=str(folder / f"{name}.so"), params=params, nthread=1)


def fit(folder: Path, name: str) -> None:
    random = numpy.random.default_rng(7)
    if name == "a":
        x, y = rows(random, 13_500, 4)
        forest(folder, name, RandomForestRegressor(100, max_depth=16, random_state=0).fit(x, y), 4)
    elif name == "b":
        x, y = rows(random, 6_000, 30)
        forest(folder, name, RandomForestClassifier(300, random_state=0).fit(x, y > 1), 30)
    elif name == "c":
        x, y = rows(random, 6_000, 50)
        settings = {"objective": "regression", "num_leaves": 31, "learning_rate": 0.05, "num_threads": 1, "verbose": -1}
        booster = lightgbm.train(settings, lightgbm.Dataset(x, y), 500)
        booster.save_model(folder / "c.txt")
        boosted(folder, name, booster, onnxmltools.convert_lightgbm, treelite.frontend.from_lightgbm(booster))
    elif name == "d":
        x, y = rows(random, 6_000, 50)
        shape = {"max_leaves": 31, "max_depth": 0, "grow_policy": "lossguide", "tree_method": "hist"}
        booster = xgboost.train({**shape, "eta": 0.05, "nthread": 1}, xgboost.DMatrix(x, y), 500)
        booster.save_model(folder / "d.ubj")
        boosted(folder, name, booster, onnxmltools.convert_xgboost, treelite.frontend.from_xgboost(booster))
    else:
        count, features = (9_000, 30) if name == "e" else (500, 12)
        x, y = rows(random, count, features)
        converted(folder, name, SVC(probability=True, random_state=0).fit(x, y > 1), features)


if __name__ == "__main__":
    fit(Path(sys.argv[1]), sys.argv[2])
