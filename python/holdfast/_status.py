"""Tables of a workspace: what is live, and which versions there are."""

from __future__ import annotations

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
        rows.append(
            [
                f"{version.model}@{version.number}",
                version.state,
                f"{version.registered:%Y-%m-%d %H:%M}",
                version.package[:12],
                metrics,
            ]
        )
    return ["version", "state", "registered", "package", "metrics"], rows


def endpoints_table(workspace: Workspace) -> Table:
    header = ["endpoint", "live", "since", "answers", "labelled", "waiting", "last decision"]
    return header, [endpoint_row(workspace, name) for name in workspace.endpoints()]


def endpoint_row(workspace: Workspace, name: str) -> list[str]:
    # Rows alone: an endpoint that is opened loads its version, and may follow an approval.
    ledger = workspace._core.ledger(name)
    live = next((row for row in reversed(ledger) if row.kind in ("deploy", "rollback")), None)
    frozen = next((row.kind == "freeze" for row in reversed(ledger) if row.kind in ("freeze", "unfreeze")), False)
    decided = _core.decisions(workspace._core, name)
    waiting = [f"@{v.number}" for v in workspace.registry.versions(live.model) if v.state == "pending"] if live else []
    return [
        name + (" (frozen)" if frozen else ""),
        f"{live.model}@{live.version}" if live else "nothing",
        f"{live.time:%Y-%m-%d %H:%M}" if live else "",
        str(workspace.interactions.count(endpoint=name)),
        str(workspace.interactions.count(endpoint=name, labelled=True)),
        " ".join(waiting) or "nothing",
        f"{decided[-1].time:%Y-%m-%d} {decided[-1].sentence}" if decided else "none",
    ]
