"""Writes models as an older booster library does, and its answers: make.py FOLDER, with that library on the path.

The folder's name begins with the library's. Each file has an array of its name in answers.npz, beside the rows asked.
"""

import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
rng = np.random.default_rng(1)
rows = np.round(rng.normal(size=(48, 3)), 2).astype(np.float32)
rows[rng.random(rows.shape) < 0.1] = np.nan
categories = rows.copy()
categories[:, 1] = rng.integers(0, 12, len(rows))
categories[:5, 1] = np.nan
amounts = np.abs(rng.normal(size=len(rows))) + 0.1
classes = (amounts * 4).astype(int) % 3
answers = {"rows": rows, "categories_rows": categories}


def xgboost():
    import xgboost as xgb

    version = tuple(int(part) for part in xgb.__version__.split(".")[:2])
    endings = ("json", "ubj") if version >= (1, 6) else ("json",)

    def case(name, y, x=rows, options=None, **parameters):
        matrix = xgb.DMatrix(x, y, **(options or {}))
        booster = xgb.train({"max_depth": 3, "nthread": 1, **parameters}, matrix, 3)
        answers[name] = booster.predict(xgb.DMatrix(x, **(options or {})))
        for ending in endings:
            booster.save_model(folder / f"{name}.{ending}")

    case("regression", amounts, base_score=0.25)
    case("classes", classes, objective="multi:softprob", num_class=3)
    case("dropouts", classes > 0, objective="binary:logistic", booster="dart", rate_drop=0.5)
    case("linear", amounts, booster="gblinear")
    if version >= (1, 6):
        kinds = {"feature_types": ["q", "c", "q"], "enable_categorical": True}
        case("categories", amounts, categories, kinds, tree_method="hist", max_cat_to_onehot=1, min_child_weight=0)
        case("categories_one_by_one", amounts, categories, kinds, tree_method="hist", max_cat_to_onehot=99)
    if version >= (2, 0):
        vectors = {"multi_strategy": "multi_output_tree", "tree_method": "hist"}
        case("vectors", np.stack([amounts, -amounts], axis=1), **vectors)
        case("vectors_of_classes", classes, objective="multi:softprob", num_class=3, **vectors)


def lightgbm():
    import lightgbm as lgb

    def case(name, y, x=rows, columns="auto", **parameters):
        data = lgb.Dataset(x.astype(float), y, categorical_feature=columns)
        settings = {"num_leaves": 5, "min_data_in_leaf": 3, "verbose": -1, "num_threads": 1, **parameters}
        booster = lgb.train(settings, data, 3)
        answers[name] = booster.predict(x.astype(float))
        booster.save_model(str(folder / f"{name}.txt"))

    case("regression", amounts, objective="regression", zero_as_missing=True)
    case("classes", classes, objective="multiclass", num_class=3)
    case("forest", classes > 0, objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6)
    case("categories", amounts, categories, [1], objective="poisson", min_data_per_group=1, cat_smooth=1)
    if lgb.__version__ >= "3.2":
        case("linear_leaves", amounts, objective="regression", linear_tree=True)


def catboost():
    import catboost as cb

    def case(name, kind, y, **parameters):
        settings = {"iterations": 3, "depth": 2, "border_count": 8, "verbose": 0, "thread_count": 1}
        model = kind(**settings, allow_writing_files=False, **parameters).fit(rows, y)
        answers[name] = model.predict(rows) if kind is cb.CatBoostRegressor else model.predict_proba(rows)
        model.save_model(str(folder / f"{name}.json"), format="json")

    case("regression", cb.CatBoostRegressor, amounts)
    case("leaf_by_leaf", cb.CatBoostRegressor, amounts, grow_policy="Lossguide", loss_function="Poisson")
    case("classes", cb.CatBoostClassifier, classes, loss_function="MultiClass", nan_mode="Max")


folder.mkdir(parents=True)
{"xgboost": xgboost, "lightgbm": lightgbm, "catboost": catboost}[folder.name.split("-")[0]]()
np.savez_compressed(folder / "answers.npz", **answers)
