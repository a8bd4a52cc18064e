"""What a large log costs those who ask it: opening, one-hour windows, and joining a million labels.

usage: queries.py PROGRAM [--rows 10000 1000000 10000000] [--labels 1000000] [--json FILE] [--folder DIR]

PROGRAM is the built bench_workspace_logging, which fills a workspace a size, evenly over 30 days of event time, through
an endpoint. Medians are told, of wall time and of the processor's time (all threads), which a busy machine stretches
less. Ten million rows take about 6 GB.
"""

from __future__ import annotations

import datetime as dt
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import holdfast as hf
import numpy as np
import report

START = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
DAYS = 30
HOUR = {"since": START + dt.timedelta(days=DAYS / 2), "until": START + dt.timedelta(days=DAYS / 2, hours=1)}

Cost = tuple[float, float]


def cost(ask: Callable[[], object], times: int = 1) -> Cost:
    """Wall and processor, ms."""
    took = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        ask()
        took.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
    return statistics.median(wall for wall, _ in took), statistics.median(cpu for _, cpu in took)


def opened(folder: Path) -> None:
    with hf.Workspace(folder) as ws:
        assert ws.endpoint("line").live is not None


def asked(folder: Path) -> dict[str, Cost]:
    told = {"open, look up the live version, close": cost(lambda: opened(folder), 21)}
    with hf.Workspace(folder) as ws:
        log, endpoint = ws.interactions, ws.endpoint("line")
        told["endpoint.live"] = cost(lambda: endpoint.live, 21)
        told["one hour: count"] = cost(lambda: log.count(**HOUR), 11)
        told["one hour: rows"] = cost(lambda: log.to_table(**HOUR), 11)
        told["one hour: summary"] = cost(lambda: log.summary(endpoint="line", **HOUR), 11)
        told["the newest 5,000 rows"] = cost(lambda: log.to_table(last=5000), 11)
    return told


def labelled(folder: Path, rows: int) -> dict[str, Cost]:
    shuffled = folder.with_name("shuffled")
    shutil.copytree(folder, shuffled)
    told = {}
    for where, order in ((folder, "in order"), (shuffled, "shuffled")):
        with hf.Workspace(where) as ws:
            log = ws.interactions
            ids = np.asarray(log.to_pandas(last=rows)["id"])
            y = np.arange(rows, dtype=float)
            if order == "shuffled":
                np.random.default_rng(0).shuffle(ids)
            given = list(ids)

            def label(log=log, given=given, y=y) -> None:
                log.label(given, y)

            told[f"label, ids {order}"] = cost(label)
            told[f"label, ids {order}: the same again"] = cost(label)
            told[f"every label joined, ids {order}: rows"] = cost(lambda log=log: log.to_table(labelled=True))
            assert log.count(labelled=True) == rows
            told[f"every label joined, ids {order}: count"] = cost(lambda log=log: log.count(labelled=True))
    return told


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000])
    parser.add_argument("--labels", type=int, default=1_000_000)
    given = parser.parse_args()

    told: dict[str, dict[str, Cost]] = {}
    filling: dict[str, dict[str, float]] = {}
    labels: dict[str, Cost] = {}
    for rows in given.rows:
        with tempfile.TemporaryDirectory(dir=given.folder) as place:
            folder = Path(place) / "ws"
            subprocess.run([given.program, "make", folder], check=True)
            filled = subprocess.run(
                [given.program, "fill", folder, str(rows), str(DAYS)], check=True, capture_output=True, text=True
            )
            size = (folder / "holdfast.db").stat().st_size
            filling[str(rows)] = {"rows_per_second": float(filled.stdout), "bytes_per_row": size / rows}
            told[str(rows)] = asked(folder)
            if rows == given.labels:
                labels = labelled(folder, rows)
    sizes = list(told)
    title = f"({report.cpu()}; medians, ms)"
    for i, which in enumerate(("wall", "processor")):
        report.tell(
            f"{which} {title}",
            [f"{int(size):,} rows" for size in sizes],
            [(what, [told[size][what][i] for size in sizes]) for what in told[sizes[0]]],
        )
    report.tell(
        "filling the workspaces: summaries of a minute included",
        ["rows a second", "bytes a row"],
        [(f"{int(size):,} rows", list(values.values())) for size, values in filling.items()],
    )
    if labels:
        report.tell(
            f"{given.labels:,} labels {title}", ["wall", "processor"], [(what, list(c)) for what, c in labels.items()]
        )
    report.write(given.json, {"asked_ms": told, "filled": filling, "labels_ms": labels})


if __name__ == "__main__":
    main()
