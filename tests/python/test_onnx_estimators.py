"""A file for each estimator that skl2onnx and onnxmltools convert, at the oldest and the newest operator set, with and
without ZipMap: it agrees with ONNX Runtime, or is refused by name; docs/models.md has the same list.

Bound: 1e-5 of max(1, |value|), float32's rounding through sums; 1e-4 for distances to centres, which are square roots
of differences. Labels are the same, except where the two best scores lie closer than the bound.
"""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import onnx
import onnxruntime as ort
import pytest
import skl2onnx

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from onnx_estimators import fitted, kinds
from sklearn.base import is_classifier

Array = np.ndarray[Any, Any]

ort.set_default_logger_severity(4)

NEWEST = skl2onnx.__max_supported_opset__
# The oldest operator set that the converter takes, and ONNX Runtime with it; else 9.
OLDEST = {
    **dict.fromkeys(["FeatureHasher", "QuadraticDiscriminantAnalysis", "QuantileTransformer"], 13),
    **dict.fromkeys(["IsolationForest", "KBinsDiscretizer", "LabelEncoder", "MultiOutputClassifier"], 11),
    **dict.fromkeys(["OneVsOneClassifier", "OrdinalEncoder", "RadiusNeighborsClassifier", "TargetEncoder"], 11),
    **dict.fromkeys(["RadiusNeighborsRegressor", "ReplaceTransformer", "_ConstantPredictor"], 11),
    "GaussianProcessClassifier": 13,
    "KNNImputer": 18,
}
# skl2onnx fails on these with the scikit-learn that is installed.
NOT_CONVERTED = {"HistGradientBoostingClassifier", "HistGradientBoostingRegressor"}
REFUSED = {
    "AdaBoostRegressor": r"ArrayFeatureExtractor \(node \d+\) with positions",
    "CountVectorizer": r"StringNormalizer",
    "FeatureHasher": r"MurmurHash3",
    "GaussianProcessClassifier": r"Scan",
    "GaussianProcessRegressor": r"Scan",
    "KNNImputer": r"Compress",
    "KNeighborsClassifier": r"Scan",
    "KNeighborsRegressor": r"Scan",
    "KNeighborsTransformer": r"Scan",
    "LocalOutlierFactor": r"Scan",
    "MultiOutputClassifier": r"SequenceConstruct",
    "NearestNeighbors": r"Scan",
    "QuadraticDiscriminantAnalysis": r"Concat \(node \d+\) mixes rows",
    "QuantileTransformer": r"Flatten \(node \d+\) mixes rows",
    "RadiusNeighborsClassifier": r"Scan",
    "RadiusNeighborsRegressor": r"Scan",
    "TfidfVectorizer": r"StringNormalizer",
    "_ConstantPredictor": r"Tile \(node \d+\) as often as there are rows",
}
DISTANCES = {"KMeans", "MiniBatchKMeans"}


def files(name: str, estimator: Any, types: Any) -> list[onnx.ModelProto]:
    out = []
    dictionaries = (False, True) if is_classifier(estimator) and hasattr(estimator, "predict_proba") else (None,)
    for opset in (OLDEST.get(name, 9), NEWEST):
        for zipmap in dictionaries:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                out.append(
                    skl2onnx.to_onnx(
                        estimator,
                        initial_types=types,
                        target_opset={"": opset, "ai.onnx.ml": 1 if opset < 11 else 3},
                        options=None if zipmap is None or name in ("RFE", "RFECV") else {"zipmap": zipmap},
                    )
                )
    return out


def as_array(value: Any) -> Array:
    if isinstance(value, list) and isinstance(value[0], dict):  # of a ZipMap
        return np.array([list(row.values()) for row in value])
    return np.asarray(value)


def runtime(model: onnx.ModelProto, feeds: Any) -> list[Array]:
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    if isinstance(feeds, list):  # dictionaries go one by one
        return [np.concatenate(rows) for rows in zip(*(session.run(None, {"X": row}) for row in feeds), strict=True)]
    return [as_array(value) for value in session.run(None, feeds)]


def ours(model: hf.Model, feeds: Any) -> dict[str, Array]:
    if isinstance(feeds, list):
        names = model.signature.features
        feeds = {name: np.array([row.get(name, 0.0) for row in feeds], dtype=np.float32) for name in names}
    elif len(feeds) == 1:
        return dict(model.run(feeds["X"]))
    return dict(model.run({name: column.ravel() for name, column in feeds.items()}))


def agree(got: Array, wanted: Array, certain: Array, bound: float) -> None:
    got = np.asarray(got).reshape(wanted.shape)
    if wanted.dtype.kind == "f":
        np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))
        assert np.all((np.abs(got - wanted) <= bound * np.maximum(1.0, np.abs(wanted))) | np.isnan(wanted))
    else:
        rows = certain if len(certain) == len(wanted) else np.full(len(wanted), True)
        assert got.astype(str)[rows].tolist() == wanted.astype(str)[rows].tolist()


def certain_rows(wanted: list[Array]) -> Array:
    """Where the two best scores, or a single score and zero, lie apart."""
    for scores in wanted:
        if scores.dtype.kind == "f" and scores.ndim == 2 and scores.shape[1] > 1:
            best = np.sort(scores, axis=1)
            return np.asarray(best[:, -1] - best[:, -2] > 1e-5)
        if scores.dtype.kind == "f" and len(wanted) > 1:
            return np.abs(scores.ravel()) > 1e-5
    return np.full(len(wanted[0]), True)


@pytest.mark.parametrize("name", sorted(set(kinds()) - NOT_CONVERTED))
def test_estimator(name: str, tmp_path: Path) -> None:
    estimator, feeds, types = fitted(name)
    path = tmp_path / "m.onnx"
    for model in files(name, estimator, types):
        path.write_bytes(model.SerializeToString())
        if name in REFUSED:
            with pytest.raises(hf.Unsupported, match=REFUSED[name]):
                hf.load_model(path)
            continue
        got, wanted = ours(hf.load_model(path), feeds), runtime(model, feeds)
        certain = certain_rows(wanted)
        assert certain.mean() > 0.9 or all(values.dtype.kind == "f" for values in wanted)
        for output, values in zip(model.graph.output, wanted, strict=True):
            agree(got[output.name], values, certain, 1e-4 if name in DISTANCES else 1e-5)


def boosters() -> dict[str, tuple[Any, Any]]:
    """XGBoost's and LightGBM's estimators, fitted, and their converters."""
    import lightgbm as lgb
    import xgboost as xgb
    from onnxmltools import convert_lightgbm, convert_xgboost

    x, y = booster_rows(), np.abs(np.random.default_rng(1).normal(size=200))
    three, two = (y * 3).astype(int) % 3, (y > 0.7) * 1
    trees: dict[str, Any] = {"n_estimators": 5, "max_depth": 3, "n_jobs": 1}
    leaves: dict[str, Any] = {"n_estimators": 5, "num_leaves": 5, "n_jobs": 1, "verbose": -1}
    forest = {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}
    return {
        "XGBRegressor": (xgb.XGBRegressor(**trees).fit(x, y), convert_xgboost),
        "XGBRegressor, counts": (xgb.XGBRegressor(**trees, objective="count:poisson").fit(x, y), convert_xgboost),
        "XGBRFRegressor": (xgb.XGBRFRegressor(**trees).fit(x, y), convert_xgboost),
        "XGBClassifier": (xgb.XGBClassifier(**trees).fit(x, three), convert_xgboost),
        "XGBClassifier, two classes": (xgb.XGBClassifier(**trees).fit(x, two), convert_xgboost),
        "XGBRFClassifier": (xgb.XGBRFClassifier(**trees).fit(x, three), convert_xgboost),
        "xgboost.Booster": (xgb.XGBRegressor(**trees).fit(x, y).get_booster(), convert_xgboost),
        "LGBMRegressor": (lgb.LGBMRegressor(**leaves).fit(x, y), convert_lightgbm),
        "LGBMRegressor, counts": (lgb.LGBMRegressor(**leaves, objective="poisson").fit(x, y), convert_lightgbm),
        "LGBMRegressor, forest": (lgb.LGBMRegressor(**leaves, **forest).fit(x, y), convert_lightgbm),
        "LGBMClassifier": (lgb.LGBMClassifier(**leaves).fit(x, three), convert_lightgbm),
        "LGBMClassifier, two classes": (lgb.LGBMClassifier(**leaves).fit(x, two), convert_lightgbm),
        "LGBMClassifier, ova": (
            lgb.LGBMClassifier(**leaves, objective="multiclassova").fit(x, three),
            convert_lightgbm,
        ),
        "LGBMRanker": (lgb.LGBMRanker(**leaves).fit(x, three, group=[100, 100]), convert_lightgbm),
        "lightgbm.Booster": (lgb.LGBMRegressor(**leaves).fit(x, y).booster_, convert_lightgbm),
    }


def booster_rows() -> Array:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = np.nan
    return np.asarray(x)


@pytest.mark.filterwarnings("ignore")
def test_boosters_of_onnxmltools(tmp_path: Path) -> None:
    from onnxmltools.convert.common.data_types import FloatTensorType

    x, path = booster_rows(), tmp_path / "m.onnx"
    for name, (estimator, convert) in boosters().items():
        dictionaries = [{"zipmap": True}, {"zipmap": False}] if name.startswith("LGBMClassifier") else [{}]
        for opset in (9, 15):  # the oldest and the newest that onnxmltools takes
            for options in dictionaries:
                types = [("X", FloatTensorType([None, 4]))]
                model = convert(estimator, initial_types=types, target_opset=opset, **options)
                path.write_bytes(model.SerializeToString())
                got, wanted = hf.load_model(path).run(x), runtime(model, {"X": x})
                certain = certain_rows(wanted)
                for output, values in zip(model.graph.output, wanted, strict=True):
                    agree(got[output.name], values, certain, 1e-6)


@pytest.mark.filterwarnings("ignore")
def test_catboost_of_onnxmltools(tmp_path: Path) -> None:
    import catboost as cb
    from onnxmltools import convert_catboost

    x, path = booster_rows(), tmp_path / "m.onnx"
    y = np.abs(np.random.default_rng(1).normal(size=200))
    settings = {"iterations": 5, "depth": 2, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
    for estimator in (
        cb.CatBoostRegressor(**settings).fit(x, y),
        cb.CatBoostClassifier(**settings).fit(x, (y > 0.7) * 1),
        cb.CatBoostClassifier(**settings).fit(x, (y * 3).astype(int) % 3),
    ):
        model = convert_catboost(estimator, name="m", doc_string="one operator set, always with ZipMap")
        path.write_bytes(model.SerializeToString())
        got, wanted = hf.load_model(path).run(x), runtime(model, {"features": x})
        for output, values in zip(model.graph.output, wanted, strict=True):
            agree(got[output.name], values, certain_rows(wanted), 1e-6)


def test_what_skl2onnx_does_not_convert() -> None:
    for name in NOT_CONVERTED:
        estimator, _, types = fitted(name)
        with pytest.raises(Exception, match="Unable to create node"):
            files(name, estimator, types)


def test_the_documentation_has_the_same_lists() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs/models.md").read_text()
    listed = re.search(r"Of skl2onnx's (\d+) estimators, (\d+) load.*?Refused: (.*?)\. Not converted", text, re.DOTALL)
    assert listed is not None
    names = set(re.findall(r"`(\w+)`", listed[3]))
    assert names == set(REFUSED)
    assert int(listed[1]) == len(kinds())
    assert int(listed[2]) == len(kinds()) - len(REFUSED) - len(NOT_CONVERTED)
