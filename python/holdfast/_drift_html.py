"""A drift report as HTML without anything from elsewhere."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from ._core import ColumnDrift

if TYPE_CHECKING:
    from ._drift import DriftReport

_STYLE = """
.hf{font:14px/1.45 system-ui,sans-serif;color:#1f2933;max-width:1080px}
.hf h1{font-size:22px;margin:0 0 4px}.hf p{margin:4px 0 14px;color:#52606d}
.hf table{border-collapse:collapse;width:100%}
.hf th{text-align:left;font-weight:600;color:#52606d;border-bottom:2px solid #cbd2d9;padding:6px 10px}
.hf th{white-space:nowrap}
.hf td{border-bottom:1px solid #e4e7eb;padding:6px 10px;vertical-align:middle}
.hf td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.hf th.n{text-align:right}.hf .note{color:#7b8794;font-size:12px}
.hf .v{display:inline-block;border-radius:10px;padding:1px 10px;color:#fff;font-weight:600;font-size:12px}
.hf .drift{background:#c0392b}.hf .insufficient{background:#b7791f}.hf .ok{background:#2f855a}
.hf ul{margin:6px 0;padding-left:20px;color:#52606d}
"""
_COLOURS = {"drift": "#c0392b", "insufficient": "#b7791f", "ok": "#2f855a"}


def page(report: DriftReport) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>Drift report</title>'
        f"<style>body{{margin:32px}}</style></head><body>{table(report)}</body></html>\n"
    )


def table(report: DriftReport) -> str:
    drifted = len(report.drifted)
    rows = "".join(_row(test) for test in report.tests)
    return (
        f'<div class="hf"><style>{_STYLE}</style>'
        f"<h1>Drift report {_badge(report.verdict)}</h1>"
        f"<p>{report.reference_rows:,} reference rows, {report.current_rows:,} current rows; "
        f"{drifted} of {len(report)} columns drifted. All intervals hold together with {1 - report.alpha:.0%} "
        "on either side. The bar shows the effect and its interval; the dashed line is the tolerance.</p>"
        '<table><thead><tr><th>column</th><th>test</th><th>verdict</th><th class="n">effect</th>'
        '<th class="n">interval</th><th class="n">tolerance</th><th></th><th class="n">detectable</th>'
        f'<th class="n">rows wanted</th></tr></thead><tbody>{rows}</tbody></table>{_left_out(report)}</div>'
    )


def _row(test: ColumnDrift) -> str:
    low, high = test.interval
    note = f'<div class="note">{escape(test.note)}</div>' if test.note else ""
    wanted = f"{test.rows_wanted:,}" if test.rows_wanted else ""
    return (
        f"<tr><td>{escape(test.column)}{note}</td><td>{escape(test.test)}</td><td>{_badge(test.verdict)}</td>"
        f'<td class="n">{_number(test.effect)}</td><td class="n">{_number(low)} to {_number(high)}</td>'
        f'<td class="n">{_number(test.tolerance)}</td><td>{_bar(test)}</td>'
        f'<td class="n">{_number(test.detectable)}</td><td class="n">{wanted}</td></tr>'
    )


def _bar(test: ColumnDrift, width: int = 180) -> str:
    if math.isnan(test.effect):
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
