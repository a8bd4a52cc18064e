"""Forests over one-hot columns, whose tests the engine makes many at once, beside scikit-learn and ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import skl2onnx
from convert_checks import TREES, assert_close
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

TOWNS, PRODUCTS = 150, 9  # more towns than bits in a word
NUMBERS, TEXTS = ["weight", "price"], ["town", "product"]


def orders(rows: int, seed: int, towns: int = TOWNS) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "weight": rng.normal(size=rows).astype(np.float32),
            "town": [f"town-{i}" for i in rng.integers(0, towns, rows)],
            "price": rng.integers(0, 12, rows).astype(np.float32),
            "product": [f"product-{i}" for i in rng.integers(0, PRODUCTS, rows)],
        }
    )


def fitted(forest: Any) -> Any:
    frame = orders(3000, seed=1)
    number = frame.town.str.removeprefix("town-").astype(int)
    late = (number % 7 + frame.weight + (frame["product"] == "product-3") * frame.price) % 3
    columns = make_column_transformer(
        ("passthrough", NUMBERS), (OneHotEncoder(handle_unknown="ignore", sparse_output=False), TEXTS)
    )
    return make_pipeline(columns, forest).fit(frame, late.astype(int) if hasattr(forest, "class_weight") else late)


def answers(model: hf.Model, estimator: Any, frame: pd.DataFrame) -> Any:
    return model.predict_proba(frame) if hasattr(estimator, "predict_proba") else model.predict(frame)


FORESTS = [
    RandomForestClassifier(20, random_state=0),
    ExtraTreesClassifier(70, random_state=0),  # of one row, 64 trees or more walk another way
    RandomForestRegressor(10, random_state=0, max_features=0.3),
]


@pytest.mark.parametrize("forest", FORESTS, ids=lambda forest: type(forest).__name__)
def test_beside_scikit_learn(forest: Any, tmp_path: Path) -> None:
    estimator = fitted(forest)
    model = hf.convert(estimator)
    frame = orders(1000, seed=2, towns=TOWNS + 20)  # some of towns never seen
    own = estimator.predict_proba(frame) if hasattr(estimator, "predict_proba") else estimator.predict(frame)
    got = answers(model, estimator, frame)
    assert_close(got, own, TREES)
    for rows in (1, 2, 16, 17, 63, 64, 100):
        assert np.array_equal(answers(model, estimator, frame.iloc[:rows]), got[:rows])
    model.save(tmp_path / "model.hfm")
    assert np.array_equal(answers(hf.load_model(tmp_path / "model.hfm"), estimator, frame), got)


def test_beside_onnx_runtime(tmp_path: Path) -> None:
    estimator = fitted(FORESTS[0])
    frame = orders(1000, seed=3, towns=TOWNS + 20)
    types = [(name, FloatTensorType([None, 1]) if name in NUMBERS else StringTensorType([None, 1])) for name in frame]
    file = skl2onnx.to_onnx(estimator, initial_types=types, options={"zipmap": False}).SerializeToString()
    (tmp_path / "model.onnx").write_bytes(file)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    label, scores = session.run(None, {name: frame[name].to_numpy().reshape(-1, 1) for name in frame})
    model = hf.load_model(tmp_path / "model.onnx")
    assert_close(model.predict_proba(frame), scores, 20 * 2.0**-24)  # a rounding of each of 20 trees
    two = np.sort(scores, axis=1)[:, -2:]
    apart = two[:, 1] - two[:, 0] > 40 * 2.0**-24
    assert apart.sum() > 900
    assert np.array_equal(model.predict(frame)[apart], label[apart])
