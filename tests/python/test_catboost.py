"""CatBoost's .json and .onnx against CatBoost itself, on the same inputs with missing values.

Bound: leaves are added in double on both sides, CatBoost in an order of its own, so answers of .json lie within 1e-13
of max(1, |value|). Its ONNX rounds leaves to float32 and changes how classes are told apart; see each test.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import catboost as cb
import holdfast as hf
import numpy as np
import pytest
from holdfast import _core

Array = np.ndarray[Any, Any]
BOUND = 1e-13
ROWS = 200
POLICIES = ["SymmetricTree", "Depthwise", "Lossguide"]
RAW = [
    "RMSE",
    "MAE",
    "Quantile:alpha=0.3",
    "LogLinQuantile",
    "MAPE",
    "Lq:q=2",
    "LogCosh",
    "Huber:delta=1",
    "Expectile:alpha=0.3",
    "Cox",
]
EXP = ["Poisson", "Tweedie:variance_power=1.5"]
RANKING = ["YetiRank", "YetiRankPairwise", "PairLogit", "PairLogitPairwise", "QueryRMSE", "QuerySoftMax"]


def inputs(seed: int, columns: int = 4, missing: float = 0.1) -> Array:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, columns)).astype(np.float32)
    x[:, 0] = np.round(x[:, 0], 1)
    x[rng.random(x.shape) < missing] = np.nan
    return x


def rows_for(x: Array, model: Any) -> Array:
    """Also rows with infinities, and with every border, the float above it and the one below."""
    rng = np.random.default_rng(0)
    more = rng.choice(x.ravel(), (80, x.shape[1]))
    more[rng.random(more.shape) < 0.1] = np.inf
    more[rng.random(more.shape) < 0.1] = -np.inf
    for column, borders in model.get_borders().items():
        near = [np.float32(b) for b in borders][:60]
        for at, border in enumerate(near):
            to = [border, np.nextafter(border, np.float32(9e9)), np.nextafter(border, np.float32(-9e9))][at % 3]
            more[at, column] = to
    return np.asarray(np.concatenate([x, more]).astype(np.float32))


def fitted(kind: Any, x: Array, y: Array, **options: Any) -> Any:
    settings = {"iterations": 8, "depth": 3, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(**{**settings, **options}).fit(x, y)


def saved(model: Any, folder: Path, kind: str = "json") -> Path:
    path = folder / f"model.{kind}"
    model.save_model(str(path), format=kind)
    return path


def loaded(model: Any, folder: Path) -> hf.Model:
    ours = hf.load_model(saved(model, folder))
    assert ours.backend == "catboost"
    kept = _core.Graph.from_bytes(ours.graph.to_bytes())
    assert kept == ours.graph
    return ours


def close(ours: Array, theirs: Array, bound: float = BOUND) -> None:
    assert ours.shape == theirs.shape
    assert np.all(np.abs(ours - theirs) <= bound * np.maximum(1.0, np.abs(theirs)))


def targets(seed: int) -> Array:
    return np.asarray(np.abs(np.random.default_rng(seed + 1000).normal(size=ROWS)) + 0.1)


@pytest.mark.parametrize("loss", [*RAW, *EXP])
@pytest.mark.parametrize("policy", POLICIES)
def test_regression(loss: str, policy: str, tmp_path: Path) -> None:
    x = inputs(3)
    model = fitted(cb.CatBoostRegressor, x, targets(3), loss_function=loss, grow_policy=policy)
    rows = rows_for(x, model)
    ours = loaded(model, tmp_path)
    assert ours.signature.outputs[0].name == "prediction"
    close(ours.predict(rows), model.predict(rows))
    close(ours.predict(rows.astype(np.float64)), model.predict(rows))


@pytest.mark.parametrize("loss", ["Logloss", "CrossEntropy", "MultiClass", "MultiClassOneVsAll"])
@pytest.mark.parametrize("policy", POLICIES)
def test_classification(loss: str, policy: str, tmp_path: Path) -> None:
    x = inputs(5)
    several = loss.startswith("Multi")
    y = (targets(5) * 2).astype(int) % (4 if several else 2)
    model = fitted(cb.CatBoostClassifier, x, y, loss_function=loss, grow_policy=policy)
    rows = rows_for(x, model)
    ours = loaded(model, tmp_path)
    close(ours.predict_proba(rows), model.predict_proba(rows))
    np.testing.assert_array_equal(ours.predict(rows), model.predict(rows).ravel())


@pytest.mark.parametrize("loss", RANKING)
def test_ranking(loss: str, tmp_path: Path) -> None:
    x = inputs(6)
    pool = cb.Pool(x, (targets(6) > 0.7) * 1, group_id=np.arange(ROWS) // 10)
    settings = {"iterations": 5, "depth": 3, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
    model = cb.CatBoostRanker(**settings, loss_function=loss).fit(pool)
    rows = rows_for(x, model)
    close(loaded(model, tmp_path).predict(rows), model.predict(rows))
    close(hf.convert(model).predict(rows), model.predict(rows))


@pytest.mark.parametrize("loss", ["MultiRMSE", "MultiRMSEWithMissingValues"])
def test_several_targets(loss: str, tmp_path: Path) -> None:
    x = inputs(7)
    y = np.stack([targets(7), -targets(8), targets(9)], axis=1)
    for policy in POLICIES:
        model = fitted(cb.CatBoostRegressor, x, y, loss_function=loss, grow_policy=policy)
        rows = rows_for(x, model)
        close(loaded(model, tmp_path).predict(rows), model.predict(rows))


def test_several_quantiles(tmp_path: Path) -> None:
    x = inputs(7)
    model = fitted(cb.CatBoostRegressor, x, targets(7), loss_function="MultiQuantile:alpha=0.2,0.8")
    rows = rows_for(x, model)
    close(loaded(model, tmp_path).predict(rows), model.predict(rows))


@pytest.mark.parametrize("mode", ["Min", "Max", "Forbidden"])
@pytest.mark.parametrize("policy", POLICIES)
def test_missing_values(mode: str, policy: str, tmp_path: Path) -> None:
    x = inputs(9, missing=0.3)
    trained = np.nan_to_num(x) if mode == "Forbidden" else x
    y = targets(9) + 3.0 * np.isnan(x[:, 1])
    model = fitted(cb.CatBoostRegressor, trained, y, nan_mode=mode, grow_policy=policy)
    rows = rows_for(x, model)
    close(loaded(model, tmp_path).predict(rows), model.predict(rows))
    treatments = {"Min": "AsFalse", "Max": "AsTrue", "Forbidden": "AsIs"}
    features = json.loads((tmp_path / "model.json").read_text())["features_info"]["float_features"]
    assert treatments[mode] in {feature["nan_value_treatment"] for feature in features}


@pytest.mark.parametrize("seed", range(60))
def test_random_shapes(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    x = inputs(seed, int(rng.integers(1, 40)), float(rng.choice([0.0, 0.2])))
    options = {
        "depth": int(rng.integers(1, 9)),
        "iterations": int(rng.integers(1, 30)),
        "border_count": int(rng.choice([1, 8, 254])),
        "learning_rate": float(rng.choice([0.03, 1.0])),
        "grow_policy": str(rng.choice(POLICIES)),
    }
    if seed % 2:
        y = (targets(seed) * 3).astype(int) % int(rng.integers(2, 5))
        model = fitted(cb.CatBoostClassifier, x, y, **options)
        rows = rows_for(x, model)
        ours = loaded(model, tmp_path)
        close(ours.predict_proba(rows), model.predict_proba(rows))
        np.testing.assert_array_equal(ours.predict(rows), model.predict(rows).ravel())
    else:
        model = fitted(cb.CatBoostRegressor, x, targets(seed), **options)
        rows = rows_for(x, model)
        close(loaded(model, tmp_path).predict(rows), model.predict(rows))


@pytest.mark.parametrize("names", [[3, 8], ["no", "yes"], [False, True], [0.0, 2.0], ["a", "b", "c"], [7, 5, 6]])
def test_labels(names: list[Any], tmp_path: Path) -> None:
    x = inputs(4)
    y = np.array(names)[(targets(4) * 4).astype(int) % len(names)]
    model = fitted(cb.CatBoostClassifier, x, y)
    wanted = model.predict(x).ravel()
    text = isinstance(names[0], str)
    for ours in (loaded(model, tmp_path), hf.convert(model)):
        got = ours.predict(x)
        assert got.astype(str).tolist() == wanted.astype(str if text else np.int64).astype(str).tolist()
        assert ours.signature.classes == [name if text else int(name) for name in model.classes_]
        close(ours.predict_proba(x), model.predict_proba(x))


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.9])
def test_a_threshold_of_its_own(threshold: float, tmp_path: Path) -> None:
    x = inputs(4)
    model = fitted(cb.CatBoostClassifier, x, targets(4) > 0.7)
    model.set_probability_threshold(threshold)
    np.testing.assert_array_equal(
        loaded(model, tmp_path).predict(x), [label == "True" for label in model.predict(x).astype(str)]
    )


def test_scale_and_bias(tmp_path: Path) -> None:
    x = inputs(2)
    model = fitted(cb.CatBoostRegressor, x, targets(2))
    model.set_scale_and_bias(-2.5, 0.75)
    close(loaded(model, tmp_path).predict(x), model.predict(x))


def test_names_and_columns(tmp_path: Path) -> None:
    import pandas as pd

    x = inputs(1)
    x[:, 2] = 1.0  # constant: no border, a column nevertheless
    frame = pd.DataFrame(x, columns=["age", "rent", "rooms", "year"])
    model = fitted(cb.CatBoostRegressor, frame, targets(1), ignored_features=["year"])
    ours = loaded(model, tmp_path)
    assert ours.signature.features[:2] == ["age", "rent"]
    close(ours.predict(frame), model.predict(frame))
    named = hf.convert(model, list("abcd")[: len(ours.signature.features)])
    assert named.signature.features[0] == "a"


def test_real_data(tmp_path: Path) -> None:
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

    for load in (load_breast_cancer, load_iris):
        x, y = load(return_X_y=True)
        model = fitted(cb.CatBoostClassifier, x, y, iterations=40, depth=6)
        ours = loaded(model, tmp_path)
        close(ours.predict_proba(x), model.predict_proba(x))
        np.testing.assert_array_equal(ours.predict(x), model.predict(x).ravel())
    x, y = load_diabetes(return_X_y=True)
    model = fitted(cb.CatBoostRegressor, x, y, iterations=40, depth=6)
    close(loaded(model, tmp_path).predict(x), model.predict(x))


def test_convert() -> None:
    x = inputs(7)
    y = targets(7)
    for kind, labels in ((cb.CatBoostRegressor, y), (cb.CatBoostClassifier, y > 0.7)):
        model = fitted(kind, x, labels)
        assert hf.convert(model).backend == "catboost"
    early = fitted(cb.CatBoostRegressor, x[:100], y[:100], iterations=60, learning_rate=1.0)
    close(hf.convert(early).predict(x), early.predict(x))
    best = cb.CatBoostRegressor(iterations=60, learning_rate=1.0, verbose=0, thread_count=1, allow_writing_files=False)
    best.fit(x[:100], y[:100], eval_set=(x[100:], y[100:]), use_best_model=True)
    assert best.tree_count_ < 60
    close(hf.convert(best).predict(x), best.predict(x))
    plain = cb.CatBoost({"iterations": 3, "verbose": 0, "thread_count": 1, "allow_writing_files": False}).fit(x, y)
    close(hf.convert(plain).predict(x), plain.predict(x))
    with pytest.raises(hf.InvalidArgument, match="CatBoostRegressor is not fitted"):
        hf.convert(cb.CatBoostRegressor())


@pytest.mark.parametrize("mode", ["Min", "Max"])
def test_onnx_of_catboost(mode: str, tmp_path: Path) -> None:
    """CatBoost's ONNX has leaves of float32 and oblivious trees alone: within 1e-6."""
    x, y = inputs(5, missing=0.2), targets(5)
    regressor = fitted(cb.CatBoostRegressor, x, y + 2.0 * np.isnan(x[:, 1]), nan_mode=mode)
    rows = rows_for(x, regressor)
    ours = hf.load_model(saved(regressor, tmp_path, "onnx"))
    assert ours.backend == "onnx"
    close(ours.predict(rows).ravel(), regressor.predict(rows), 1e-6)
    for loss in ("Logloss", "CrossEntropy", "MultiClass"):
        labels = (y * 3).astype(int) % (3 if loss == "MultiClass" else 2)
        classifier = fitted(cb.CatBoostClassifier, x, labels, nan_mode=mode, loss_function=loss)
        rows = rows_for(x, classifier)
        ours = hf.load_model(saved(classifier, tmp_path, "onnx"))
        wanted = classifier.predict_proba(rows)
        close(ours.predict_proba(rows), wanted, 1e-6)
        best = np.sort(wanted, axis=1)
        certain = best[:, -1] - best[:, -2] > 1e-6
        np.testing.assert_array_equal(ours.predict(rows)[certain], classifier.predict(rows).ravel()[certain])


def test_refused_by_name(tmp_path: Path) -> None:
    import pandas as pd

    x, y = inputs(1), targets(1)
    frame = pd.DataFrame({"a": x[:, 0], "kind": np.array(list("abc"))[(y * 3).astype(int) % 3]})
    model = fitted(cb.CatBoostRegressor, frame, y, cat_features=["kind"])
    with pytest.raises(hf.Unsupported, match="CatBoostRegressor with cat_features"):
        hf.convert(model)
    path = tmp_path / "model.json"
    model.save_model(str(path), format="json", pool=cb.Pool(frame, y, cat_features=["kind"]))
    with pytest.raises(hf.Unsupported, match=r"model\.json.*categorical_features are not covered"):
        hf.load_model(path)
    several = fitted(cb.CatBoostClassifier, x, np.stack([y > 0.5, y > 1], axis=1) * 1, loss_function="MultiLogloss")
    with pytest.raises(hf.Unsupported, match='loss function "MultiLogloss"'):
        hf.convert(several)
    uncertain = fitted(cb.CatBoostRegressor, x, y, loss_function="RMSEWithUncertainty")
    with pytest.raises(hf.Unsupported, match='loss function "RMSEWithUncertainty"'):
        hf.load_model(saved(uncertain, tmp_path))


def test_damaged_files(tmp_path: Path) -> None:
    x, y = inputs(1, 2), targets(1)
    for policy in ("SymmetricTree", "Depthwise"):
        whole = saved(fitted(cb.CatBoostRegressor, x, y, grow_policy=policy, iterations=1, depth=2), tmp_path)
        text = whole.read_bytes()
        for size in range(20, len(text) - 1, 7):
            with pytest.raises((hf.CorruptArtifact, hf.Unsupported)):
                _core.load_model_bytes(text[:size], "m.json")
        document = json.loads(text)
        feature = document["features_info"]["float_features"][0]
        tree = (document.get("oblivious_trees") or document["trees"])[0]
        split = tree["splits"][0] if policy == "SymmetricTree" else tree["split"]
        leaf = tree if policy == "SymmetricTree" else tree["left"]["left"]
        spoilt: list[tuple[Any, str, Any]] = [
            (split, "float_feature_index", 2),
            (split, "float_feature_index", -1),
            (split, "border", "x"),
            (split, "split_type", "OnlineCtr"),
            (leaf, "leaf_values" if policy == "SymmetricTree" else "value", [1.0, 2.0]),
            (feature, "flat_feature_index", -1),
            (feature, "flat_feature_index", 1 << 40),
            (feature, "nan_value_treatment", "Otherwise"),
            (feature, "feature_index", 1),
            (document, "scale_and_bias", [1, []]),
            (document, "scale_and_bias", [1, [0.0, 1.0]]),
            (document, "scale_and_bias", 3),
            (document, "oblivious_trees" if policy == "SymmetricTree" else "trees", []),
            (document, "model_info", {}),
        ]
        for place, key, value in spoilt:
            kept = place[key]
            place[key] = value
            with pytest.raises((hf.CorruptArtifact, hf.Unsupported), match=r"m\.json"):
                _core.load_model_bytes(json.dumps(document).encode(), "m.json")
            place[key] = kept
        assert _core.load_model_bytes(json.dumps(document).encode(), "m.json").backend == "catboost"
