"""How fast interactions are logged, beside a plain C program that inserts the same rows into the same table.

usage: interaction_log.py PROGRAM [--rows 200000] [--runs 7] [--json FILE] [--folder DIR]

PROGRAM is the built bench_workspace_logging. Runs take turns, each in a workspace of its own; medians are told. Beside
rows a second, which a busy machine and its disk slow down, stands the processor's time for each row, of all threads.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

import report

BATCH = 1000
BLOB_BYTES = 30 * 4 + 8 + 4  # the floats, a double, 31 validity bits
PEER = Path(__file__).parent / "logging_peer.c"


class Runs:
    def __init__(self, program: Path, place: Path, rows: int) -> None:
        self.program, self.place, self.rows = program, place, rows
        self.peer = place / "peer"
        subprocess.run(["cc", "-O2", "-o", self.peer, PEER, "-lsqlite3"], check=True)
        self.seen: dict[str, list[list[float]]] = {}

    def fresh(self) -> Path:
        folder = self.place / "ws"
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([self.program, "make", folder], check=True)
        return folder

    def run(self, name: str, *command: object) -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        numbers = [float(number) for number in done.stdout.split()]
        self.seen.setdefault(name, []).append([*numbers, cpu / self.rows * 1e6])

    def all_once(self) -> None:
        self.run("c", self.peer, self.fresh() / "holdfast.db", self.rows, BATCH, BLOB_BYTES)
        self.run("store", self.program, "store", self.fresh(), self.rows, BATCH)
        self.run("log", self.program, "log", self.fresh(), self.rows, BATCH)
        self.run("latency", self.program, "latency", self.fresh(), 20_000)
        self.run("one", self.program, "reply", self.fresh(), 1, 200)
        self.run("sixty-four", self.program, "reply", self.fresh(), 64, 50)

    def bytes_a_row(self, mode: str) -> float:
        folder = self.fresh()
        before = (folder / "holdfast.db").stat().st_size
        subprocess.run([self.program, mode, folder, str(self.rows), str(BATCH)], check=True, capture_output=True)
        return ((folder / "holdfast.db").stat().st_size - before) / self.rows

    def median(self, name: str, column: int = 0) -> float:
        return statistics.median(values[column] for values in self.seen[name])


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory(dir=asked.folder) as place:
        runs = Runs(asked.program.resolve(), Path(place), asked.rows)
        for _ in range(asked.runs):
            runs.all_once()
        bytes_a_row = {mode: runs.bytes_a_row(mode) for mode in ("store", "log")}

    peer, peer_cpu = runs.median("c"), runs.median("c", 1)
    rates = {
        what: {
            "rows_per_second": runs.median(name),
            "to_c": runs.median(name) / peer,
            "cpu_us_per_row": runs.median(name, 1),
            "c_cpu_to_its": peer_cpu / runs.median(name, 1),
        }
        for what, name in (
            ("the C program", "c"),
            ("the store: the same rows, no summaries", "store"),
            ("Endpoint.predict, log and summaries", "log"),
        )
    }
    report.tell(
        f"logging {asked.rows} rows of 30 floats, {BATCH} a transaction ({report.cpu()}, medians of {asked.runs})",
        ["rows a second", "of the C program's", "processor us a row", "C's to it"],
        [(what, list(rate.values())) for what, rate in rates.items()],
    )
    added = {name: runs.median("latency", i) for i, name in enumerate(("median", "p99", "p99.9"))}
    report.tell(
        "what async logging adds to a call of one row, ns (the difference of the quantiles, with and without)",
        [*added, "the model alone"],
        [("Endpoint.predict_into", [*added.values(), runs.median("latency", 3)])],
    )
    replies = {"one caller": runs.median("one"), "64 callers": runs.median("sixty-four")}
    report.tell(
        "before_reply, calls a second",
        [*replies, "ratio"],
        [("Endpoint.predict_into", [*replies.values(), replies["64 callers"] / replies["one caller"]])],
    )
    report.tell(
        "bytes a row in the database, indexes included",
        ["bytes"],
        [("without summaries", [bytes_a_row["store"]]), ("with", [bytes_a_row["log"]])],
    )
    told = {
        "rows": asked.rows,
        "runs": asked.runs,
        "logging": rates,
        "added_ns": {**added, "model_alone_median": runs.median("latency", 3)},
        "before_reply_per_second": replies,
        "bytes_per_row": bytes_a_row,
    }
    report.write(asked.json, told)


if __name__ == "__main__":
    main()
