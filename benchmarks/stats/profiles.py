"""Profiles beside whylogs, and the quantile sketch beside Apache DataSketches': time, bytes, rank error.

usage: profiles.py SKETCH FEED [--seeds 200] [--sketch-rows 1000000] [--rows 1000000] [--json FILE]

SKETCH and FEED are the built bench_stats_sketch and bench_stats_feed. It runs in the peers' environment.
Processor time of one thread; rounds take turns; medians.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import report

ORDERS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "sorted": lambda rng, n: np.sort(rng.random(n)),
    "reversed": lambda rng, n: np.sort(rng.random(n))[::-1].copy(),
    "zoomed": lambda rng, n: _zoomed(np.sort(rng.random(n))),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "duplicates": lambda rng, n: np.floor(rng.lognormal(size=n) * 10.0),
}


def _zoomed(ascending: np.ndarray) -> np.ndarray:
    """From both ends to the middle."""
    zoomed = np.empty_like(ascending)
    zoomed[0::2] = ascending[: (len(ascending) + 1) // 2]
    zoomed[1::2] = ascending[(len(ascending) + 1) // 2 :][::-1]
    return zoomed


def rank_error(kept: np.ndarray, weights: np.ndarray, ascending: np.ndarray) -> float:
    """The largest difference of estimated and true ranks, just below and at each value that is kept."""
    values, first = np.unique(kept, return_index=True)
    weight = np.add.reduceat(weights, first)
    at = np.cumsum(weight)
    below = at - weight
    low, high = np.searchsorted(ascending, values, "left"), np.searchsorted(ascending, values, "right")
    return float(max(np.abs(below - low).max(), np.abs(at - high).max()) / len(ascending))


class Sketches:
    def __init__(self, program: str, folder: Path) -> None:
        self.program, self.file = program, folder / "values"

    def ours(self, values: np.ndarray, k: int) -> tuple[float, int, np.ndarray, np.ndarray]:
        values.tofile(self.file)
        told = subprocess.run([self.program, str(self.file), str(k)], check=True, capture_output=True, text=True).stdout
        kept = np.fromfile(f"{self.file}.kept").reshape(-1, 2)
        return float(told.split()[0]), int(told.split()[1]), kept[:, 0], kept[:, 1]

    @staticmethod
    def theirs(values: np.ndarray, k: int) -> tuple[float, int, np.ndarray, np.ndarray]:
        from datasketches import kll_doubles_sketch

        best = 9e9
        for _ in range(3):
            sketch = kll_doubles_sketch(k)
            begin = time.process_time()
            sketch.update(values)
            best = min(best, time.process_time() - begin)
        pairs = np.array([(value, weight) for value, weight in sketch])
        pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        return best, len(sketch.serialize()), pairs[:, 0], pairs[:, 1]


def compare_sketches(sketches: Sketches, seeds: int, rows: int) -> list[dict[str, Any]]:
    told = []
    for k in (200, 800):
        for order, make in ORDERS.items():
            found: dict[str, list[tuple[float, int, float]]] = {"holdfast": [], "datasketches": []}
            for seed in range(seeds):
                values = make(np.random.default_rng(seed), rows)
                ascending = np.sort(values)
                for name, run in (("holdfast", sketches.ours), ("datasketches", sketches.theirs)):
                    seconds, size, kept, weights = run(values, k)
                    found[name].append((seconds, size, rank_error(kept, weights, ascending)))
            line: dict[str, Any] = {"k": k, "order": order, "rows": rows, "seeds": seeds}
            for name, runs in found.items():
                line[name] = {
                    "million_a_second": rows / statistics.median(run[0] for run in runs) / 1e6,
                    "bytes": max(run[1] for run in runs),
                    "p99_rank_error": float(np.quantile([run[2] for run in runs], 0.99)),
                }
            told.append(line)
            print(json.dumps(line), flush=True)
    return told


def compare_profiles(rows: int, columns: int, rounds: int) -> dict[str, Any]:
    import holdfast as hf
    import pandas as pd
    import whylogs

    frame = pd.DataFrame(
        np.random.default_rng(0).normal(size=(rows, columns)), columns=[f"x{i}" for i in range(columns)]
    )
    some = frame.iloc[: rows // 10]
    ours, theirs = [], []
    for _ in range(rounds):
        begin = time.process_time()
        hf.Profile.of(frame, deciles=True)
        ours.append(frame.size / (time.process_time() - begin))
        begin = time.process_time()
        whylogs.log(some).view()
        theirs.append(some.size / (time.process_time() - begin))
    told = {
        "rows": rows,
        "columns": columns,
        "holdfast_values_a_second": statistics.median(ours),
        "whylogs_values_a_second": statistics.median(theirs),
        "whylogs_rows": len(some),
    }
    print(json.dumps(told), flush=True)
    return told


def memory_bandwidth() -> float:
    """Gigabytes a second that one thread reads: numpy's sum of a 256 MB array."""
    values = np.ones(32 << 20)
    best = 9e9
    for _ in range(5):
        begin = time.process_time()
        values.sum()
        best = min(best, time.process_time() - begin)
    return values.nbytes / best / 1e9


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("sketch")
    parser.add_argument("feed")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--sketch-rows", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    args = parser.parse_args()
    os.environ.setdefault("WHYLOGS_NO_ANALYTICS", "True")
    told: dict[str, Any] = {"gigabytes_a_second": memory_bandwidth()}
    print(json.dumps(told), flush=True)
    feed = subprocess.run([args.feed, "1000000"], check=True, capture_output=True, text=True).stdout
    told["feed"] = [json.loads(line) for line in feed.splitlines()]
    print(feed, flush=True)
    told["profile"] = compare_profiles(args.rows, 20, 3)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        told["sketch"] = compare_sketches(Sketches(args.sketch, Path(folder)), args.seeds, args.sketch_rows)
    report.write(args.json, told)


if __name__ == "__main__":
    main()
