"""hf.drift and its report."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from . import _core
from ._core import ColumnDrift, Columns, DriftTest, Profile, Table
from ._drift_html import page, table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["DriftReport", "DriftSlice", "drift"]

Correction = Literal["bonferroni", "holm", "bh", "by"]
Tests = Mapping[str, DriftTest | str | Sequence[DriftTest | str]]

_STRENGTH = {"drift": 2, "insufficient": 1, "ok": 0}


def drift(
    reference: Any,
    current: Any,
    columns: Sequence[str] | Columns | None = None,
    tests: Tests | None = None,
    share: float = 0.0,
    alpha: float = 0.05,
    *,
    correction: Correction = "bonferroni",
    fdr: float | None = None,
    by: str | Sequence[str] = (),
    max_slices: int = 100,
    past: Iterable[Any] = (),
    in_time_order: bool = False,
) -> DriftReport:
    """Compares current data with a reference, column by column, and says ``ok``, ``drift`` or ``insufficient``.

    A column's verdict is ``drift`` where the lower bound of its effect lies above the tolerance, ``ok`` where the upper
    bound lies below, else ``insufficient`` (with the rows that would settle it). Bounds hold both samples' error, and
    what the sketches of profiles may be off by.

    reference, current: frames, dicts of columns (compared exactly), or Profiles (within their bounds).
    columns: names, or hf.Columns (id, time, label time and entity are then left out); None: every column of both sides
        but timestamps and columns of almost only distinct values, which the report names.
    tests: by column, from hf.drift_tests; others get Kolmogorov-Smirnov, Wasserstein and missing share (numbers) or
        total variation (text, booleans).
    share: the whole is ``drift`` if at least this share of the columns is; 0: any.
    alpha: chance of a wrong ``drift``, and of a wrong ``ok``, at most, over all columns; once more over all slices.
    correction: how the tests share alpha: ``bonferroni``, ``holm``; ``bh`` and ``by`` (Benjamini and Hochberg,
        Benjamini and Yekutieli) keep the share of wrong ones among those that say so below it instead.
    fdr: ``fdr=0.05`` is short for ``alpha=0.05, correction="bh"``.
    by: columns of a few values: the rows of each are compared by themselves, too, in ``report.slices``, and never
        change what the whole says. At most ``max_slices``. Frames only.
    past: windows that were as they should be, for tolerances of hf.thresholds that are made of them.
    in_time_order: the current rows stand in time order, and count for as many independent rows as their
        autocorrelation leaves. Frames only.

    Raises InvalidArgument: a column that a side lacks or has of another kind, an unknown test, a continuous column in
    ``by``, too many slices. Unsupported: ``by`` or ``in_time_order`` of profiles.

    >>> same = {"x": [float(i % 100) for i in range(20000)]}
    >>> drift(same, same).verdict
    'ok'
    >>> drift(same, {"x": [float(i % 100) + 50 for i in range(20000)]})["x"].verdict
    'drift'
    """
    if fdr is not None:
        alpha, correction = fdr, _step_up(correction)
    options = as_options(columns, tests, share, alpha, correction, past, by, max_slices, in_time_order)
    return DriftReport(_core.drift_report(_side(reference), _side(current), options))


def as_options(
    columns: Iterable[str] | Columns | None,
    tests: Tests | None,
    share: float,
    alpha: float,
    correction: Correction,
    past: Iterable[Any],
    by: str | Sequence[str] = (),
    max_slices: int = 100,
    in_time_order: bool = False,
) -> _core.DriftOptions:
    names, excluded = _picked(columns)
    return _core.DriftOptions(
        tests={name: _test_list(given) for name, given in (tests or {}).items()},
        alpha=alpha,
        correction=correction,
        share=share,
        columns=names,
        excluded=excluded,
        by=[by] if isinstance(by, str) else list(by),
        max_slices=max_slices,
        past=[window if isinstance(window, Profile) else Profile.of(window) for window in past],
        in_time_order=in_time_order,
    )


class _Findings:
    """A verdict, and the tests of columns that it rests on."""

    def __init__(self, found: _core.DriftReport | _core.DriftSlice) -> None:
        self._found = found
        self._tests = found.tests

    @property
    def verdict(self) -> str:
        """``ok``, ``drift`` or ``insufficient``, of all columns."""
        return self._found.verdict

    @property
    def tests(self) -> list[ColumnDrift]:
        """Every test of every column, in the columns' order."""
        return list(self._tests)

    @property
    def columns(self) -> list[str]:
        """The columns that were compared."""
        return list(dict.fromkeys(test.column for test in self._tests))

    @property
    def drifted(self) -> list[str]:
        """The columns with a test that says drift."""
        return list(dict.fromkeys(test.column for test in self._tests if test.verdict == "drift"))

    @property
    def reference_rows(self) -> int:
        return self._found.reference_rows

    @property
    def current_rows(self) -> int:
        return self._found.current_rows

    def __getitem__(self, column: str) -> ColumnDrift:
        """The column's strongest test: drift before insufficient before ok, then the larger effect by its tolerance."""
        found = [test for test in self._tests if test.column == column]
        if not found:
            raise _core.NotFound(f'drift report: column "{column}" was {self._why_not(column)}')
        return max(found, key=_strength)

    def _why_not(self, column: str) -> str:
        return "not compared"

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def __len__(self) -> int:
        return len(self.columns)


class DriftSlice(_Findings):
    """The rows of one value, or one combination of values, of the columns that a report was cut by."""

    def __init__(self, found: _core.DriftSlice, by: Sequence[str]) -> None:
        super().__init__(found)
        self.values: dict[str, str | None] = dict(zip(by, found.values, strict=True))

    @property
    def name(self) -> str:
        """As it is written: ``region = north, member = true``."""
        return ", ".join(
            f"{by} is missing" if value is None else f"{by} = {value}" for by, value in self.values.items()
        )

    @property
    def strongest(self) -> ColumnDrift | None:
        """The test that the slice is ranked by: the largest lower bound in units of its tolerance; None without one."""
        return max(self._tests, key=_rank, default=None)

    def __repr__(self) -> str:
        return (
            f"DriftSlice({self.name}: {self.verdict}, {self.reference_rows:,} reference rows, "
            f"{self.current_rows:,} current rows)"
        )


class DriftReport(_Findings):
    """What hf.drift found: a verdict for the whole, and each column's tests.

    >>> rows = [float(i % 10) for i in range(5000)]
    >>> report = drift({"x": rows}, {"x": rows[:50]})
    >>> report.verdict, report["x"].rows_wanted > 50
    ('insufficient', True)
    """

    _found: _core.DriftReport

    def __init__(self, report: _core.DriftReport) -> None:
        super().__init__(report)
        self._slices = [DriftSlice(found, report.by) for found in report.slices]

    @property
    def left_out(self) -> dict[str, str]:
        """Columns that were not compared, and why."""
        return dict(_split(line) for line in self._found.left_out)

    @property
    def alpha(self) -> float:
        """What the chances of a wrong drift verdict, and of a wrong ok verdict, are at most, over the whole report."""
        return self._found.alpha

    @property
    def share(self) -> float:
        """The share of columns that makes the whole drift; 0: any."""
        return self._found.share

    @property
    def correction(self) -> str:
        """How the tests share alpha: ``bonferroni``, ``holm``, ``bh`` or ``by``."""
        return self._found.correction

    @property
    def family(self) -> int:
        """Number of tests that share alpha: all of all columns."""
        return self._found.family

    @property
    def slice_family(self) -> int:
        """Number of tests of all columns by all slices, which share alpha among themselves."""
        return self._found.slice_family

    @property
    def by(self) -> list[str]:
        """The columns whose values make the slices."""
        return self._found.by

    @property
    def slices(self) -> list[DriftSlice]:
        """By the largest lower bound of an effect in units of its tolerance, the largest first."""
        return list(self._slices)

    @property
    def note(self) -> str:
        """What to know of the whole: which window was looked at."""
        return self._found.note

    def _why_not(self, column: str) -> str:
        reason = self.left_out.get(column)
        return f"left out: {reason}" if reason else "not compared"

    def to_dict(self) -> dict[str, Any]:
        """The whole report as JSON would hold it."""
        result: dict[str, Any] = self._found.to_dict()
        return result

    def to_pandas(self) -> pd.DataFrame:
        """One row a test, the whole's first; with slices, a column ``slice`` that is empty for the whole."""
        import pandas as pd

        rows = [_pandas_row(test) for test in self._tests]
        if self._slices:
            rows = [{"slice": "", **row} for row in rows]
            rows += [{"slice": part.name, **_pandas_row(test)} for part in self._slices for test in part.tests]
        names = [*(["slice"] if self._slices else []), *_PANDAS_COLUMNS]
        frame = pd.DataFrame(rows, columns=names)
        return frame.astype({key: "float64" for key in _PANDAS_FLOATS})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each test's effect and interval in units of its tolerance, on matplotlib axes."""
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise ImportError("DriftReport.plot needs matplotlib: pip install 'holdfast[plots]'") from None
        tests = self.tests[::-1]
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 1.2 + 0.32 * max(1, len(tests))), layout="constrained")
        for row, test in enumerate(tests):
            if math.isnan(test.effect) or math.isnan(test.tolerance):
                ax.text(0.02, row, "no tolerance" if math.isnan(test.tolerance) else "nothing to compare", va="center")
                continue
            unit = test.tolerance or 1.0
            colour = _COLOURS[test.verdict]
            lower, upper = (min(bound / unit, _FARTHEST) for bound in test.interval)
            ax.hlines(row, lower, upper, color=colour, linewidth=2.5)
            ax.plot(min(test.effect / unit, _FARTHEST), row, "o", color=colour, clip_on=False, zorder=3)
        ax.axvline(1.0, color="#555555", linestyle="--", linewidth=1.0)
        ax.set_yticks(range(len(tests)), [f"{test.column} · {test.test}" for test in tests])
        ax.set_ylim(-0.6, max(1, len(tests)) - 0.4)
        ax.set_xlim(left=0.0)
        ax.set_xlabel("effect, in units of the tolerance")
        ax.set_title(f"{self.verdict}: {self.reference_rows:,} reference and {self.current_rows:,} current rows")
        return ax

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Writes one self-contained page."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(page(self))

    def _repr_html_(self) -> str:
        return table(self)

    def __repr__(self) -> str:
        lines = [
            f"DriftReport: {self.verdict} ({self.reference_rows:,} reference rows, {self.current_rows:,} current rows, "
            f"{len(self.drifted)} of {len(self)} columns drifted; {self.family} tests, {self.correction})"
        ]
        if self.note:
            lines.append(f"  {self.note}")
        width = max((len(name) for name in self.columns), default=0)
        lines += [f"  {name:<{width}}  {_line(self[name])}" for name in self.columns]
        lines += [f"  {name}: left out ({reason})" for name, reason in self.left_out.items()]
        if self._slices:
            lines.append(
                f"  {len(self._slices)} slices by {', '.join(self.by)} ({self.slice_family} tests), the first:"
            )
            for part in self._slices[:5]:
                test = part.strongest
                lines.append(f"    {part.name}: " + (f"{test.column} {_line(test)}" if test else "nothing to compare"))
        return "\n".join(lines)


_COLOURS = {"drift": "#c0392b", "insufficient": "#b7791f", "ok": "#2f855a"}
_FARTHEST = 1e3
_PANDAS_FLOATS = (
    "effect", "lower", "upper", "tolerance", "detectable", "p_drift", "p_corrected", "statistic", "p_value",
)  # fmt: skip
_PANDAS_COLUMNS = ("column", "test", "verdict", *_PANDAS_FLOATS, "rows_wanted", "note")


def _line(test: ColumnDrift) -> str:
    low, high = test.interval
    return (
        f"{test.verdict:<12}  {test.test} {test.effect:.3g} in [{low:.3g}, {high:.3g}], tolerance {test.tolerance:.3g}"
        + (f", {test.rows_wanted:,} rows wanted" if test.rows_wanted else "")
    )


def _pandas_row(test: ColumnDrift) -> dict[str, Any]:
    row = {name: getattr(test, name) for name in _PANDAS_COLUMNS if name not in ("lower", "upper")}
    return row | {"lower": test.interval.lower, "upper": test.interval.upper}


def _in_tolerances(value: float, test: ColumnDrift) -> float:
    unit = test.tolerance or math.ulp(0.0)
    return -math.inf if math.isnan(value) or math.isnan(unit) else value / unit


def _strength(test: ColumnDrift) -> tuple[int, float]:
    return _STRENGTH[test.verdict], _in_tolerances(test.effect, test)


def _rank(test: ColumnDrift) -> tuple[float, float]:
    return _in_tolerances(test.interval.lower, test), _in_tolerances(test.effect, test)


def _split(line: str) -> tuple[str, str]:
    name, _, reason = line.rpartition(": ")
    return name, reason


def _picked(columns: Iterable[str] | Columns | None) -> tuple[list[str], dict[str, str]]:
    if columns is None:
        return [], {}
    if not isinstance(columns, Columns):
        return list(columns), {}
    parts = {"id": columns.id, "time": columns.time, "label time": columns.label_time, "entity": columns.entity}
    return [], {name: f"the {part}" for part, name in parts.items() if name}


def _step_up(correction: Correction) -> Correction:
    if correction == "holm":
        raise _core.InvalidArgument('drift: fdr and correction="holm" given, "bh" or "by" wanted with fdr')
    return "by" if correction == "by" else "bh"


def _side(data: Any) -> Profile | Table:
    """A profile or a table as it is; anything else as a table."""
    return data if isinstance(data, (Profile, Table)) else Table(data)


def _test_list(given: DriftTest | str | Iterable[DriftTest | str]) -> list[DriftTest]:
    if isinstance(given, (DriftTest, str)):
        given = [given]
    return [DriftTest(test) if isinstance(test, str) else test for test in given]
