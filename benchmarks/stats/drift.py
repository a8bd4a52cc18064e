"""A drift report of two frames, beside Evidently's preset and beside SciPy called by hand.

usage: drift.py [--peers build/peers] [--rows 5000 1000000] [--rounds 5] [--json FILE]

20 columns of float64; Holdfast's report has Kolmogorov-Smirnov, Wasserstein and PSI of every column with effects,
intervals, detectable effects and the correction; SciPy's are ks_2samp and wasserstein_distance; Evidently's is its
DataDriftPreset. Each gets the frames (pandas) as a user has them, and nothing is kept between rounds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import report
import turns

COLUMNS = [f"x{i}" for i in range(20)]
TESTS = ["ks", "wasserstein", "psi"]


def frames(rows: int) -> tuple[Any, Any]:
    import pandas as pd

    rng = np.random.default_rng(0)
    reference = pd.DataFrame(rng.normal(size=(rows, len(COLUMNS))), columns=COLUMNS)
    return reference, pd.DataFrame(rng.normal(0.02, 1.0, size=(rows, len(COLUMNS))), columns=COLUMNS)


def holdfast(reference: Any, current: Any) -> Callable[[], str]:
    import holdfast as hf

    return lambda: hf.drift(reference, current, tests={name: TESTS for name in COLUMNS}).verdict


def profiles(reference: Any, current: Any) -> Callable[[], str]:
    import holdfast as hf

    before, now = hf.Profile.of(reference), hf.Profile.of(current)
    return lambda: hf.drift(before, now, tests={name: TESTS for name in COLUMNS}).verdict


def scipy(reference: Any, current: Any) -> Callable[[], float]:
    from scipy.stats import ks_2samp, wasserstein_distance

    def work() -> float:
        found = [
            (ks_2samp(reference[name], current[name]).pvalue, wasserstein_distance(reference[name], current[name]))
            for name in COLUMNS
        ]
        return float(min(p for p, _ in found))

    return work


def evidently(reference: Any, current: Any) -> Callable[[], int]:
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    def work() -> int:
        definition = DataDefinition(numerical_columns=COLUMNS)
        now = Dataset.from_pandas(current, data_definition=definition)
        before = Dataset.from_pandas(reference, data_definition=definition)
        return len(Report([DataDriftPreset()]).run(now, before).dict()["metrics"])

    return work


MAKERS = {"holdfast": holdfast, "profiles": profiles, "scipy": scipy, "evidently": evidently}


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--peers", type=Path, default=Path("build/peers"))
    parser.add_argument("--rows", type=int, nargs="+", default=[5_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", choices=MAKERS, help=report.WORKER)
    asked = parser.parse_args()
    if asked.work:
        turns.serve(MAKERS[asked.work](*frames(asked.rows[0])))
        return

    told = {}
    for rows in asked.rows:
        peers = turns.python_of(asked.peers)
        workers = {
            name: turns.Worker(peers if name in ("scipy", "evidently") else sys.executable, __file__, "--work", name,
                               "--rows", rows)
            for name in MAKERS
        }  # fmt: skip
        large = rows > 100_000
        rounds = {"holdfast": asked.rounds, "profiles": asked.rounds, "scipy": 1 if large else asked.rounds}
        told[str(rows)] = seen = turns.interleaved(workers, rounds | {"evidently": 1 if large else asked.rounds})
        ours = seen["holdfast"]["processor_s"]
        report.tell(
            f"{rows:,} x {len(COLUMNS)} against as many",
            ["wall, ms", "processor, ms", "of Holdfast's"],
            [
                (name, [one["wall_s"] * 1e3, one["processor_s"] * 1e3, one["processor_s"] / ours])
                for name, one in seen.items()
            ],
        )
    report.write(asked.json, {"drift": told})


if __name__ == "__main__":
    main()
