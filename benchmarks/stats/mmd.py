"""Maximum mean discrepancy with permutations, beside alibi-detect's MMDDrift on torch's CPU backend.

usage: mmd.py --peers FOLDER [--rows 5000] [--columns 20] [--permutations 100] [--rounds 1] [--json FILE]

FOLDER is a virtual environment with alibi-detect and a CPU build of torch; it and Holdfast take turns, one thread each.
What is timed is what the user gets: kernel, bandwidth, p-value, and here also the effect's interval.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import report
import turns

Said = tuple[float, float]  # p, MMD^2


def holdfast(a: np.ndarray, b: np.ndarray, permutations: int) -> Callable[[], Said]:
    import holdfast as hf

    def work() -> Said:
        found = hf.stats.mmd(a, b, permutations=permutations)
        return found.p_value, found.statistic

    return work


def alibi_detect(a: np.ndarray, b: np.ndarray, permutations: int) -> Callable[[], Said]:
    from alibi_detect.cd import MMDDrift

    import torch

    torch.set_num_threads(1)

    def work() -> Said:
        drift = MMDDrift(a.astype("float32"), backend="pytorch", n_permutations=permutations, device="cpu")
        found = drift.predict(b.astype("float32"))["data"]
        return float(found["p_val"]), float(found["distance"])

    return work


MAKERS = {"holdfast": holdfast, "alibi-detect": alibi_detect}


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--peers", type=Path, default=Path("build/peers"))
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--permutations", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--work", choices=MAKERS, help=report.WORKER)
    asked = parser.parse_args()
    size = {"rows": asked.rows, "columns": asked.columns, "permutations": asked.permutations}
    if asked.work:
        rng = np.random.default_rng(6)
        a, b = (rng.normal(shift, size=(asked.rows, asked.columns)) for shift in (0.0, 0.02))
        turns.serve(MAKERS[asked.work](a, b, asked.permutations))
        return

    given = [part for name, value in size.items() for part in (f"--{name}", value)]
    peers = turns.python_of(asked.peers)
    workers = {
        name: turns.Worker(sys.executable if name == "holdfast" else peers, __file__, "--work", name, *given)
        for name in MAKERS
    }
    seen = turns.interleaved(workers, dict.fromkeys(MAKERS, asked.rounds))
    ours = seen["holdfast"]
    report.tell(
        f"MMD: 2 x {asked.rows} x {asked.columns}, {asked.permutations} permutations",
        ["wall, s", "of ours", "processor, s", "of ours", "p", "MMD^2"],
        [
            (
                name,
                [
                    one["wall_s"], one["wall_s"] / ours["wall_s"],
                    one["processor_s"], one["processor_s"] / ours["processor_s"], *one["said"],
                ],
            )
            for name, one in seen.items()
        ],
    )  # fmt: skip
    report.write(asked.json, {"mmd": {**size, "threads": 1, **seen}})


if __name__ == "__main__":
    main()
