"""A drift report as HTML without anything from elsewhere."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from ._core import ColumnDrift

if TYPE_CHECKING:
    from ._drift import DriftReport, DriftSlice

_STYLE = """
.hf{font:14px/1.45 system-ui,sans-serif;color:#1f2933;max-width:1180px}
.hf h1{font-size:22px;margin:0 0 4px}.hf h2{font-size:17px;margin:26px 0 4px}.hf p{margin:4px 0 14px;color:#52606d}
.hf table{border-collapse:collapse;width:100%}
.hf th{text-align:left;font-weight:600;color:#52606d;border-bottom:2px solid #cbd2d9;padding:6px 10px}
.hf th{white-space:nowrap}.hf td.name{min-width:140px}.hf td.slice{min-width:190px}
.hf td{border-bottom:1px solid #e4e7eb;padding:6px 10px;vertical-align:middle}
.hf td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.hf th.n{text-align:right}.hf .note{color:#7b8794;font-size:12px}
.hf .v{display:inline-block;border-radius:10px;padding:1px 10px;color:#fff;font-weight:600;font-size:12px}
.hf .drift{background:#c0392b}.hf .insufficient{background:#b7791f}.hf .ok{background:#2f855a}
.hf ul{margin:6px 0;padding-left:20px;color:#52606d}
"""
_CORRECTIONS = {
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "bh": "Benjamini and Hochberg",
    "by": "Benjamini and Yekutieli",
}
_COLOURS = {"drift": "#c0392b", "insufficient": "#b7791f", "ok": "#2f855a"}


_SHOWN_SLICES = 20


def page(report: DriftReport) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Drift report</title>'
        f"<style>body{{margin:32px}}</style></head><body>{table(report)}</body></html>\n"
    )


def table(report: DriftReport) -> str:
    rows = "".join(_row("", test, _settling_cells(test)) for test in report.tests)
    last = '<th class="n">detectable</th><th class="n">rows wanted</th>'
    return (
        f'<div class="hf"><style>{_STYLE}</style><h1>Drift report {_badge(report.verdict)}</h1>{_summary(report)}'
        f"{_table('', last, rows)}{_slices(report)}{_left_out(report)}</div>"
    )


def _summary(report: DriftReport) -> str:
    note = f"Window: {escape(report.note)}. " if report.note else ""
    return (
        f"<p>{note}{report.reference_rows:,} reference rows, {report.current_rows:,} current rows; "
        f"{len(report.drifted)} of {len(report)} columns drifted{_needed(report)}. {_promise(report)} The bar shows "
        "the effect and its interval; the dashed line is the tolerance.</p>"
    )


def _needed(report: DriftReport) -> str:
    return f" ({report.share:.0%} make the whole drift)" if report.share > 0.0 else ""


def _promise(report: DriftReport) -> str:
    name = _CORRECTIONS[report.correction]
    if report.correction in ("bh", "by"):
        kept = f"of tests that say drift, and of those that say ok, at most {report.alpha:.3g} are wrong on average"
    else:
        kept = f"all intervals hold together, on either side, but with a chance of {report.alpha:.3g}"
    return f"{report.family} tests, corrected for their number ({name}): {kept}."


def _table(first: str, last: str, rows: str) -> str:
    return (
        f"<table><thead><tr>{first}<th>column</th><th>test</th><th>verdict</th>"
        '<th class="n">effect</th><th class="n">interval</th><th class="n">tolerance</th><th></th>'
        '<th class="n" title="p-value of: the effect is at most the tolerance, corrected">p</th>'
        f"{last}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _slices(report: DriftReport) -> str:
    if not report.slices:
        return ""
    parts = [(part, test) for part in report.slices if (test := part.strongest)]
    rows = "".join(_row(_slice_cell(part), test, "", 130) for part, test in parts[:_SHOWN_SLICES])
    by = escape(", ".join(report.by))
    shown = f"; the first {_SHOWN_SLICES} are shown" if len(parts) > _SHOWN_SLICES else ""
    return (
        f"<h2>{len(report.slices)} slices by {by}</h2><p>The strongest test of each, by the lower bound of its effect "
        f"in units of the tolerance{shown}. {report.slice_family} tests of all columns by all slices are corrected "
        "together; they do not change what the whole says.</p>"
        f"{_table('<th>slice</th>', '', rows)}"
    )


def _slice_cell(part: DriftSlice) -> str:
    return (
        f'<td class="slice">{escape(part.name)} {_badge(part.verdict)}<div class="note">{part.reference_rows:,} '
        f"reference, {part.current_rows:,} current rows; {len(part.drifted)} of {len(part)} columns drifted</div></td>"
    )


def _settling_cells(test: ColumnDrift) -> str:
    wanted = f"{test.rows_wanted:,}" if test.rows_wanted else ""
    return f'<td class="n">{_number(test.detectable)}</td><td class="n">{wanted}</td>'


def _row(first: str, test: ColumnDrift, last: str, bar_width: int = 180) -> str:
    low, high = test.interval
    note = f'<div class="note">{escape(test.note)}</div>' if test.note else ""
    interval = "n/a" if math.isnan(low) else f"{_number(low)} to {_number(high)}"
    return (
        f'<tr>{first}<td class="name">{escape(test.column)}{note}</td><td>{escape(test.test)}</td>'
        f"<td>{_badge(test.verdict)}</td>"
        f'<td class="n">{_number(test.effect)}</td><td class="n">{interval}</td>'
        f'<td class="n">{_number(test.tolerance)}</td><td>{_bar(test, bar_width)}</td>'
        f'<td class="n">{_number(test.p_corrected)}</td>{last}</tr>'
    )


def _bar(test: ColumnDrift, width: int) -> str:
    if math.isnan(test.effect) or math.isnan(test.tolerance):
        return ""
    low, high = test.interval
    finite = [value for value in (2.0 * test.tolerance, 1.1 * high, 1.1 * test.effect) if math.isfinite(value)]
    scale = (width - 8) / (max(finite) or 1.0)

    def at(value: float) -> float:
        return 4 + min(value * scale, width - 8)

    colour = _COLOURS[test.verdict]
    return (
        f'<svg width="{width}" height="18" role="img" aria-label="effect and interval">'
        f'<line x1="4" x2="{width - 4}" y1="9" y2="9" stroke="#e4e7eb" stroke-width="2"/>'
        f'<line x1="{at(low):.1f}" x2="{at(high):.1f}" y1="9" y2="9" stroke="{colour}" stroke-width="4" opacity=".55"/>'
        f'<circle cx="{at(test.effect):.1f}" cy="9" r="4" fill="{colour}"/>'
        f'<line x1="{at(test.tolerance):.1f}" x2="{at(test.tolerance):.1f}" y1="1" y2="17" stroke="#323f4b" '
        'stroke-dasharray="3 2"/></svg>'
    )


def _left_out(report: DriftReport) -> str:
    if not report.left_out:
        return ""
    items = "".join(f"<li>{escape(name)}: {escape(reason)}</li>" for name, reason in report.left_out.items())
    return f"<p style='margin-top:18px'>Left out:</p><ul>{items}</ul>"


def _badge(verdict: str) -> str:
    return f'<span class="v {verdict}">{verdict}</span>'


def _number(value: float) -> str:
    if math.isnan(value):
        return "n/a"
    return "∞" if math.isinf(value) else f"{value:.3g}"
