"""Any table goes in and comes out the same."""

import math

import holdfast as hf
import numpy as np
import polars as pl
import pyarrow as pa
from holdfast import _core
from hypothesis import given, settings
from hypothesis import strategies as st

MICROS = st.integers(-(2**62), 2**62)
KINDS = {
    "float32": (pa.float32(), st.floats(width=32)),
    "float64": (pa.float64(), st.floats()),
    "int8": (pa.int8(), st.integers(-(2**7), 2**7 - 1)),
    "int32": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "uint32": (pa.uint32(), st.integers(0, 2**32 - 1)),
    "int64": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "bool": (pa.bool_(), st.booleans()),
    "string": (pa.string(), st.text()),
    "large_string": (pa.large_string(), st.text()),
    "string_view": (pa.string_view(), st.text(max_size=30)),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["", "a", "ß", "long category"])),
    "dictionary8": (pa.dictionary(pa.int8(), pa.large_string()), st.sampled_from(["x", "y"])),
    "timestamp": (pa.timestamp("us"), MICROS),
}


@st.composite
def tables(draw):
    rows = draw(st.integers(0, 40))
    chosen = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4, unique=True))
    columns = {}
    for kind in chosen:
        dtype, items = KINDS[kind]
        columns[kind] = pa.array(draw(st.lists(st.none() | items, min_size=rows, max_size=rows)), dtype)
    table = pa.table(columns)
    begin = draw(st.integers(0, rows))
    part = table.slice(begin, draw(st.integers(0, rows - begin)))
    if draw(st.booleans()):
        cut = draw(st.integers(0, part.num_rows))
        part = pa.concat_tables([part.slice(0, cut), part.slice(cut)])
    return part


def plain(column):
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return ["NaN" if isinstance(value, float) and math.isnan(value) else value for value in column.to_pylist()]


@settings(max_examples=150, deadline=None)
@given(tables())
def test_arrow_round_trip(source):
    table = hf.Table(source)
    back = pa.table(table)
    back.validate(full=True)
    assert len(table) == source.num_rows
    for name in source.column_names:
        assert plain(back[name]) == plain(source[name])
        assert table.null_count(name) == source[name].null_count
    again = pa.table(hf.Table(table[1:])) if source.num_rows else back
    for name in source.column_names:
        assert plain(again[name]) == plain(source[name])[1:]


@settings(max_examples=50, deadline=None)
@given(tables())
def test_polars_round_trip(source):
    frame = pl.DataFrame(source)
    back = pl.DataFrame(hf.Table(frame))
    for name in source.column_names:
        if name != "timestamp":
            assert plain(back[name].to_arrow()) == plain(frame[name].to_arrow())


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_numpy_matrices(data):
    rows, columns = data.draw(st.integers(0, 6)), data.draw(st.integers(1, 6))
    dtype = data.draw(st.sampled_from(["float32", "float64", "int32", "int64", "uint8", "bool"]))
    steps = data.draw(st.tuples(st.sampled_from([1, 2, -1]), st.sampled_from([1, 3, -2])))
    x = np.arange(rows * columns).reshape(rows, columns).astype(dtype)[:: steps[0], :: steps[1]]
    seen = _core._batch_probe(x)
    np.testing.assert_array_equal(seen["values"], x)
    table = hf.Table(x)
    np.testing.assert_array_equal(np.stack([table[name] for name in table.columns], axis=1), x)
