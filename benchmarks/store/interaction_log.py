"""How fast interactions are logged, beside a plain C program that inserts the same rows into the same table.

usage: logging.py PROGRAM [--rows 200000] [--runs 5] [--folder DIR]

PROGRAM is the built bench_workspace_logging. Runs take turns, each in a workspace of its own; medians are told,
as JSON.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BATCH = 1000
NAMES = ("c", "store", "log", "latency", "one", "sixty-four")
BLOB_BYTES = 30 * 4 + 8 + 4  # the floats, a double, 31 validity bits


def cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None)
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        peer = Path(place) / "peer"
        subprocess.run(["cc", "-O2", "-o", peer, HERE / "logging_peer.c", "-lsqlite3"], check=True)

        def fresh() -> Path:
            folder = Path(place) / "ws"
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([asked.program, "make", folder], check=True)
            return folder

        def run(*command: object) -> list[float]:
            done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
            return [float(number) for number in done.stdout.split()]

        seen: dict[str, list[list[float]]] = {
            name: [] for name in ("c", "store", "log", "latency", "one", "sixty-four")
        }
        bytes_a_row = 0.0
        for _ in range(asked.runs):
            seen["c"].append(run(peer, fresh() / "holdfast.db", asked.rows, BATCH, BLOB_BYTES))
            seen["store"].append(run(asked.program, "store", fresh(), asked.rows, BATCH))
            folder = fresh()
            before = (folder / "holdfast.db").stat().st_size
            seen["log"].append(run(asked.program, "log", folder, asked.rows, BATCH))
            bytes_a_row = ((folder / "holdfast.db").stat().st_size - before) / asked.rows
            seen["latency"].append(run(asked.program, "latency", fresh(), 20_000))
            seen["one"].append(run(asked.program, "reply", fresh(), 1, 200))
            seen["sixty-four"].append(run(asked.program, "reply", fresh(), 64, 50))

    def median(name: str, column: int = 0) -> float:
        return statistics.median(values[column] for values in seen[name])

    told = {
        "cpu": cpu(),
        "runs": asked.runs,
        "rows": asked.rows,
        "c_rows_per_second": median("c"),
        "store_rows_per_second": median("store"),
        "log_rows_per_second": median("log"),
        "store_to_c": median("store") / median("c"),
        "log_to_c": median("log") / median("c"),
        "bytes_per_logged_row": bytes_a_row,
        "added_ns": {name: median("latency", i) for i, name in enumerate(("median", "p99", "p99.9"))},
        "model_alone_median_ns": median("latency", 3),
        "before_reply_one_per_second": median("one"),
        "before_reply_64_per_second": median("sixty-four"),
        "group_commit": median("sixty-four") / median("one"),
    }
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
