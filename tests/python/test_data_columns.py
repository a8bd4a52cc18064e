"""Columns and Schema."""

import pickle

import holdfast as hf
import pytest


def test_columns_say_their_parts():
    columns = hf.Columns(target="rating", prediction="yhat", probability=["p0", "p1"], id="id", time="at",
                         label_time="rated_at", entity="user")  # fmt: skip
    assert columns.probability == ["p0", "p1"]
    assert columns.features == []
    assert (columns.target, columns.entity) == ("rating", "user")
    assert eval(repr(columns), {"Columns": hf.Columns}) == columns
    assert hf.Columns(**columns.to_dict()) == columns
    assert hf.Columns.from_json(columns.to_json()) == columns
    assert pickle.loads(pickle.dumps(columns)) == columns
    assert len({columns, hf.Columns(**columns.to_dict()), hf.Columns()}) == 2


def test_one_name_is_a_list_of_one():
    assert hf.Columns(probability="p").probability == ["p"]
    assert hf.Columns(features="x").features == ["x"]
    assert hf.Columns().target is None
    assert hf.Columns() != 3
    with pytest.raises(hf.InvalidArgument, match=r"columns\.probability: 3 given"):
        hf.Columns(probability=3)
    with pytest.raises(TypeError):
        hf.Columns("rating")


def test_features_are_the_rest():
    data = {"x": [1.0], "y": [2.0], "p": [0.5]}
    assert hf.Columns(target="y", probability="p").feature_names(data) == ["x"]
    with pytest.raises(hf.InvalidArgument, match=r'columns\.target: table: column "z" given'):
        hf.Columns(target="z").feature_names(data)
    with pytest.raises(hf.InvalidArgument, match='"y" given as target and as id'):
        hf.Columns(target="y", id="y").feature_names(data)


def test_schema():
    schema = hf.Table({"x": [1.0], "s": ["a"]}).schema
    assert schema.fields == [("x", "float64"), ("s", "string")]
    assert schema.names == ["x", "s"] and len(schema) == 2
    assert repr(schema) == "Schema(x: float64, s: string)"
    assert schema == hf.Schema([("x", "float64"), ("s", "string")])
    assert hf.Schema.from_json(schema.to_json()) == schema
    assert len(schema.hash) == 64
    with pytest.raises(hf.InvalidArgument, match='"float16" given, one of float32'):
        hf.Schema([("x", "float16")])
    with pytest.raises(hf.InvalidArgument, match='"x" given twice'):
        hf.Schema([("x", "int32"), ("x", "int32")])
