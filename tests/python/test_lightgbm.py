"""LightGBM's .txt against LightGBM itself, on the same float64 inputs.

Bound: raw scores are the same float64 sums, so they are equal to the bit; after exp, logarithm or softmax answers lie
within 1e-14 of max(1, |value|). Labels are the same, except where the two best scores lie closer than that.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import holdfast as hf
import lightgbm as lgb
import numpy as np
import pytest
from holdfast import _core

Array = np.ndarray[Any, Any]
BOUND = 1e-14
ROWS = 200

TRANSFORMED = ("poisson", "gamma", "tweedie", "cross_entropy", "cross_entropy_lambda")
PLAIN = ("regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg")
SEVERAL = ("multiclass", "multiclassova")


def inputs(seed: int, columns: int = 4, missing: float = 0.1) -> Array:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, columns))
    x[:, 0] = np.round(x[:, 0], 1)
    x[rng.random(x.shape) < 0.1] = 0.0
    x[rng.random(x.shape) < missing] = np.nan
    return x


def targets(objective: str, seed: int) -> Array:
    values = np.abs(np.random.default_rng(seed + 1000).normal(size=ROWS)) + 0.1
    if objective in SEVERAL:
        return np.asarray((values * 4).astype(int) % 3)
    if objective in ("binary", "cross_entropy", "cross_entropy_lambda", "lambdarank", "rank_xendcg"):
        return np.asarray(values > 0.7).astype(int)
    return np.asarray(values)


def trained(
    x: Array, objective: str, seed: int, rounds: int = 6, categorical: Any = "auto", **more: Any
) -> lgb.Booster:
    parameters = {
        "objective": objective,
        "verbose": -1,
        "num_threads": 1,
        "seed": seed,
        "num_leaves": 7,
        "min_data_in_leaf": 3,
        "deterministic": True,
        **more,
    }
    if objective in SEVERAL:
        parameters["num_class"] = 3
    groups = [ROWS // 2, ROWS // 2] if "rank" in objective else None
    data = lgb.Dataset(x, targets(objective, seed), group=groups, categorical_feature=categorical)
    return lgb.train(parameters, data, rounds)


def loaded(booster: lgb.Booster) -> hf.Model:
    model = _core.load_model_bytes(booster.model_to_string().encode(), "m.txt")
    assert _core.Graph.from_bytes(model.graph.to_bytes()) == model.graph
    return model


def close(ours: Array, theirs: Array) -> None:
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype == np.float64
    assert np.all(np.abs(ours - theirs) <= BOUND * np.maximum(1, np.abs(theirs)))


def same(booster: lgb.Booster, x: Array, objective: str, equal: bool = False) -> None:
    model = loaded(booster)
    theirs = np.asarray(booster.predict(x))
    if objective == "binary":
        close(model.predict_proba(x)[:, 1], theirs)
        certain = np.abs(theirs - 0.5) > BOUND
        np.testing.assert_array_equal(model.predict(x)[certain], (theirs > 0.5)[certain])
    elif objective in SEVERAL:
        close(model.predict_proba(x), theirs)
        best = np.sort(theirs, axis=1)
        certain = best[:, -1] - best[:, -2] > BOUND
        np.testing.assert_array_equal(model.predict(x)[certain], np.argmax(theirs, axis=1)[certain])
    elif equal:
        np.testing.assert_array_equal(model.predict(x), theirs)
    else:
        close(model.predict(x), theirs)


@pytest.mark.parametrize("objective", [*TRANSFORMED, *PLAIN, *SEVERAL, "binary"])
@pytest.mark.parametrize("boosting", ["gbdt", "dart", "rf"])
def test_every_objective(objective: str, boosting: str) -> None:
    x = inputs(3)
    more = {"bagging_freq": 1, "bagging_fraction": 0.6} if boosting == "rf" else {}
    same(trained(x, objective, 3, boosting=boosting, **more), x, objective, objective in PLAIN)


@pytest.mark.parametrize("objective", ["binary", "multiclassova"])
def test_sigmoid(objective: str) -> None:
    x = inputs(4)
    same(trained(x, objective, 4, sigmoid=1.7), x, objective)


@pytest.mark.parametrize("objective", ["regression", "regression_l1"])
def test_square_roots(objective: str) -> None:
    x = inputs(5)
    booster = trained(x, objective, 5, reg_sqrt=True)
    assert f"objective={objective} sqrt" in booster.model_to_string()
    same(booster, x, objective, True)


@pytest.mark.parametrize("seed", range(80))
def test_random_models(seed: int) -> None:
    rng = np.random.default_rng(seed)
    objective = str(rng.choice(["regression", "poisson", "binary", "multiclass", "multiclassova", "quantile"]))
    x = inputs(seed, int(rng.integers(1, 9)), float(rng.choice([0.0, 0.2])))
    more = {
        "num_leaves": int(rng.choice([2, 4, 31])),
        "max_depth": int(rng.choice([-1, 1, 3])),
        "zero_as_missing": bool(rng.choice([False, True])),
        "use_missing": bool(rng.choice([False, True, True])),
        "boosting": str(rng.choice(["gbdt", "dart"])),
        "learning_rate": 0.3,
    }
    booster = trained(x, objective, seed, int(rng.integers(1, 12)), **more)
    plain = objective in PLAIN
    same(booster, x, objective, plain)
    thresholds = [
        float(t) for line in re.findall(r"^threshold=(.+)$", booster.model_to_string(), re.M) for t in line.split()
    ]
    if thresholds:  # rows that lie exactly on thresholds, or a step beside
        on = rng.choice(np.asarray(thresholds), size=(60, x.shape[1]))
        same(booster, on, objective, plain)
        same(booster, np.nextafter(on, np.inf), objective, plain)
    odd = rng.choice(
        [np.nan, 0.0, -0.0, 1e-36, -1e-35, 1.00000001e-35, 1.1e-35, np.inf, -np.inf], size=(80, x.shape[1])
    )
    same(booster, odd, objective, plain)


@pytest.mark.parametrize("seed", range(12))
def test_categorical_splits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = inputs(seed, 3, 0.1 if seed % 2 else 0.0)
    x[:, 1] = rng.integers(0, 70, ROWS)
    y = targets("regression", seed) + (x[:, 1] % 3)
    data = lgb.Dataset(x, y, categorical_feature=[1])
    parameters = {
        "verbose": -1,
        "num_threads": 1,
        "min_data_in_leaf": 2,
        "min_data_per_group": 2,
        "cat_smooth": 1,
        "max_cat_to_onehot": int(rng.choice([1, 100])),
    }
    booster = lgb.train(parameters, data, 5)
    assert "cat_threshold=" in booster.model_to_string()
    same(booster, x, "regression", True)
    x[:, 1] = rng.choice([np.nan, -1.0, -0.5, 0.0, 3.7, 69.0, 70.0, 1000.0, 1e10, -1e10], ROWS)
    same(booster, x, "regression", True)


@pytest.mark.parametrize("seed", range(12))
def test_linear_trees(seed: int) -> None:
    x = inputs(seed, 3, 0.1 if seed % 2 else 0.0)
    objective = ["regression", "binary", "multiclass"][seed % 3]
    booster = trained(x, objective, seed, linear_tree=True, num_leaves=4, min_data_in_leaf=10)
    assert "is_linear=1" in booster.model_to_string()
    same(booster, x, objective, objective == "regression")
    x[::3, 0] = np.nan
    same(booster, x, objective, objective == "regression")


def test_single_leaves_depth_one_and_huge_feature_index() -> None:
    x = inputs(1)
    same(trained(x, "regression", 1, min_data_in_leaf=1000), x, "regression", True)
    same(trained(x, "multiclass", 1, min_data_in_leaf=1000), x, "multiclass")
    same(trained(x, "regression", 1, num_leaves=2), x, "regression", True)
    wide = np.zeros((ROWS, 50_000))
    wide[:, -1] = np.arange(ROWS) % 7
    booster = lgb.train({"verbose": -1, "num_threads": 1}, lgb.Dataset(wide, wide[:, -1]), 2)
    same(booster, wide, "regression", True)


def test_feature_names_and_files(tmp_path: Path) -> None:
    x, y = inputs(2, 2), targets("regression", 2)
    data = lgb.Dataset(x, y, feature_name=["age", "rent"])
    booster = lgb.train({"verbose": -1, "num_threads": 1}, data, 3)
    booster.save_model(tmp_path / "m.txt")
    model = hf.load_model(tmp_path / "m.txt")
    assert model.backend == "lightgbm"
    assert model.signature.features == ["age", "rent"]
    np.testing.assert_array_equal(model.predict({"rent": x[:, 1], "age": x[:, 0]}), booster.predict(x))
    model.save(tmp_path / "m.hfm")
    np.testing.assert_array_equal(hf.load_model(tmp_path / "m.hfm").predict(x), model.predict(x))
    assert loaded(trained(x, "regression", 2)).signature.features == []


@pytest.mark.parametrize("labels", [["x", "y", "z"], [3, 5, 9]])
def test_convert_classifiers(labels: list[Any]) -> None:
    x = inputs(7)
    y = np.asarray(labels)[targets("multiclass", 7)]
    for target in (y, np.where(y == labels[0], labels[0], labels[1])):
        classifier = lgb.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(x, target)
        model = hf.convert(classifier)
        np.testing.assert_array_equal(model.predict(x), classifier.predict(x))
        close(model.predict_proba(x), np.asarray(classifier.predict_proba(x)))
        assert model.signature.classes == sorted(set(target.tolist()))


def test_convert() -> None:
    x, y = inputs(8), targets("regression", 8)
    regressor = lgb.LGBMRegressor(n_estimators=5, n_jobs=1, verbose=-1).fit(x, y)
    np.testing.assert_array_equal(hf.convert(regressor).predict(x), regressor.predict(x))
    np.testing.assert_array_equal(hf.convert(regressor.booster_).predict(x), regressor.predict(x))
    assert hf.convert(regressor, ["a", "b", "c", "d"]).signature.features == ["a", "b", "c", "d"]
    early = lgb.LGBMRegressor(n_estimators=80, n_jobs=1, verbose=-1, learning_rate=0.9)
    early.fit(x[:120], y[:120], eval_X=x[120:], eval_y=y[120:], callbacks=[lgb.early_stopping(3, verbose=False)])
    assert early.best_iteration_ < 80
    np.testing.assert_array_equal(hf.convert(early).predict(x), early.predict(x))


def test_convert_refuses_by_name() -> None:
    with pytest.raises(hf.InvalidArgument, match="LGBMRegressor is not fitted"):
        hf.convert(lgb.LGBMRegressor())

    def mine(y: Array, p: Array) -> tuple[Array, Array]:
        return p - y, np.ones_like(p)

    x = inputs(1)
    own = lgb.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1, objective=mine).fit(x, targets("binary", 1))
    with pytest.raises(hf.Unsupported, match="LGBMClassifier"):
        hf.convert(own)


def test_damaged_files() -> None:
    x = inputs(1, 2)
    text = trained(x, "multiclass", 1, rounds=1, num_leaves=3).model_to_string()
    end = text.index("end of trees\n") + len("end of trees\n")
    for size in range(end):
        with pytest.raises((hf.CorruptArtifact, hf.Unsupported)):
            _core.load_model_bytes(text[:size].encode(), "m.txt")
    whole = _core.load_model_bytes(text.encode(), "m.txt")  # what comes after the trees is not read
    assert _core.load_model_bytes(text[:end].encode(), "m.txt").graph == whole.graph
