"""Canonical JSON against PyPI's rfc8785, an implementation of its own."""

import json
import math

import pytest
import rfc8785
from holdfast import _core
from hypothesis import example, given
from hypothesis import strategies as st

EXACT = 2**53 - 1  # the integers that rfc8785 takes

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(values)
def test_canonical_text_equals_rfc8785(value):
    assert _core.canonical_json(value).encode() == rfc8785.dumps(value)


@given(values)
def test_parse_reads_what_the_standard_library_writes(value):
    assert _core.parse_json(json.dumps(value)) == value
    assert _core.canonical_json(_core.parse_json(_core.canonical_json(value))) == _core.canonical_json(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back(value):
    assert float(_core.parse_json(_core.canonical_json(value))) == value


def whole_number(text):
    """As ours: a float where int64 does not hold it."""
    return int(text) if -(2**63) <= int(text) < 2**63 else float(text)


@given(st.text(max_size=50))
@example("9223372036854775807")
@example("9223372036854775809")
@example("-9223372036854775809")
def test_whatever_is_refused_is_refused_by_type(text):
    try:
        value = _core.parse_json(text)
    except _core.InvalidArgument:
        return
    assert value == json.loads(text, parse_int=whole_number)


def test_beyond_the_rfc():
    assert _core.canonical_json([math.nan, math.inf, -math.inf]) == '["NaN","Infinity","-Infinity"]'
    assert _core.canonical_json([2**53, 2**53 + 1]) == '[9007199254740992,"9007199254740993"]'


def test_numpy_scalars_are_numbers():
    import numpy as np

    assert _core.canonical_json([np.int32(3), np.float32(0.5), np.bool_(True), np.uint64(7)]) == "[3,0.5,true,7]"


def loop():
    items: list = []
    items.append(items)
    return items


@pytest.mark.parametrize("value", [2**63, {1: 2}, {1}, b"x", object(), "\ud800", loop()])
def test_what_json_cannot_hold(value):
    with pytest.raises(_core.InvalidArgument):
        _core.canonical_json(value)


@pytest.mark.parametrize("text", ["", "{", '{"a":1,"a":2}', "NaN", "1e999", "[" * 300 + "]" * 300])
def test_what_is_not_json(text):
    with pytest.raises(_core.InvalidArgument) as caught:
        _core.parse_json(text)
    assert "JSON" in str(caught.value)
