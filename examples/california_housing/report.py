"""The story as one self-contained HTML page."""

from __future__ import annotations

import base64
import html
import io
from datetime import datetime
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import holdfast as hf
import matplotlib.dates
import matplotlib.pyplot as plt
import pandas as pd
import quality
from stream import Story

COLOURS = {"loop": "#1a6faf", "frozen": "#b0622a"}
NAMES = {"loop": "with the loop", "frozen": "never retrained"}

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2330; max-width: 62rem; margin: 2.5rem auto; padding: 0 1.5rem }
h1 { font-size: 1.7rem; margin-bottom: .2rem } h2 { font-size: 1.2rem; margin-top: 2.2rem }
p.lead { color: #4a5568; margin-top: 0 } img { width: 100% }
table { border-collapse: collapse; width: 100%; font-size: .9rem } th, td { text-align: left; padding: .35rem .6rem; vertical-align: top }
th { border-bottom: 2px solid #cbd5e0 } td { border-bottom: 1px solid #e2e8f0 } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } td.d { white-space: nowrap }
tr.promote { background: #eaf5ec } tr.reject { background: #fbeeee } tr.retrain { background: #f4f6fb }
small { color: #4a5568 }
"""


def image(figure: plt.Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130, bbox_inches="tight")
    plt.close(figure)
    return f'<img alt="plot" src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'


def plot_quality(story: Story) -> plt.Figure:
    """Rolling accuracy and Brier score of both, with every challenger's fate marked."""
    smooth = quality.rolling(story.answers)
    figure, axes = plt.subplots(2, 1, figsize=(10, 6), sharex=True)
    for axis, metric in zip(axes, ["accuracy", "brier"], strict=True):
        for side in quality.SIDES:
            axis.plot(smooth.index, smooth[f"{side} {metric}"], color=COLOURS[side], label=NAMES[side], lw=1.6)
        for decision in story.decisions:
            if decision.action in ("promote", "reject"):
                promoted = decision.action == "promote"
                axis.axvline(
                    decision.time, color="#3f9b55" if promoted else "#c94f4f", ls="-" if promoted else ":", lw=1.1
                )
        axis.set_ylabel(f"{metric}, last 14 days")
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", color="#e2e8f0")
    handles, labels = axes[0].get_legend_handles_labels()
    handles += [plt.Line2D([], [], color="#3f9b55"), plt.Line2D([], [], color="#c94f4f", ls=":")]
    axes[0].legend(handles, [*labels, "challenger promoted", "challenger refused"], frameon=False, ncols=4, fontsize=9, loc="upper center",
                   bbox_to_anchor=(0.5, 1.15))  # fmt: skip
    axes[1].xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(axes[1].xaxis.get_major_locator()))
    return figure


def effects(decision: hf.Decision) -> dict[str, float]:
    """Columns that drifted, with the largest effect of each, as a decision's reasons hold them."""
    found: dict[str, float] = {}
    for reason in decision.reasons:
        for column, tests in (reason.numbers.get("effects") or {}).items():
            # KS alone: effects of different tests have different units.
            if "ks" in tests:
                found[column] = tests["ks"]["effect"]
    return found


def plot_drift(story: Story) -> plt.Figure | None:
    """Which columns had drifted, and how far, whenever a retraining was decided."""
    decided = {d.time: effects(d) for d in story.decisions if d.action == "retrain" and effects(d)}
    if not decided:
        return None
    frame = pd.DataFrame(decided).sort_index()
    figure, axis = plt.subplots(figsize=(10, 0.45 * len(frame) + 1.2))
    mesh = axis.imshow(frame.to_numpy(float), aspect="auto", cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(
        range(frame.shape[1]), [f"{time:%Y-%m-%d}" for time in frame.columns], rotation=30, ha="right", fontsize=8
    )
    axis.set_yticks(range(len(frame)), frame.index)
    for (row, column), value in pd.DataFrame(frame.to_numpy()).stack().items():
        axis.text(
            column,
            row,
            f"{value:.2f}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if value > 0.6 else "#1c2330",
        )
    figure.colorbar(mesh, label="Kolmogorov-Smirnov D")
    return figure


def table(header: list[str], rows: list[tuple[str, list[object]]]) -> str:
    """`rows`: a class, and cells; numbers are set right."""

    def cell(value: object) -> str:
        if isinstance(value, float):
            return f'<td class="n">{value:.3f}</td>'
        if isinstance(value, datetime):
            return f'<td class="d">{value:%Y-%m-%d}</td>'
        return f'<td class="n">{value}</td>' if isinstance(value, int) else f"<td>{html.escape(str(value))}</td>"

    first = rows[0][1] if rows else []
    numbers = [isinstance(value, (int, float)) for value in first]
    head = "".join(
        f"<th{' class=n' if n else ''}>{html.escape(name)}</th>" for name, n in zip(header, numbers, strict=True)
    )
    body = "".join(f'<tr class="{kind}">{"".join(map(cell, cells))}</tr>' for kind, cells in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def decisions_table(story: Story, verdicts: dict[int, str]) -> str:
    rows = []
    for decision in story.decisions:
        held = [
            reason.sentence
            for reason in decision.reasons
            if reason.truth == "yes" and reason.sentence not in decision.sentence
        ]
        why = "; ".join([decision.sentence, *held])
        rows.append(
            (
                decision.action,
                [decision.sequence, decision.time, decision.policy, why, verdicts.get(decision.sequence, "")],
            )
        )
    return table(["#", "when", "who", "what and why", "re-run from the store"], rows)


def swaps_table(story: Story) -> str:
    rows = [
        (
            "",
            [
                swap.time,
                f"v{swap.version}",
                *(part[side]["accuracy"] for part in (swap.before, swap.after) for side in quality.SIDES),
            ],
        )
        for swap in quality.swaps(story.answers)
    ]
    header = ["when", "version", "before: loop", "before: never retrained", "after: loop", "after: never retrained"]
    return table(header, rows)


def write(story: Story, verdicts: dict[int, str], seed: int, path: Path) -> None:
    whole = {side: quality.score(story.answers, side) for side in quality.SIDES}
    months = quality.by_month(story.answers)
    versions = [
        (
            "",
            [
                f"v{v.number}",
                v.state,
                v.registered,
                v.metrics["accuracy"].value,
                v.metrics["brier"].value,
                v.package[:12],
            ],
        )
        for v in story.versions
    ]
    drift_plot = plot_drift(story)
    parts = [
        "<h1>California housing: a model, a year, and a loop</h1>",
        f'<p class="lead">{len(story.answers):,} answers from {story.answers["time"].iloc[0]:%Y-%m-%d} to '
        f"{story.answers['time'].iloc[-1]:%Y-%m-%d}, seed {seed}. "
        f"Accuracy {whole['loop']['accuracy']:.3f} with the loop, {whole['frozen']['accuracy']:.3f} never retrained.</p>",
        image(plot_quality(story)),
        "<h2>Quality</h2>",
        table(
            ["", "accuracy", "Brier score", "AUC"],
            [("", [NAMES[side], *(whole[side][m] for m in ("accuracy", "brier", "auc"))]) for side in quality.SIDES],
        ),
        "<h2>Before and after each swap</h2><p><small>Accuracy over the 14 days before and after.</small></p>",
        swaps_table(story),
        "<h2>Every decision</h2>",
        decisions_table(story, verdicts),
        "<h2>Columns that had drifted when a retraining was decided</h2>" + image(drift_plot) if drift_plot else "",
        "<h2>Versions</h2><p><small>Metrics computed at packaging, on rows held back from training.</small></p>",
        table(["version", "state", "registered", "accuracy", "Brier score", "package"], versions),
        "<h2>By month</h2>",
        table(
            ["month", "accuracy: loop", "never retrained", "Brier: loop", "never retrained"],
            [
                (
                    "",
                    [
                        str(month),
                        *(float(row[(side, metric)]) for metric in ("accuracy", "brier") for side in quality.SIDES),
                    ],
                )
                for month, row in months.iterrows()
            ],
        ),
    ]
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Holdfast: California housing</title><style>{STYLE}</style>'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page + "\n".join(parts) + "</html>\n", encoding="utf-8")
