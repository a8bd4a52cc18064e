"""`hf.convert` of encoders, imputers of text, and of pipelines over frames whose columns are text and numbers."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from convert_checks import Array, assert_close, assert_equal_to, assert_reloads, check, dense
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    LabelEncoder,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)

CITIES = ["bern", "lima", "oslo", "rome", "ürümqi"]


def texts(rows: int = 200, seed: int = 0, missing: float = 0.0) -> Array:
    rng = np.random.default_rng(seed)
    x = np.empty((rows, 3), dtype=object)
    x[:, 0] = rng.choice(CITIES, rows, p=[0.5, 0.3, 0.1, 0.06, 0.04])
    x[:, 1] = rng.choice(["no", "yes"], rows)
    x[:, 2] = rng.choice(["a", "b", "c"], rows)
    x[rng.random(x.shape) < missing] = None
    return x


def frame(rows: int = 200, seed: int = 0, missing: float = 0.15) -> pd.DataFrame:
    """Numbers, whole numbers, text and booleans, some of them missing."""
    rng = np.random.default_rng(seed)
    words = texts(rows, seed, missing)
    numbers = rng.normal(size=(rows, 3))
    numbers[rng.random(numbers.shape) < missing] = np.nan
    return pd.DataFrame(
        {
            "age": numbers[:, 0],
            "city": words[:, 0],
            "income": numbers[:, 1],
            "member": words[:, 1],
            "visits": rng.integers(0, 5, rows),
            "score": numbers[:, 2],
            "flag": rng.random(rows) < 0.3,
            "group": words[:, 2],
        }
    )


def target(x: pd.DataFrame) -> Array:
    signal = np.nan_to_num(x["age"].to_numpy()) + (x["city"] == "bern") - 0.3 * x["visits"] + x["flag"]
    return np.where(signal > 0.2, "buys", "leaves")


def all_ways(x: pd.DataFrame) -> list[Any]:
    """The frame, a dict of numpy columns, an arrow table, a polars frame."""
    columns = {
        name: x[name].to_numpy(dtype=object if x[name].dtype.kind in "OU" or x[name].dtype == "str" else None)
        for name in x.columns
    }
    return [x, columns, pa.Table.from_pandas(x, preserve_index=False), pl.from_pandas(x)]


def quiet(fitting: Any, *given: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fitting(*given)


ONE_HOT = [
    OneHotEncoder(handle_unknown="ignore"),
    OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32),
    OneHotEncoder(drop="first", handle_unknown="ignore"),
    OneHotEncoder(drop="if_binary", handle_unknown="ignore"),
    OneHotEncoder(drop=["oslo", "yes", "b"], handle_unknown="ignore"),
    OneHotEncoder(min_frequency=30, handle_unknown="infrequent_if_exist"),
    OneHotEncoder(max_categories=3, handle_unknown="infrequent_if_exist"),
    OneHotEncoder(min_frequency=0.2, handle_unknown="ignore"),
    OneHotEncoder(min_frequency=30, drop="first", handle_unknown="infrequent_if_exist"),
    OneHotEncoder(max_categories=2, drop="if_binary", handle_unknown="ignore"),
    OneHotEncoder(max_categories=1, handle_unknown="infrequent_if_exist"),
    OneHotEncoder(categories=[CITIES[::-1], ["yes", "no"], ["c", "b", "a"]], handle_unknown="ignore"),
]


def takes_missing(encoder: Any) -> bool:
    return bool(encoder.categories == "auto") and not isinstance(encoder.drop, list)


@pytest.mark.parametrize(
    ("encoder", "missing"),
    [(encoder, 0.0) for encoder in ONE_HOT] + [(encoder, 0.1) for encoder in ONE_HOT if takes_missing(encoder)],
    ids=str,
)
def test_one_hot_of_text(encoder: Any, missing: float, tmp_path: Path) -> None:
    train = texts(missing=missing)
    fitted = encoder.fit(train)
    seen = train[:40].copy()
    seen[3, 0], seen[7, 2], seen[9, 1] = "atlantis", "", "maybe"
    if missing == 0.0:
        seen[11, 0] = None
    named = {f"x{i}": seen[:, i] for i in range(3)}
    # A missing text and the empty one are the same to a model.
    wanted = seen.copy()
    wanted[wanted == ""] = None
    model = hf.convert(fitted, feature_names=list(named))
    assert_close(model.predict(named), quiet(lambda: dense(fitted.transform(wanted))), 0.0)
    assert_reloads(model, named, tmp_path / "m.hfm")


NUMBERS = np.array([[1.0, 5], [2, 6], [3, 5], [2, 7], [1, 5], [2, 6], [2, 5], [9, 5]])


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(handle_unknown="ignore"),
        OneHotEncoder(drop="first", handle_unknown="ignore"),
        OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist"),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=2),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
        OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-5, encoded_missing_value=-2, max_categories=3
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("with_nan", [False, True])
def test_encoders_of_numbers(encoder: Any, with_nan: bool, tmp_path: Path) -> None:
    train = NUMBERS.copy()
    if with_nan:
        train[2, 0] = train[6, 1] = train[0, 0] = np.nan
    fitted = encoder.fit(train)
    seen = np.concatenate([train, [[4.0, 5.0], [np.nan, 8.0], [1.0, np.nan], [1.5, -5.0]]])
    model = hf.convert(fitted)
    assert_close(model.predict(seen), quiet(lambda: dense(fitted.transform(seen))), 0.0)
    assert_reloads(model, seen, tmp_path / "m.hfm")


@pytest.mark.parametrize(
    "encoder",
    [
        OrdinalEncoder(),
        OrdinalEncoder(dtype=np.int32),
        OrdinalEncoder(categories=[CITIES[::-1], ["yes", "no"], ["c", "b", "a"]]),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=99, min_frequency=40),
    ],
    ids=str,
)
def test_ordinals_of_text(encoder: Any) -> None:
    train = texts()
    fitted = encoder.fit(train)
    seen = train[:30].copy()
    if encoder.handle_unknown != "error":
        seen[4, 0], seen[5, 1] = "atlantis", "perhaps"
    named = {f"x{i}": seen[:, i] for i in range(3)}
    assert_close(hf.convert(fitted, feature_names=list(named)).predict(named), fitted.transform(seen), 0.0)


def test_ordinals_of_missing_text() -> None:
    train = texts(missing=0.1)
    for missing in (np.nan, -1.0):
        fitted = OrdinalEncoder(encoded_missing_value=missing).fit(train)
        named = {f"x{i}": train[:, i] for i in range(3)}
        assert_close(hf.convert(fitted, feature_names=list(named)).predict(named), fitted.transform(train), 0.0)


def test_unknown_categories_are_refused_where_the_encoder_refuses_them() -> None:
    named = {f"x{i}": texts()[:, i] for i in range(3)}
    for encoder in (OneHotEncoder(), OrdinalEncoder()):
        model = hf.convert(encoder.fit(texts()), feature_names=list(named))
        with pytest.raises(hf.InvalidArgument, match="atlantis"):
            model.predict({**named, "x0": np.array(["atlantis"] * 200, dtype=object)})
    numbers = hf.convert(OneHotEncoder().fit(NUMBERS))
    with pytest.raises(hf.InvalidArgument, match="known values wanted"):
        numbers.predict(np.array([[1.0, 100.0]]))


def test_categories_that_cannot_be_told_apart_are_refused() -> None:
    both = np.array([["a"], [""], [None]], dtype=object)
    with pytest.raises(hf.Unsupported, match="OneHotEncoder with several of None, NaN and the empty text"):
        hf.convert(OneHotEncoder().fit(both))
    large = np.array([[2**53 + 1], [3]], dtype=np.int64)
    with pytest.raises(hf.Unsupported, match=r"OrdinalEncoder with the category 9007199254740993, beyond 2\^53"):
        hf.convert(OrdinalEncoder().fit(large))
    with pytest.raises(hf.Unsupported, match="OneHotEncoder over dtype datetime64"):
        hf.convert(OneHotEncoder().fit(np.array([["2020-01-01"]], dtype="datetime64[D]")))


COLUMN_KINDS = {
    "categories": pd.Categorical(["u", "v", None, "u"]),
    "categories of numbers": pd.Categorical([3, 1, 3, None]),
    "booleans": [True, False, True, True],
    "objects that are booleans": np.array([True, False, True, True], dtype=object),
    "objects that are numbers": np.array([1, 2, 3, None], dtype=object),
    "nullable integers": pd.array([1, 2, pd.NA, 1], dtype="Int64"),
    "floats": np.array([0.5, np.nan, 2.0, 0.5], dtype=np.float32),
    "small integers": np.array([1, 2, 3, 1], dtype=np.int8),
}


@pytest.mark.parametrize("kind", COLUMN_KINDS)
@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder(encoded_missing_value=-1)], ids=str)
def test_kinds_of_columns(kind: str, encoder: Any) -> None:
    x = pd.DataFrame({"one": COLUMN_KINDS[kind]})
    fitted = encoder.fit(x)
    assert_close(hf.convert(fitted).run(x)["output"], dense(fitted.transform(x)), 0.0)


def test_a_matrix_of_text() -> None:
    x = texts()
    fitted = OneHotEncoder().fit(x)
    model = hf.convert(fitted)
    assert [(spec.name, spec.dtype, spec.shape) for spec in model.signature.inputs] == [("X", "string", (-1, 3))]
    for given in (x, x.astype(str), pd.DataFrame(x)):
        assert_close(model.predict(given), dense(fitted.transform(x)), 0.0)


def test_label_encoder() -> None:
    words = np.array(["no", "yes", "no", "maybe"], dtype=object)
    model = hf.convert(LabelEncoder().fit(words), feature_names=["answer"])
    assert model.predict({"answer": words}).tolist() == [1, 2, 1, 0]
    numbers = hf.convert(LabelEncoder().fit([10, 20, 30]))
    assert numbers.predict(np.array([[30.0], [10.0]])).tolist() == [2, 0]


@pytest.mark.parametrize("encode", ["ordinal", "onehot", "onehot-dense"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
def test_bins(encode: str, strategy: str, tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(size=(150, 3))
    fitted = quiet(KBinsDiscretizer(n_bins=4, encode=encode, strategy=strategy).fit, x)
    edges = np.stack([edge[:4] for edge in fitted.bin_edges_], axis=1)
    check(fitted, np.concatenate([x, edges, [[-99.0, 99.0, 0.0]]]), tmp_path, 0.0)


def test_target_encoder() -> None:
    x = frame(missing=0.0)[["city", "group"]]
    for y in (target(frame(missing=0.0)) == "buys", np.arange(200.0), frame(missing=0.0)["group"]):
        fitted = TargetEncoder(random_state=0).fit(x, y)
        seen = x.copy()
        seen.loc[0, "city"] = "atlantis"
        for given in all_ways(seen):
            assert_close(hf.convert(fitted).predict(given), fitted.transform(seen), 1e-12)


@pytest.mark.parametrize(
    "imputer",
    [
        SimpleImputer(missing_values=None, strategy="most_frequent"),
        SimpleImputer(missing_values=None, strategy="constant", fill_value="gone"),
        SimpleImputer(missing_values=None, strategy="constant", fill_value="gone", add_indicator=True),
    ],
    ids=str,
)
def test_imputers_of_text(imputer: Any, tmp_path: Path) -> None:
    train = texts(missing=0.15)
    piped = make_pipeline(imputer, OrdinalEncoder()).fit(train)
    named = {f"x{i}": train[:, i] for i in range(3)}
    model = hf.convert(piped, feature_names=list(named))
    assert_close(model.predict(named), piped.transform(train), 0.0)
    assert_reloads(model, named, tmp_path / "m.hfm")


def test_an_imputer_gives_text() -> None:
    train = texts(missing=0.15)
    fitted = SimpleImputer(missing_values=None, strategy="most_frequent").fit(train)
    named = {f"x{i}": train[:, i] for i in range(3)}
    model = hf.convert(fitted, feature_names=list(named))
    assert model.predict(named).tolist() == fitted.transform(train).tolist()
    marked = np.where(train == None, "?", train)  # noqa: E711
    fitted = SimpleImputer(missing_values="?", strategy="most_frequent").fit(marked)
    model = hf.convert(fitted, feature_names=list(named))
    assert model.predict({f"x{i}": marked[:, i] for i in range(3)}).tolist() == fitted.transform(marked).tolist()


def test_an_imputer_of_text_and_numbers_at_once() -> None:
    train = frame()[["age", "city", "income", "group"]]
    fitted = SimpleImputer(strategy="most_frequent").fit(train)
    encoded = make_pipeline(
        fitted, ColumnTransformer([("text", OneHotEncoder(), [1, 3]), ("rest", "passthrough", [0, 2])])
    ).fit(train)
    for given in all_ways(train):
        assert_close(hf.convert(encoded).predict(given), encoded.transform(train).astype(float), 0.0)


@pytest.mark.parametrize("features", ["missing-only", "all"])
def test_missing_indicator(features: str, tmp_path: Path) -> None:
    x = frame()[["age", "visits", "score"]].to_numpy()
    check(MissingIndicator(features=features).fit(x), x, tmp_path, 0.0)


NUMERIC, TEXT = ["age", "income", "score"], ["city", "member", "group"]


def usual(**options: Any) -> ColumnTransformer:
    """Impute and scale numbers, impute and encode text: what most people write."""
    return ColumnTransformer(
        [
            ("num", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMERIC),
            (
                "cat",
                make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
                TEXT,
            ),
        ],
        **options,
    )


TRANSFORMERS = {
    "usual": usual(),
    "passed through": usual(remainder="passthrough"),
    "remainder scaled": usual(remainder=MinMaxScaler()),
    "weighted": usual(transformer_weights={"num": 0.5, "cat": 2.0}),
    "dense": usual(sparse_threshold=0.0),
    "by position": make_column_transformer(
        (SimpleImputer(), [0, 2]), (OneHotEncoder(handle_unknown="ignore"), [1, 7]), ("drop", [3])
    ),
    "by mask": make_column_transformer((StandardScaler(), [True] + [False] * 3 + [True] + [False] * 3)),
    "by slice": make_column_transformer((OrdinalEncoder(), slice("flag", "group"))),
    "by dtype": make_column_transformer(
        (
            make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (OrdinalEncoder(encoded_missing_value=-1), make_column_selector(dtype_exclude=["number", "bool"])),
        remainder="passthrough",
    ),
    "nested": make_column_transformer(
        (make_union(SimpleImputer(), SimpleImputer(strategy="median")), NUMERIC),
        (make_column_transformer((OneHotEncoder(), ["city"]), remainder=OrdinalEncoder()), ["city", "group"]),
    ),
    "one text column": make_column_transformer((OneHotEncoder(), ["city"])),
    "functions": make_column_transformer((FunctionTransformer(np.exp), ["visits"]), (FunctionTransformer(), ["flag"])),
}


@pytest.mark.parametrize("kind", TRANSFORMERS)
def test_column_transformers(kind: str, tmp_path: Path) -> None:
    x = frame()
    fitted = TRANSFORMERS[kind].fit(x)
    model = hf.convert(fitted)
    for given in all_ways(x):
        assert_close(model.predict(given), dense(fitted.transform(x)).astype(float), 1e-12)
    assert_close(model.predict(x[:1]), dense(fitted.transform(x[:1])).astype(float), 1e-12)
    assert_reloads(model, all_ways(x)[1], tmp_path / "m.hfm")


@pytest.mark.parametrize(
    "final",
    [LogisticRegression(max_iter=500), RandomForestClassifier(8, random_state=0)],
    ids=lambda final: type(final).__name__,
)
def test_a_pipeline_over_a_frame(final: Any, tmp_path: Path) -> None:
    x = frame()
    fitted = make_pipeline(usual(remainder="passthrough"), SelectKBest(k=8), final).fit(x, target(x))
    model = hf.convert(fitted)
    assert [(spec.name, spec.dtype) for spec in model.signature.inputs] == [
        (name, "string" if name in TEXT else "float64") for name in x.columns
    ]
    unseen = frame(seed=5)
    unseen.loc[3, "city"] = "atlantis"
    for given in all_ways(unseen):
        assert_equal_to(fitted, model, given, 1e-12, unseen)
    mixed = all_ways(unseen)[1]
    assert_reloads(model, mixed, tmp_path / "m.hfm")
    one = {name: values[:1] for name, values in mixed.items()}
    assert model.predict_proba(one).tobytes() == model.predict_proba(mixed)[:1].tobytes()
    with pytest.raises(hf.InvalidArgument, match="city"):
        model.predict(unseen.drop(columns="city"))
    with pytest.raises(hf.InvalidArgument, match="the model takes a table"):
        model.predict(np.zeros((2, 8)))


def test_a_row_whose_text_is_missing() -> None:
    x = frame()
    fitted = usual().fit(x)
    model = hf.convert(fitted)
    row = x[:1].assign(city=np.nan, member=np.nan, age=np.nan)
    wanted = dense(fitted.transform(row))
    columns = {name: row[name].to_numpy(dtype=object) for name in TEXT}
    columns["member"] = np.array([None], dtype=object)
    columns |= {name: row[name].to_numpy() for name in NUMERIC}
    arrow = pa.table({**{name: pa.array(values) for name, values in columns.items()}, "city": pa.nulls(1)})
    for given in (columns, arrow, row):
        assert_close(model.predict(given), wanted, 1e-12)


def test_a_package_and_an_endpoint_of_text_and_numbers(tmp_path: Path) -> None:
    x = frame(300)
    fitted = make_pipeline(usual(remainder="passthrough"), LogisticRegression(max_iter=500)).fit(x, target(x))
    unseen = frame(80, seed=7)
    package = hf.package(fitted, "shop", reference=(unseen, target(unseen)), evaluate=["accuracy"])
    assert package.metrics["accuracy"].value == pytest.approx(fitted.score(unseen, target(unseen)))
    with hf.Workspace(tmp_path / "ws") as workspace:
        version = workspace.registry.approve(workspace.registry.register(package), by="me", note="checked")
        endpoint = workspace.create_endpoint("shop")
        endpoint.deploy(version, by="me")
        for given in all_ways(unseen):
            answer = endpoint.predict(given)
            assert list(answer.outputs["label"]) == list(fitted.predict(unseen))
            assert_close(answer.probabilities, fitted.predict_proba(unseen), 1e-12)


def test_columns_that_are_dropped_need_not_be_there() -> None:
    x = frame()
    fitted = usual().fit(x)
    model = hf.convert(fitted)
    assert [spec.name for spec in model.signature.inputs] == [name for name in x.columns if name in NUMERIC + TEXT]
    fewer = x.drop(columns=["visits", "flag"])
    assert_close(model.predict(fewer), dense(fitted.transform(fewer)), 1e-12)


def test_numbers_alone_stay_one_matrix() -> None:
    x = frame()[[*NUMERIC, "visits"]]
    fitted = make_column_transformer((SimpleImputer(), NUMERIC), remainder="passthrough").fit(x)
    model = hf.convert(fitted)
    assert [spec.shape for spec in model.signature.inputs] == [(-1, 4)]
    assert list(model.signature.features) == list(x.columns)
    assert_close(model.predict(x.to_numpy()), fitted.transform(x), 0.0)


def test_a_column_that_is_text_and_number_is_refused() -> None:
    x = pd.DataFrame({"a": ["1", "2", "3"], "b": [1.0, 2.0, 3.0]})
    both = make_column_transformer((OneHotEncoder(), ["a"]), (StandardScaler(), ["a", "b"])).fit(x)
    with pytest.raises(hf.Unsupported, match='column "a" is read as string by one step and as float64'):
        hf.convert(both)


def test_a_column_named_as_an_output_is_refused() -> None:
    x = frame().rename(columns={"city": "label"})
    fitted = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["label"]), ("passthrough", ["visits"])), LogisticRegression()
    ).fit(x, target(frame()))
    with pytest.raises(hf.Unsupported, match='a column named "label"'):
        hf.convert(fitted)


def test_functions_that_are_not_numpys_are_refused() -> None:
    with pytest.raises(hf.Unsupported, match="FunctionTransformer with func=<lambda> is not covered"):
        hf.convert(FunctionTransformer(lambda x: x + 1).fit(np.eye(3)))


def test_unions(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    union = FeatureUnion(
        [("a", StandardScaler()), ("b", MinMaxScaler()), ("c", "passthrough"), ("d", "drop")],
        transformer_weights={"b": 3.0},
    ).fit(x)
    check(union, x, tmp_path)


@pytest.mark.parametrize("categorical", ["from_dtype", ["city", "member", "group"]])
def test_histogram_boosting_of_categories(categorical: Any, tmp_path: Path) -> None:
    x = frame(400)[["age", "city", "income", "member", "visits", "group"]]
    for name in TEXT:
        x[name] = x[name].astype("category")
    unseen = frame(60, seed=9)[x.columns]
    for name in TEXT:
        unseen[name] = pd.Categorical(unseen[name], categories=[*x[name].cat.categories, "atlantis"])
    unseen.loc[2, "city"] = "atlantis"
    for estimator, y in (
        (HistGradientBoostingClassifier(max_iter=12, categorical_features=categorical), target(frame(400))),
        (HistGradientBoostingRegressor(max_iter=12, categorical_features=categorical), np.arange(400.0) % 37),
    ):
        fitted = estimator.fit(x, y)
        model = hf.convert(fitted)
        for given in (unseen, pa.Table.from_pandas(unseen, preserve_index=False)):
            assert_equal_to(fitted, model, given, 1e-12, unseen)


def test_histogram_boosting_of_category_codes(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    x = np.stack([rng.integers(0, 60, 500), rng.normal(size=500), rng.integers(0, 4, 500)], axis=1).astype(float)
    x[rng.random(x.shape) < 0.1] = np.nan
    y = np.isin(x[:, 0], [3, 7, 20, 41, 59]) * 2.0 + np.nan_to_num(x[:, 1]) + (x[:, 2] == 1)
    fitted = HistGradientBoostingRegressor(max_iter=20, categorical_features=[0, 2]).fit(x, y)
    seen = np.concatenate([x, [[100.0, 0.0, 9.0], [-1.0, 0.0, 1.0], [3.5, np.nan, np.nan]]])
    check(fitted, seen, tmp_path)
