"""XGBoost's .json and .ubj against XGBoost itself, on the same float32 inputs.

Bound: margins are the same float32 sums; what is between (base_score's logarithm, exp, softmax) may differ in the last
bits of float32, so answers lie within 1e-6 of max(1, |value|). Labels are the same, except where the two best scores
lie closer than that.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pytest
import xgboost as xgb
from holdfast import _core

Array = np.ndarray[Any, Any]
BOUND = 1e-6
ROWS = 160

EXP = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft")
IDENTITY = (
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:pseudohubererror",
    "reg:absoluteerror",
    "rank:pairwise",
    "rank:ndcg",
    "rank:map",
    "binary:logitraw",
)
BINARY = ("binary:logistic", "binary:hinge")
SEVERAL = ("multi:softmax", "multi:softprob")


def inputs(seed: int, columns: int = 4, missing: float = 0.1, rows: int = ROWS) -> Array:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns)).astype(np.float32)
    x[:, 0] = np.round(x[:, 0], 1)  # thresholds will be equal to inputs
    x[rng.random(x.shape) < missing] = np.nan
    return x


def targets(objective: str, seed: int, rows: int = ROWS) -> Array:
    values = np.abs(np.random.default_rng(seed + 1000).normal(size=rows)) + 0.1
    if objective.startswith("multi"):
        return np.asarray((values * 4).astype(int) % 3)
    if objective.startswith(("binary", "rank")) or objective == "reg:logistic":
        return np.asarray(values > 0.7).astype(int)
    return np.asarray(values)


def data(x: Array, objective: str, seed: int, **options: Any) -> xgb.DMatrix:
    y = targets(objective, seed, len(x))
    matrix = xgb.DMatrix(x, y, **options)
    if objective.startswith("rank"):
        matrix.set_group([len(x) // 2, len(x) - len(x) // 2])
    if objective == "survival:aft":
        matrix.set_float_info("label_lower_bound", y)
        matrix.set_float_info("label_upper_bound", y)
    return matrix


def trained(
    x: Array, objective: str, seed: int, rounds: int = 6, options: Any = None, **parameters: Any
) -> xgb.Booster:
    if objective.startswith("multi"):
        parameters["num_class"] = 3
    settings = {"objective": objective, "seed": seed, "max_depth": 3, "nthread": 1, **parameters}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return xgb.train(settings, data(x, objective, seed, **(options or {})), rounds)


def loaded(booster: xgb.Booster) -> hf.Model:
    """From .ubj, after .json gave the same bits of answers and .hfm the same graph."""
    from_ubj = _core.load_model_bytes(bytes(booster.save_raw("ubj")), "m.ubj")
    from_json = _core.load_model_bytes(bytes(booster.save_raw("json")), "m.json")
    assert from_ubj.graph == from_json.graph
    kept = _core.Graph.from_bytes(from_ubj.graph.to_bytes())
    assert kept == from_ubj.graph
    return from_ubj


def close(ours: Array, theirs: Array) -> None:
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype == np.float32
    assert np.all(np.abs(ours - theirs) <= BOUND * np.maximum(1, np.abs(theirs)))


def same(booster: xgb.Booster, x: Array, objective: str, **options: Any) -> None:
    model = loaded(booster)
    matrix = xgb.DMatrix(x, **options)
    theirs = booster.predict(matrix)
    if objective in BINARY:
        close(model.predict_proba(x)[:, 1], theirs)
        certain = np.abs(theirs - 0.5) > BOUND
        np.testing.assert_array_equal(model.predict(x)[certain], (theirs > 0.5)[certain])
    elif objective in SEVERAL:
        margins = np.sort(booster.predict(matrix, output_margin=True), axis=1)
        certain = margins[:, -1] - margins[:, -2] > BOUND
        if objective == "multi:softprob":
            close(model.predict_proba(x), theirs)
            theirs = np.argmax(theirs, axis=1)
        np.testing.assert_array_equal(model.predict(x)[certain], theirs[certain])
    else:
        close(model.predict(x), theirs)


@pytest.mark.parametrize("objective", [*EXP, *IDENTITY, *BINARY, *SEVERAL, "reg:logistic"])
@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
def test_every_objective(objective: str, booster: str) -> None:
    x = inputs(3)
    options = {"rate_drop": 0.4} if booster == "dart" else {}
    same(trained(x, objective, 3, booster=booster, **options), x, objective)
    if objective not in ("survival:cox", "reg:absoluteerror"):
        same(trained(x, objective, 4, booster=booster, base_score=0.3, **options), x, objective)


@pytest.mark.parametrize("seed", range(60))
def test_random_models(seed: int) -> None:
    rng = np.random.default_rng(seed)
    objective = str(rng.choice([*EXP[:3], *IDENTITY[:3], *BINARY, *SEVERAL]))
    x = inputs(seed, int(rng.integers(1, 9)), float(rng.choice([0.0, 0.3])))
    parameters = {
        "max_depth": int(rng.choice([1, 2, 5, 9])),
        "num_parallel_tree": int(rng.choice([1, 3])),
        "eta": float(rng.choice([0.1, 1.0])) if objective not in EXP else 0.1,
        "booster": str(rng.choice(["gbtree", "dart"])),
        "rate_drop": 0.3,
        "tree_method": str(rng.choice(["hist", "exact"])),
        "grow_policy": "depthwise",
    }
    booster = trained(x, objective, seed, int(rng.integers(1, 12)), **parameters)
    same(booster, x, objective)
    model = loaded(booster)
    if not objective.startswith("multi") and objective not in BINARY:
        thresholds = [
            value
            for tree in json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"].get(
                "model", {"trees": []}
            )["trees"]
            for value in tree["split_conditions"]
        ]
        if thresholds:  # rows that lie exactly on thresholds
            on = rng.choice(np.asarray(thresholds, np.float32), size=(50, x.shape[1]))
            close(model.predict(on), booster.predict(xgb.DMatrix(on)))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("one_hot", [1, 100])
def test_categorical_splits(seed: int, one_hot: int) -> None:
    rng = np.random.default_rng(seed)
    x = inputs(seed, 3)
    x[:, 1] = rng.integers(0, 40, ROWS)
    x[rng.random(ROWS) < 0.1, 1] = np.nan
    kinds = {"feature_types": ["q", "c", "q"], "enable_categorical": True}
    booster = trained(x, "reg:squarederror", seed, options=kinds, max_cat_to_onehot=one_hot, max_depth=4)
    split = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]["model"]["trees"]
    assert any(tree["categories"] for tree in split)
    same(booster, x, "reg:squarederror", **kinds)
    x[:, 1] = rng.integers(0, 200, ROWS)  # categories that training did not see
    same(booster, x, "reg:squarederror", **kinds)


def test_single_leaves_and_depth_one() -> None:
    x = inputs(0)
    same(trained(x, "reg:squarederror", 0, gamma=1e9), x, "reg:squarederror")
    same(trained(x, "binary:logistic", 0, max_depth=1), x, "binary:logistic")


def test_huge_feature_index() -> None:
    x = np.zeros((60, 100_000), np.float32)
    x[:, 99_999] = np.arange(60) % 7
    booster = xgb.train({"max_depth": 2, "nthread": 1}, xgb.DMatrix(x, x[:, 99_999]), 2)
    same(booster, x, "reg:squarederror")


@pytest.mark.parametrize("strategy", ["one_output_per_tree", "multi_output_tree"])
def test_several_targets(strategy: str) -> None:
    x = inputs(1)
    y = np.stack([targets("reg", 1), targets("reg", 2), targets("reg", 3)], axis=1)
    booster = xgb.train({"multi_strategy": strategy, "max_depth": 3, "nthread": 1}, xgb.DMatrix(x, y), 5)
    close(loaded(booster).predict(x), booster.predict(xgb.DMatrix(x)))
    booster = xgb.train(
        {"multi_strategy": strategy, "objective": "binary:logistic", "nthread": 1}, xgb.DMatrix(x, y > 0.7), 5
    )
    close(loaded(booster).predict(x), booster.predict(xgb.DMatrix(x)))


def test_quantiles() -> None:
    x = inputs(5)
    same(trained(x, "reg:quantileerror", 5, quantile_alpha=[0.1, 0.5, 0.9]), x, "reg:quantileerror")


def test_feature_names_and_files(tmp_path: Path) -> None:
    x = inputs(2, 2)
    booster = xgb.train({"nthread": 1}, xgb.DMatrix(x, targets("reg", 2), feature_names=["age", "rent"]), 3)
    for ending in ("json", "ubj"):
        path = tmp_path / f"m.{ending}"
        booster.save_model(path)
        model = hf.load_model(path)
        assert model.backend == "xgboost"
        assert model.signature.features == ["age", "rent"]
        np.testing.assert_array_equal(
            model.predict({"rent": x[:, 1], "age": x[:, 0]}),
            booster.predict(xgb.DMatrix(x, feature_names=["age", "rent"])),
        )
        model.save(tmp_path / "m.hfm")
        np.testing.assert_array_equal(hf.load_model(tmp_path / "m.hfm").predict(x), model.predict(x))


@pytest.mark.parametrize("wide", [False, True])
def test_convert(wide: bool) -> None:
    x = inputs(7)
    if wide:
        x = x.astype(np.float64)
    y = targets("multi:softprob", 7)
    several = xgb.XGBClassifier(n_estimators=5, n_jobs=1).fit(x, y)
    model = hf.convert(several)
    np.testing.assert_array_equal(model.predict(x), several.predict(x))
    close(model.predict_proba(x), several.predict_proba(x))
    two = xgb.XGBClassifier(n_estimators=5, n_jobs=1).fit(x, y > 0)
    np.testing.assert_array_equal(hf.convert(two).predict(x), two.predict(x))
    close(hf.convert(two).predict_proba(x), two.predict_proba(x))
    regressor = xgb.XGBRegressor(n_estimators=5, n_jobs=1, booster="dart").fit(x, y)
    close(hf.convert(regressor).predict(x), regressor.predict(x))
    close(hf.convert(regressor.get_booster()).predict(x), regressor.predict(x))
    named = hf.convert(regressor, ["a", "b", "c", "d"])
    assert named.signature.features == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(named.predict(x), hf.convert(regressor).predict(x))
    forest = xgb.XGBRFRegressor(n_estimators=7, n_jobs=1).fit(x, y)
    close(hf.convert(forest).predict(x), forest.predict(x))


def test_convert_stops_where_training_found_the_best() -> None:
    x, y = inputs(8), targets("reg", 8)
    early = xgb.XGBRegressor(n_estimators=60, early_stopping_rounds=3, n_jobs=1, learning_rate=1.0)
    early.fit(x[:100], y[:100], eval_set=[(x[100:], y[100:])], verbose=False)
    assert early.best_iteration + 1 < early.get_booster().num_boosted_rounds()
    close(hf.convert(early).predict(x), early.predict(x))


def test_convert_refuses_by_name() -> None:
    with pytest.raises(hf.Unsupported, match="missing=0"):
        hf.convert(xgb.XGBRegressor(missing=0.0))
    with pytest.raises(hf.InvalidArgument, match="XGBRegressor is not fitted"):
        hf.convert(xgb.XGBRegressor())
    with pytest.raises(hf.Unsupported, match="count:poisson"):
        hf.convert(xgb.XGBClassifier(objective="count:poisson"))


def test_other_files_are_refused() -> None:
    with pytest.raises(hf.Unsupported, match='no key "learner"'):
        _core.load_model_bytes(b'{"rules": []}', "other.json")
    with pytest.raises(hf.CorruptArtifact, match="not JSON"):
        _core.load_model_bytes(b"tree\nversion=v4\n", "m.json")


def test_damaged_files() -> None:
    x = inputs(1, 2)
    booster = trained(x, "multi:softprob", 1, rounds=1, max_depth=1)
    for ending in ("json", "ubj"):
        whole = bytes(booster.save_raw(ending))
        for size in range(len(whole)):
            with pytest.raises((hf.CorruptArtifact, hf.Unsupported)):
                _core.load_model_bytes(whole[:size], f"m.{ending}")
    spoilt: list[tuple[str, list[Any]]] = [
        ("left_children", [0, -1, -1]),
        ("left_children", [7, -1, -1]),
        ("left_children", [1e30, -1, -1]),
        ("right_children", [1, -1, -1]),
        ("right_children", [-5, -1, -1]),
        ("split_indices", [2, 0, 0]),
        ("split_indices", [0, 0]),
        ("split_conditions", []),
        ("categories_nodes", [9]),
        ("split_type", [1, 0, 0]),
        ("default_left", ["a", "b", "c"]),
    ]
    for key, values in spoilt:
        document = json.loads(bytes(booster.save_raw("json")))
        tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
        tree[key] = values
        with pytest.raises(hf.CorruptArtifact, match=r"m\.json"):
            _core.load_model_bytes(json.dumps(document).encode(), "m.json")
