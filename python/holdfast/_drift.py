"""hf.drift and its report."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import _core
from ._core import ColumnDrift, Columns, DriftTest, Profile, Table
from ._drift_html import page, table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["DriftReport", "drift"]

_STRENGTH = {"drift": 2, "insufficient": 1, "ok": 0}


def drift(
    reference: Any,
    current: Any,
    columns: Sequence[str] | Columns | None = None,
    tests: Mapping[str, DriftTest | str | Sequence[DriftTest | str]] | None = None,
    share: float = 0.0,
    alpha: float = 0.05,
) -> DriftReport:
    """Compares current data with a reference, column by column, and says ``ok``, ``drift`` or ``insufficient``.

    A column's verdict is ``drift`` where the lower bound of its effect lies above the tolerance, ``ok`` where the upper
    bound lies below, else ``insufficient`` (with the rows that would settle it). Bounds hold with 1 - ``alpha`` for all
    tests together (Bonferroni), and hold both samples' error and the sketches'.

    reference, current: frames, dicts of columns (compared exactly), or Profiles (within their sketches' bounds).
    columns: names, or hf.Columns (id, time, label time and entity are then left out); None: every column of both sides
        but timestamps and columns of almost only distinct values, which the report names.
    tests: by column, from hf.drift_tests; others get Kolmogorov-Smirnov, Wasserstein and missing share (numbers) or
        total variation (text, booleans).
    share: the whole is ``drift`` if at least this share of the columns is; 0: any.

    Raises InvalidArgument: a column that a side lacks or has of another kind, an unknown test.

    >>> same = {"x": [float(i % 100) for i in range(20000)]}
    >>> drift(same, same).verdict
    'ok'
    >>> drift(same, {"x": [float(i % 100) + 50 for i in range(20000)]})["x"].verdict
    'drift'
    """
    names, excluded = _picked(columns)
    chosen = {name: _test_list(given) for name, given in (tests or {}).items()}
    return DriftReport(_core.drift_report(_side(reference), _side(current), names, excluded, chosen, share, alpha))


class DriftReport:
    """What hf.drift found: a verdict for the whole, and each column's tests.

    >>> rows = [float(i % 10) for i in range(5000)]
    >>> report = drift({"x": rows}, {"x": rows[:50]})
    >>> report.verdict, report["x"].rows_wanted > 50
    ('insufficient', True)
    """

    def __init__(self, report: _core.DriftReport) -> None:
        self._report = report

    @property
    def verdict(self) -> str:
        """``ok``, ``drift`` or ``insufficient``, of the whole."""
        return self._report.verdict

    @property
    def tests(self) -> list[ColumnDrift]:
        """Every test of every column, in the columns' order."""
        return self._report.tests

    @property
    def columns(self) -> list[str]:
        """The columns that were compared."""
        return list(dict.fromkeys(test.column for test in self.tests))

    @property
    def drifted(self) -> list[str]:
        """The columns with a test that says drift."""
        return [name for name in self.columns if self[name].verdict == "drift"]

    @property
    def left_out(self) -> dict[str, str]:
        """Columns that were not compared, and why."""
        return dict(_split(line) for line in self._report.left_out)

    @property
    def reference_rows(self) -> int:
        return self._report.reference_rows

    @property
    def current_rows(self) -> int:
        return self._report.current_rows

    @property
    def alpha(self) -> float:
        """What the chances of a wrong drift verdict, and of a wrong ok verdict, are at most, over the whole report."""
        return self._report.alpha

    def __getitem__(self, column: str) -> ColumnDrift:
        """The column's strongest test: drift before insufficient before ok, then the larger effect by its tolerance."""
        found = [test for test in self.tests if test.column == column]
        if not found:
            reason = self.left_out.get(column)
            raise _core.NotFound(
                f'drift report: column "{column}" was ' + (f"left out: {reason}" if reason else "not compared")
            )
        return max(found, key=_strength)

    def __contains__(self, column: object) -> bool:
        return column in self.columns

    def __len__(self) -> int:
        return len(self.columns)

    def to_dict(self) -> dict[str, Any]:
        """The whole report as JSON would hold it."""
        result: dict[str, Any] = self._report.to_dict()
        return result

    def to_pandas(self) -> pd.DataFrame:
        """One row a test."""
        import pandas as pd

        rows = []
        for test in self.tests:
            row = test.to_dict()
            interval = row.pop("interval")
            row |= {"lower": interval["lower"], "upper": interval["upper"]}
            rows.append({key: math.nan if row[key] == "NaN" else row[key] for key in _PANDAS_COLUMNS})
        frame = pd.DataFrame(rows, columns=list(_PANDAS_COLUMNS))
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
            if math.isnan(test.effect):
                continue
            unit = test.tolerance or 1.0
            colour = _COLOURS[test.verdict]
            upper = min(test.interval.upper / unit, _FARTHEST)
            ax.hlines(row, test.interval.lower / unit, upper, color=colour, linewidth=2.5)
            ax.plot(min(test.effect / unit, _FARTHEST), row, "o", color=colour)
        ax.axvline(1.0, color="#555555", linestyle="--", linewidth=1.0)
        ax.set_yticks(range(len(tests)), [f"{test.column} · {test.test}" for test in tests])
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
            f"{len(self.drifted)} of {len(self)} columns drifted)"
        ]
        width = max((len(name) for name in self.columns), default=0)
        for name in self.columns:
            test = self[name]
            low, high = test.interval
            lines.append(
                f"  {name:<{width}}  {test.verdict:<12}  {test.test} {test.effect:.3g} in [{low:.3g}, {high:.3g}], "
                f"tolerance {test.tolerance:.3g}" + (f", {test.rows_wanted:,} rows wanted" if test.rows_wanted else "")
            )
        lines += [f"  {name}: left out ({reason})" for name, reason in self.left_out.items()]
        return "\n".join(lines)


_COLOURS = {"drift": "#c0392b", "insufficient": "#b7791f", "ok": "#2f855a"}
_FARTHEST = 1e3
_PANDAS_FLOATS = ("effect", "lower", "upper", "tolerance", "detectable", "statistic", "p_value")
_PANDAS_COLUMNS = ("column", "test", "verdict", *_PANDAS_FLOATS, "rows_wanted", "note")


def _strength(test: ColumnDrift) -> tuple[int, float]:
    ratio = test.effect / test.tolerance if test.tolerance else test.effect
    return _STRENGTH[test.verdict], -math.inf if math.isnan(ratio) else ratio


def _side(data: Any) -> Any:
    return data if isinstance(data, (Profile, Table)) else Table(data)


def _split(line: str) -> tuple[str, str]:
    name, _, reason = line.rpartition(": ")
    return name, reason


def _picked(columns: Sequence[str] | Columns | None) -> tuple[list[str], dict[str, str]]:
    if columns is None:
        return [], {}
    if not isinstance(columns, Columns):
        return list(columns), {}
    parts = {"id": columns.id, "time": columns.time, "label time": columns.label_time, "entity": columns.entity}
    return [], {name: f"the {part}" for part, name in parts.items() if name}


def _test_list(given: DriftTest | str | Iterable[DriftTest | str]) -> list[DriftTest]:
    if isinstance(given, (DriftTest, str)):
        given = [given]
    return [DriftTest(test) if isinstance(test, str) else test for test in given]
