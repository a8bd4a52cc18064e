"""What is live, which versions there are, and how each loop stands, in tables and in plain words."""

from __future__ import annotations

import json
from datetime import datetime

from . import _core
from ._workspace import Workspace

Table = tuple[list[str], list[list[str]]]


def text_table(header: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(line[column]) for line in [header, *rows]) for column in range(len(header))]
    aligned = [[cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in [header, *rows]]
    return "\n".join("  ".join(line).rstrip() for line in aligned)


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def versions_table(workspace: Workspace, model: str = "") -> Table:
    rows = []
    for version in workspace.registry.versions(model):
        metrics = " ".join(f"{name}={value.value:.4g}" for name, value in version.metrics.items())
        rows.append([called(version), version.state, minute(version.registered), version.package[:12], metrics])
    return ["version", "state", "registered", "package", "metrics"], rows


def aliases_table(workspace: Workspace, model: str = "") -> Table:
    models = [model] if model else sorted({version.model for version in workspace.registry.versions()})
    rows = []
    for name in models:
        newest = {move.alias: move for move in workspace.registry.alias_history(name)}
        rows += [
            [f"{name}@{alias}", f"{name}@{move.version}", minute(move.time), move.by, move.note]
            for alias, move in sorted(newest.items())
            if move.version is not None
        ]
    return ["alias", "version", "since", "by", "note"], rows


def endpoints_table(workspace: Workspace) -> Table:
    header = ["endpoint", "live", "since", "answers", "labelled", "waiting", "last decision"]
    return header, [endpoint_row(workspace, name) for name in workspace.endpoints()]


def minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"


def called(version: _core.Version) -> str:
    return f"{version.model}@{version.number}"


class Slot:
    """What the ledger says of an endpoint: the rows that made its version live, and that froze it; None where none did.

    Rows alone: an endpoint that is opened loads its version, and may follow an approval.
    """

    def __init__(self, workspace: Workspace, name: str) -> None:
        newest_first = workspace._core.ledger(name)[::-1]
        self.live = next((row for row in newest_first if row.kind in ("deploy", "rollback")), None)
        change = next((row for row in newest_first if row.kind in ("freeze", "unfreeze")), None)
        self.frozen = change if change is not None and change.kind == "freeze" else None


def endpoint_row(workspace: Workspace, name: str) -> list[str]:
    slot = Slot(workspace, name)
    live = slot.live
    decided = _core.decisions(workspace._core, name)
    waiting = [f"@{v.number}" for v in workspace.registry.versions(live.model) if v.state == "pending"] if live else []
    return [
        name + (" (frozen)" if slot.frozen else ""),
        f"{live.model}@{live.version}" if live else "nothing",
        minute(live.time) if live else "",
        str(workspace.interactions.count(endpoint=name)),
        str(workspace.interactions.count(endpoint=name, labelled=True)),
        " ".join(waiting) or "nothing",
        f"{decided[-1].time:%Y-%m-%d} {decided[-1].sentence}" if decided else "none",
    ]


def story(workspace: Workspace, name: str) -> str:
    """How an endpoint and its loop stand, in plain words."""
    lines = [_live_sentence(workspace, name), *_loop_sentences(workspace, name), *_owed_sentences(workspace, name)]
    decided = _core.decisions(workspace._core, name)
    lines += [f"{minute(one.time)} {one.sentence}" for one in decided[-LAST_DECISIONS:]]
    return "\n  ".join([f"{name}:", *lines])


LAST_DECISIONS = 5


def _live_sentence(workspace: Workspace, name: str) -> str:
    slot = Slot(workspace, name)
    live = slot.live
    if live is None:
        return "Nothing is live."
    what = "rolled back to" if live.kind == "rollback" else "deployed"
    why = f": {live.reason}" if live.reason else ""
    text = f"{live.model}@{live.version} is live since {minute(live.time)}, {what} by {live.by or 'somebody'}{why}."
    if slot.frozen is not None:
        text += f" Frozen since {minute(slot.frozen.time)}: {slot.frozen.reason}."
    return text


def _loop_sentences(workspace: Workspace, name: str) -> list[str]:
    status = _core.loop_status(workspace._core, name)
    if status.since is None:
        return ["No loop has run."]
    lines = [f"The loop is {STATES[status.state]} since {minute(status.since)}{' (paused)' if status.paused else ''}."]
    if status.outcome and status.state == "monitoring":
        lines[0] += f" Its last run ended: {status.outcome}."
    if status.until is not None:
        lines.append(
            f"{'Tries again after' if status.state == 'failed' else 'Retrains nothing before'} {minute(status.until)}."
        )
    if status.job:
        lines.append(_job_sentence(_core.job(workspace._core, status.job)))
    if status.state == "awaiting_approval":
        lines.append(f"Version {status.challenger} waits for a person to approve or reject it.")
    return lines


STATES = {
    "monitoring": "monitoring",
    "collecting": "choosing samples",
    "training": "training",
    "evaluating": "comparing challenger and champion",
    "awaiting_approval": "waiting for an approval",
    "deploying": "deploying",
    "failed": "waiting after a failed training",
}


JOB_STATES = {
    "queued": "is queued",
    "running": "is running",
    "succeeded": "has succeeded",
    "failed": "has failed",
    "cancelled": "was cancelled",
}


def _job_sentence(job: _core.Job) -> str:
    text = f"Job {job.id} {JOB_STATES[job.state]}"
    if job.state == "running":
        text += f", attempt {job.attempt}, {job.progress:.0%} done{f' ({job.note})' if job.note else ''}"
        text += f", since {minute(job.started)}" if job.started else ""
        text += f", by {' '.join(job.process.split()[:2])}" if job.process else ""
    if job.error:
        text += f"; the last attempt that failed: {job.error}"
    return text + "."


def _owed_sentences(workspace: Workspace, name: str) -> list[str]:
    owed = _core.undelivered(workspace._core, name)
    lines = []
    for channel in sorted({row.channel for row in owed}):
        rows = [row for row in owed if row.channel == channel]
        error = next((f"; last error: {row.error}" for row in reversed(rows) if row.error), "")
        plural = "s" if len(rows) > 1 else ""
        lines.append(f"{len(rows)} notification{plural} not delivered to {channel} yet{error}.")
    return lines


def version_story(workspace: Workspace, version: _core.Version) -> str:
    """All that the registry knows of a version."""
    package = workspace.registry.package(version)
    aliases = [alias for alias, number in workspace.registry.aliases(version.model).items() if number == version.number]
    live = [
        name
        for name in workspace.endpoints()
        if (row := Slot(workspace, name).live) and (row.model, row.version) == (version.model, version.number)
    ]
    facts = [
        ["package", version.package],
        ["signed by", ", ".join(package.signed_by) or "nobody"],
        ["aliases", ", ".join(aliases) or "none"],
        ["live at", ", ".join(live) or "no endpoint"],
        ["registered", minute(version.registered)],
    ]
    facts += [
        [row.state, f"{minute(row.time)} by {row.by or 'somebody'}{f': {row.note}' if row.note else ''}"]
        for row in workspace.registry.history(version)
    ]
    metrics = [
        [name, f"{value.value:.6g}", f"computed by Holdfast on {value.rows} rows"]
        for name, value in version.metrics.items()
    ]
    metrics += [[name, f"{value:.6g}", "claimed by its trainer"] for name, value in package.claimed.items()]
    origin = [
        [name, value if isinstance(value, str) else json.dumps(value, sort_keys=True)]
        for name, value in version.lineage.items()
        if name != "claimed" and value is not None
    ]
    line = " <- ".join(called(one) for one in workspace.registry.lineage(version))
    parts = [_indented(facts)]
    parts += ["metrics:\n" + _indented(metrics)] if metrics else ["metrics: none"]
    parts += ["lineage: " + line + ("\n" + _indented(origin) if origin else "")]
    return "\n".join([f"{called(version)} is {version.state}", *parts])


def _indented(rows: list[list[str]]) -> str:
    return "\n".join(f"  {line}" for line in text_table(rows[0], rows[1:]).splitlines())
