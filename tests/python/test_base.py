"""Errors, clocks and windows as Python sees them."""

import builtins
import datetime as dt
import pickle

import numpy as np
import pytest
from holdfast import _core

UTC = dt.timezone.utc
T0 = dt.datetime(2021, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize("code, name, builtin, status", _core._error_table())
def test_every_code_has_its_exception(code, name, builtin, status):
    cls = getattr(_core, name)
    assert issubclass(cls, _core.Error)
    assert issubclass(cls, getattr(builtins, builtin))
    assert (cls.code, cls.http_status) == (code, status)
    with pytest.raises(cls, match=r'^model "m" missing$') as caught:
        _core._raise_error(code, 'model "m" missing')
    assert type(caught.value) is cls


def test_no_exception_is_without_a_code():
    classes = {n for n, c in vars(_core).items() if isinstance(c, type) and issubclass(c, _core.Error)}
    assert classes - {"Error"} == {row[1] for row in _core._error_table()}


def test_system_clock():
    clock = _core.system_clock()
    assert not clock.simulated
    assert abs(clock.now() - dt.datetime.now(UTC)) < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    "start",
    [
        T0,
        dt.datetime(2021, 7, 1),
        dt.datetime(2021, 7, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        "2021-07-01T00:00:00Z",
        np.datetime64("2021-07-01"),
        np.datetime64("2021-07-01T00:00:00.000000999"),
    ],
)
def test_times_in_every_form(start):
    assert _core.SimulatedClock(start).now() == T0


def test_finer_than_a_microsecond_is_floored_before_1970_too():
    just_before = np.datetime64(-1, "ns")
    assert _core.SimulatedClock(just_before).now() == dt.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


def test_pandas_timestamps():
    import pandas as pd

    assert _core.SimulatedClock(pd.Timestamp("2021-07-01", tz="UTC")).now() == T0
    assert _core.SimulatedClock(pd.Timestamp("2021-07-01T02:00", tz="Europe/Berlin")).now() == T0
    with pytest.raises(_core.InvalidArgument, match="NaT"):
        _core.SimulatedClock(pd.NaT)


@pytest.mark.parametrize("start", [np.datetime64("NaT"), "yesterday", "2021-07-01T25:00:00Z"])
def test_times_that_are_none(start):
    with pytest.raises(_core.InvalidArgument):
        _core.SimulatedClock(start)


@pytest.mark.parametrize("start", [0, 1.5, None, dt.date(2021, 7, 1)])
def test_values_of_another_type(start):
    with pytest.raises(TypeError):
        _core.SimulatedClock(start)


def test_simulated_clock_moves_only_when_told():
    clock = _core.SimulatedClock(T0)
    assert clock.simulated
    clock.advance("1h30m")
    clock.advance(dt.timedelta(microseconds=7))
    assert clock.now() == T0 + dt.timedelta(minutes=90, microseconds=7)
    clock.set(T0 + dt.timedelta(days=1))
    assert repr(clock) == "<SimulatedClock at 2021-07-02T00:00:00Z>"
    with pytest.raises(_core.InvalidArgument):
        clock.set(T0)
    with pytest.raises(_core.InvalidArgument):
        clock.advance(dt.timedelta(-1))


@pytest.mark.parametrize(
    "extent, text",
    [
        (_core.rows(500), "rows(500)"),
        ("rows(500)", "rows(500)"),
        ("90m", "1h30m"),
        (dt.timedelta(minutes=5), "5m"),
        (np.timedelta64(7, "D"), "1w"),
    ],
)
def test_windows_in_every_form(extent, text):
    window = _core.Window(extent)
    assert str(window) == text
    assert window == _core.Window(text)
    assert hash(window) == hash(_core.Window(text))
    assert pickle.loads(pickle.dumps(window)) == window
    assert (window.rows is None) != (window.duration is None)


def test_window_shows_itself():
    assert repr(_core.rows(3)) == "rows(3)"
    assert repr(_core.Window("5m")) == "Window('5m')"
    assert _core.Window("5m") != "5m"


@pytest.mark.parametrize("extent", ["", "5", "rows(0)", dt.timedelta(0), dt.timedelta(-1), np.timedelta64("NaT")])
def test_windows_that_are_none(extent):
    with pytest.raises(_core.InvalidArgument):
        _core.Window(extent)


def test_window_of_another_type():
    with pytest.raises(TypeError):
        _core.Window(5)


def test_errors_survive_pickle():
    error = pickle.loads(pickle.dumps(_core.NotFound("no such model")))
    assert type(error) is _core.NotFound


def test_docstring_examples_run():
    import doctest

    results = doctest.testmod(_core, extraglobs=vars(_core))
    assert results.attempted > 0
    assert results.failed == 0
