"""Frames in and out: pandas, polars, pyarrow and dicts, through the Arrow PyCapsule protocol."""

import datetime
import sys

import holdfast as hf
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from holdfast import _core

MOMENTS = [datetime.datetime(2021, 7, 1, 12, 30, 15), None, datetime.datetime(1969, 12, 31, 23, 59, 59)]
TABLE = pa.table(
    {
        "f32": pa.array([1.5, None, -2.0], pa.float32()),
        "f64": pa.array([0.1, float("nan"), None], pa.float64()),
        "i8": pa.array([-1, None, 3], pa.int8()),
        "u16": pa.array([65535, None, 3], pa.uint16()),
        "i32": pa.array([1, None, 3], pa.int32()),
        "u32": pa.array([4294967295, None, 3], pa.uint32()),
        "i64": pa.array([2**60 + 1, None, 3], pa.int64()),
        "flag": pa.array([True, None, False]),
        "text": pa.array(["grün", None, ""]),
        "big": pa.array(["a", None, "c"], pa.large_string()),
        "view": pa.array(["short", None, "a text of more than twelve bytes"], pa.string_view()),
        "kind": pa.array(["u", None, "v"]).dictionary_encode(),
        "at": pa.array(MOMENTS, pa.timestamp("us", "Europe/Riga")),
    }
)
TYPES = [
    "float32", "float64", "int32", "int32", "int32", "int64", "int64", "boolean", "string", "string", "string",
    "categorical", "timestamp",
]  # fmt: skip


def values(table):
    """Every column as a list with None for nulls, read back through Arrow."""
    return pa.table(table).to_pydict()


def expected():
    plain = TABLE.to_pydict()
    plain["at"] = [moment and moment.astimezone(datetime.timezone.utc) for moment in plain["at"]]
    return plain


def same(a, b):
    return repr(a) == repr(b)  # NaN equals NaN


@pytest.fixture(params=["table", "batch", "chunks", "sliced", "reader"])
def arrow_form(request):
    return {
        "table": TABLE,
        "batch": TABLE.combine_chunks().to_batches()[0],
        "chunks": pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1, 0), TABLE.slice(1, 2)]),
        "sliced": pa.concat_tables([TABLE] * 3).combine_chunks().slice(3, 3),
        "reader": TABLE.to_reader(max_chunksize=2),
    }[request.param]


def test_pyarrow_in_and_out(arrow_form):
    table = hf.Table(arrow_form)
    assert [kind for _, kind in table.schema.fields] == TYPES
    assert table.columns == TABLE.column_names
    assert len(table) == 3
    got, want = values(table), expected()
    for name in want:
        if name == "at":
            assert [m and m.timestamp() for m in got[name]] == [m and m.timestamp() for m in want[name]]
        else:
            assert same(got[name], want[name]), name
    assert pa.table(table).validate(full=True) is None


def test_polars_in_and_out():
    frame = pl.DataFrame(
        {
            "x": pl.Series([1.0, None, 3.0], dtype=pl.Float32),
            "n": [1, None, 3],
            "flag": [True, None, False],
            "text": ["a", None, "a text of more than twelve bytes"],
            "kind": pl.Series(["u", None, "v"], dtype=pl.Categorical),
            "level": pl.Series(["low", None, "high"], dtype=pl.Enum(["low", "high"])),
            "at": pl.Series(MOMENTS, dtype=pl.Datetime("ns")),
            "day": pl.Series([datetime.date(2020, 1, 2), None, datetime.date(1960, 1, 1)]),
        }
    )
    table = hf.Table(frame)
    assert dict(table.schema.fields) == {
        "x": "float32", "n": "int64", "flag": "boolean", "text": "string", "kind": "categorical",
        "level": "categorical", "at": "timestamp", "day": "timestamp",
    }  # fmt: skip
    back = pl.DataFrame(table)
    for name in ("x", "n", "flag", "text", "kind", "level"):
        assert back[name].cast(frame[name].dtype).to_list() == frame[name].to_list(), name
    assert back["at"].dt.replace_time_zone(None).to_list() == MOMENTS
    assert str(table["day"][0]) == "2020-01-02T00:00:00.000000"
    assert values(hf.Table(frame[1:].filter(pl.col("n") == 3)))["text"] == ["a text of more than twelve bytes"]


def test_pandas_in_and_out():
    frame = pd.DataFrame(
        {
            "x": [1.0, None, 3.0],
            "n": pd.array([1, None, 3], dtype="Int64"),
            "text": ["a", None, "c"],
            "kind": pd.Categorical(["u", None, "v"], categories=["v", "u"]),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "at": pd.to_datetime(MOMENTS),
        }
    )
    back = hf.Table(frame).to_pandas()
    assert list(back["x"].fillna(-1)) == [1.0, -1.0, 3.0]
    assert back["n"].dtype == "Int64" and back["n"].isna().tolist() == [False, True, False]
    assert back["flag"].dtype == "boolean" and back["flag"].isna()[1]
    assert back["kind"].dtype == "category" and list(back["kind"].cat.categories) == ["v", "u"]
    assert back["text"].tolist()[::2] == ["a", "c"] and pd.isna(back["text"][1])
    assert str(back["at"].dt.tz) == "UTC"
    assert back["at"].dt.tz_localize(None)[0] == frame["at"][0]


def test_pandas_index_is_no_column():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0]}, index=pd.Index(["a", "b", "c"], name="key"))
    assert hf.Table(frame).columns == ["x"]
    assert hf.Table(frame.iloc[[2, 0]])["x"].tolist() == [3.0, 1.0]


def test_pandas_without_pyarrow(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    frame = pd.DataFrame(
        {
            "x": [1.0, 2.0],
            "n": pd.array([1, None], dtype="Int64"),
            "text": ["a", None],
            "kind": pd.Categorical(["u", None]),
            "number": pd.Categorical([3, 4]),
            "at": pd.to_datetime(["2020-01-01", None]).tz_localize("Europe/Riga"),
        }
    )
    table = hf.Table(frame)
    assert dict(table.schema.fields) == {
        "x": "float64", "n": "int64", "text": "string", "kind": "categorical", "number": "int64", "at": "timestamp",
    }  # fmt: skip
    assert table["text"].tolist() == ["a", None]
    assert str(table["at"][0]) == "2019-12-31T22:00:00.000000"
    assert [table.null_count(name) for name in table.columns] == [0, 1, 1, 1, 0, 1]


MIXED = {
    "x": [1.5, None, -0.0, float("inf")],
    "f": np.array([1.5, np.nan, 0.0, 2.0], "float32"),
    "i": np.array([1, -2, 3, 4], "int8"),
    "n": [1, 2, 3, 2**53 + 1],
    "u": np.array([1, 2, 3, 4], "uint32"),
    "flag": [True, False, True, True],
    "at": pd.to_datetime(["2020-01-01", None, "2021-01-01", "1960-01-01"]),
    "zoned": pd.to_datetime(["2020-01-01", None, "2021-01-01", "1960-01-01"]).tz_localize("Europe/Riga"),
    "text": pd.array(["a", None, "c", ""], dtype="str"),
    "none": pd.array([None, None, None, None], dtype="str"),
    "kind": pd.Categorical(["u", None, "v", "u"], categories=["v", "u"]),
    "level": pd.Categorical([3, 4, None, 3]),
    "masked": pd.array([1, None, 3, 4], dtype="Int64"),
    "object": pd.Series([datetime.date(2020, 1, 2), None, datetime.date(2020, 1, 3), None], dtype="object"),
}


@pytest.mark.parametrize("times", [1, 600])
def test_a_pandas_frame_is_what_pyarrow_makes_of_it(times):
    frame = pd.concat([pd.DataFrame(MIXED)] * times, ignore_index=True)
    table, wanted = hf.Table(frame), hf.Table(pa.Table.from_pandas(frame))
    assert table.schema.fields == wanted.schema.fields
    for name in frame.columns:
        assert table.null_count(name) == wanted.null_count(name), name
        assert pa.table(table)[name].to_pylist() == pa.table(wanted)[name].to_pylist(), name


def test_columns_of_one_pandas_block_are_no_copies_of_each_other():
    matrix = np.arange(12.0).reshape(4, 3)
    frame = pd.DataFrame(matrix, columns=["a", "b", "c"])
    assert [hf.Table(frame)[name].tolist() for name in frame] == matrix.T.tolist()
    assert [hf.Table(frame[::2])[name].tolist() for name in frame] == matrix[::2].T.tolist()


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamp_units_and_zones(unit, zone):
    seconds = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    column = pa.array([0, -seconds, None, 5 * seconds + (1999 if unit == "ns" else 0)], pa.timestamp(unit, zone))
    got = hf.Table(pa.table({"at": column}))["at"].astype("int64")
    want = [0, -(10**6), np.iinfo("int64").min, 5 * 10**6 + (1 if unit == "ns" else 0)]
    assert got.tolist() == want


def test_finer_than_microseconds_is_floored():
    arrow = pa.table({"at": pa.array([-1, 999, 1000], pa.timestamp("ns"))})
    numpy = {"at": np.array([-1, 999, 1000], "datetime64[ns]")}
    for source in (arrow, numpy):
        assert hf.Table(source)["at"].astype("int64").tolist() == [-1, 0, 1]


@pytest.mark.parametrize("rows", [TABLE.slice(0, 0), pa.table({"x": pa.chunked_array([], pa.float64())})])
def test_empty_tables_keep_their_types(rows):
    table = hf.Table(rows)
    assert len(table) == 0
    assert table.columns == rows.column_names
    assert pa.table(table).num_rows == 0
    assert pl.DataFrame(table).shape == rows.shape
    assert table.to_pandas().shape == rows.shape


def test_columns_are_borrowed_from_arrow():
    arrow = pa.table({"x": pa.array([1.0, 2.0, None]), "n": pa.array([1, 2, 3]), "s": pa.array(["a", "b", "c"])})
    for source, skip in ((arrow, 0), (arrow.slice(1), 1)):
        table = hf.Table(source)
        assert _core._address(table, "x") == arrow["x"].chunk(0).buffers()[1].address + 8 * skip
        assert _core._address(table, "n") == arrow["n"].chunk(0).buffers()[1].address + 8 * skip
        assert _core._address(table, "s") == arrow["s"].chunk(0).buffers()[2].address
        back = pa.table(table)
        assert back["x"].chunk(0).buffers()[1].address == _core._address(table, "x")
    del arrow, source, back
    assert table["s"].tolist() == ["b", "c"]


def test_columns_are_borrowed_from_numpy_and_pandas():
    x = np.arange(5.0)
    assert _core._address(hf.Table({"x": x}), "x") == x.ctypes.data
    frame = pd.DataFrame({"x": x})
    assert _core._address(hf.Table(frame), "x") == frame["x"].to_numpy().ctypes.data
    at = np.array([0, 1], "datetime64[us]")
    assert _core._address(hf.Table({"at": at}), "at") == at.ctypes.data
    matrix = np.asfortranarray(np.arange(6.0).reshape(3, 2))
    assert _core._address(hf.Table(matrix), "x1") == matrix.ctypes.data + 24


def test_a_view_outlives_its_source():
    exported = hf.Table({"x": np.arange(1000.0)}).__arrow_c_stream__()
    del exported  # never consumed: the capsule releases it
    kept = pa.table(hf.Table({"x": np.arange(1000.0)}))
    assert kept["x"].to_numpy().sum() == 499500.0


def test_dict_of_columns():
    table = hf.Table(
        {
            "flag": np.array([True, False]),
            "u8": np.array([1, 255], "uint8"),
            "f16": np.array([0.5, 1.0], "float16"),
            "text": np.array(["a", "bc"]),
            "mixed": np.array(["a", None], dtype=object),
            "missing": np.array(["a", np.nan], dtype=object),
            "numbers": [1, None],
            "reals": [1, 2.5],
            "day": np.array(["2020-01-01", "NaT"], "datetime64[D]"),
            "times": [datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc), None],
            "kind": pd.Categorical(["u", None]),
            "series": pd.Series([1.5, 2.5]),
            "polars": pl.Series(["x", None]),
            "arrow": pa.chunked_array([["p"], ["q"]]),
            "strided": np.arange(4.0)[::2],
            "swapped": np.array([1, 2], ">i4"),
        }
    )
    assert dict(table.schema.fields) == {
        "flag": "boolean", "u8": "int32", "f16": "float32", "text": "string", "mixed": "string", "missing": "string",
        "numbers": "int64", "reals": "float64", "day": "timestamp", "times": "timestamp", "kind": "categorical",
        "series": "float64", "polars": "string", "arrow": "string", "strided": "float64", "swapped": "int32",
    }  # fmt: skip
    assert table["missing"].tolist() == ["a", None]
    assert table["strided"].tolist() == [0.0, 2.0]
    assert table["swapped"].tolist() == [1, 2]
    assert table["day"].astype(str).tolist() == ["2020-01-01T00:00:00.000000", "NaT"]


def test_numpy_out_owns_its_memory():
    table = hf.Table({"x": np.arange(3.0), "s": ["a", None, "c"], "n": [1, None, 3], "b": [True, None, False]})
    columns = table.to_dict()
    columns["x"][0] = 7.0
    assert table["x"][0] == 0.0
    assert columns["s"].dtype == object and columns["s"].tolist() == ["a", None, "c"]
    assert columns["n"].dtype == "float64" and np.isnan(columns["n"][1])
    assert columns["b"].tolist() == [True, None, False]


def test_table_as_a_container():
    table = hf.Table({"x": [1.0, 2.0, 3.0], "s": ["a", "b", "c"]})
    assert repr(table) == "Table(3 rows; x: float64, s: string)"
    assert "x" in table and "y" not in table and list(table) == ["x", "s"]
    assert table[["s"]].columns == ["s"]
    assert table[1:]["x"].tolist() == [2.0, 3.0]
    assert table[::-2]["s"].tolist() == ["c", "a"]
    assert hf.Table(table).columns == table.columns
    assert pa.schema(table).names == ["x", "s"]
    assert hf.Table(np.ones((2, 2)), names=["a", "b"]).columns == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (pa.table({"x": [[1]]}), hf.Unsupported, 'column "x": Arrow format "+l" given'),
        (pa.table({"x": pa.array([b"1"])}), hf.Unsupported, 'column "x": Arrow format "z" given'),
        (
            pa.table({"x": pa.array([2**63], pa.uint64())}),
            hf.InvalidArgument,
            "uint64 9223372036854775808 given at row 0",
        ),
        (pa.table([[1], [2]], names=["x", "x"]), hf.InvalidArgument, 'column "x" given twice'),
        (pa.table({"at": pa.array([2**62], pa.timestamp("s"))}), hf.InvalidArgument, "fits int64 microseconds"),
        (pd.DataFrame({"x": [1, "a"]}), hf.InvalidArgument, "pandas.DataFrame given that does not export to Arrow"),
        ({"x": [1, "a"]}, hf.InvalidArgument, 'column "x": str given at row 1, a number or None wanted'),
        ({"x": [object()]}, hf.InvalidArgument, 'column "x": object given at row 0'),
        ({"x": [2**70]}, hf.InvalidArgument, "64 bits wanted"),
        ({"x": ["\ud800"]}, hf.InvalidArgument, "lone surrogate"),
        ({"x": np.ones((2, 2))}, hf.InvalidArgument, 'column "x": numpy float64(2, 2) given, one axis wanted'),
        ({"x": np.ones(2), "y": np.ones(3)}, hf.InvalidArgument, 'column "y" of 3 rows given, 2 wanted'),
        ({"x": np.ones(2, "complex64")}, hf.Unsupported, "complex64"),
        ({"x": np.ma.masked_array([1.0], [True])}, hf.InvalidArgument, "masked"),
        ({1: [1]}, hf.InvalidArgument, "key of type int given"),
        ({"": [1]}, hf.InvalidArgument, "empty column name"),
        ({"x": 3}, hf.InvalidArgument, 'column "x": int given'),
        ([[1]], hf.InvalidArgument, "list given"),
        (None, hf.InvalidArgument, "NoneType given"),
        (np.ones(3), hf.InvalidArgument, "[rows, columns] wanted"),
    ],
)
def test_refusals_name_the_thing(data, error, message):
    with pytest.raises(error) as caught:
        hf.Table(data)
    assert message in str(caught.value)


def test_a_failing_stream_is_a_typed_error():
    def batches():
        yield TABLE.to_batches()[0]
        raise ValueError("the source broke")

    with pytest.raises(hf.Error, match="the source broke"):
        hf.Table(pa.RecordBatchReader.from_batches(TABLE.schema, batches()))


def test_a_foreign_capsule_is_refused():
    class Strange:
        def __arrow_c_stream__(self, requested_schema=None):
            return hf.Table({"x": [1]}).__arrow_c_schema__()

    with pytest.raises(hf.InvalidArgument, match='named "arrow_array_stream" is wanted'):
        hf.Table(Strange())


def test_unknown_column_is_named():
    with pytest.raises(hf.InvalidArgument, match=r'column "y" given, one of \["x"\] wanted'):
        hf.Table({"x": [1]})["y"]
