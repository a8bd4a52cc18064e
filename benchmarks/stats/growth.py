"""How time and memory of profiles and of drift reports grow with the rows: a log-log plot.

usage: growth.py [--rows 1000 ... 3000000] [--plot docs/images/growth.svg] [--json FILE]

4 columns of float64 as numpy arrays. Time is the processor's, the least of three. Memory of a report is what the
process held at most beyond what it held before, in columns of one side; of a profile it is the bytes it writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import holdfast as hf
import numpy as np
import report

COLUMNS = 4


def least_time(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(3):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)


def status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


def peak_bytes(work: Callable[[], Any]) -> int:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = status("VmRSS")
    work()
    return max(0, status("VmHWM") - before)


def measured(rows: int) -> dict[str, float]:
    rng = np.random.default_rng(0)
    reference, current = ({f"x{i}": rng.normal(size=rows) for i in range(COLUMNS)} for _ in range(2))
    return {
        "rows": rows,
        "profile_s": least_time(lambda: hf.Profile.of(current)),
        "drift_s": least_time(lambda: hf.drift(reference, current)),
        "profile_bytes_a_column": len(hf.Profile.of(current).to_bytes()) / COLUMNS,
        "drift_peak_columns": peak_bytes(lambda: hf.drift(reference, current)) / (8.0 * rows),
    }


def plot(seen: list[dict[str, float]], path: Path) -> None:
    import matplotlib.pyplot as plt

    rows = [one["rows"] for one in seen]
    _, (times, memory) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for name, label in (("profile_s", "Profile.of"), ("drift_s", "hf.drift of frames")):
        times.loglog(rows, [one[name] * 1e3 for one in seen], "o-", label=label)
    last = seen[-1]
    times.loglog(rows, [last["profile_s"] * 1e3 * n / last["rows"] for n in rows], "k:", linewidth=1, label="linear")
    times.set(xlabel="rows", ylabel="processor time, ms (4 columns)")
    memory.loglog(rows, [one["profile_bytes_a_column"] for one in seen], "o-", label="a profile, bytes a column")
    memory.loglog(rows, [8.0 * n for n in rows], "k:", linewidth=1, label="the column itself")
    memory.set(xlabel="rows", ylabel="bytes")
    for axes in (times, memory):
        axes.legend()
        axes.grid(alpha=0.3)
    plt.savefig(path)


def main() -> None:
    parser = report.parser(__doc__)
    steps = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000]
    parser.add_argument("--rows", type=int, nargs="+", default=steps)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    seen = [measured(rows) for rows in asked.rows]
    report.tell(
        f"{COLUMNS} columns",
        ["profile, ms", "drift, ms", "profile, bytes", "drift, columns"],
        [
            (
                f"{one['rows']:,} rows",
                [
                    one["profile_s"] * 1e3,
                    one["drift_s"] * 1e3,
                    one["profile_bytes_a_column"],
                    one["drift_peak_columns"],
                ],
            )
            for one in seen
        ],
    )
    if asked.plot:
        plot(seen, asked.plot)
    report.write(asked.json, {"growth": seen})


if __name__ == "__main__":
    main()
