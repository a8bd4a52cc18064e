"""Maximum mean discrepancy with permutations, beside alibi-detect's MMDDrift on torch's CPU backend.

usage: mmd.py --peer PYTHON [--rows 5000] [--columns 20] [--permutations 100] [--rounds 3] [--json FILE]

PYTHON is an interpreter of an environment of its own with alibi-detect and torch; it and Holdfast take turns, one
thread each. What is timed is what the user gets: kernel, bandwidth, p-value, and here also the effect's interval.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
os.environ.update(ONE_THREAD)
sys.path.append(str(Path(__file__).parents[1] / "store"))

import holdfast as hf  # noqa: E402
import numpy as np  # noqa: E402
from report import parser, tell, write  # noqa: E402

PEER = """
import sys, time
import numpy as np, torch
torch.set_num_threads(1)
from alibi_detect.cd import MMDDrift
data = np.load(sys.argv[1])
start, cpu = time.perf_counter(), time.process_time()
found = MMDDrift(data["a"].astype("float32"), backend="pytorch", n_permutations=int(sys.argv[2]), device="cpu").predict(
    data["b"].astype("float32"))["data"]
print("took", time.perf_counter() - start, time.process_time() - cpu, found["p_val"], found["distance"])
"""


Taken = tuple[float, ...]  # seconds of wall time and of the processor's, p, MMD^2


def peer(python: str, data: Path, permutations: int) -> Taken:
    run = [python, "-W", "ignore", "-c", PEER, str(data), str(permutations)]
    environment = {**os.environ, **ONE_THREAD, "CUDA_VISIBLE_DEVICES": ""}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(run, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the peer failed:\n{done.stderr[-2000:]}")
    took = next(line for line in done.stdout.splitlines() if line.startswith("took")).split()
    return tuple(float(part) for part in took[1:])


def own(a: np.ndarray, b: np.ndarray, permutations: int) -> Taken:
    start, cpu = time.perf_counter(), time.process_time()
    found = hf.stats.mmd(a, b, permutations=permutations)
    return time.perf_counter() - start, time.process_time() - cpu, found.p_value, found.statistic


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--peer", required=True, help="the peer's Python")
    arguments.add_argument("--rows", type=int, default=5000)
    arguments.add_argument("--columns", type=int, default=20)
    arguments.add_argument("--permutations", type=int, default=100)
    arguments.add_argument("--rounds", type=int, default=3)
    asked = arguments.parse_args()
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(asked.rows, asked.columns)), rng.normal(size=(asked.rows, asked.columns)) + 0.02
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "samples.npz"
        np.savez(data, a=a, b=b)
        pairs = [
            (own(a, b, asked.permutations), peer(asked.peer, data, asked.permutations)) for _ in range(asked.rounds)
        ]
    (ours, our_cpu), (theirs, their_cpu) = (
        [float(np.median([pair[side][kind] for pair in pairs])) for kind in (0, 1)] for side in (0, 1)
    )
    tell(
        f"MMD: 2 x {asked.rows} x {asked.columns}, {asked.permutations} permutations, medians of {asked.rounds}",
        ["seconds", "times ours", "processor, s", "times ours", "p", "MMD^2"],
        [
            ("Holdfast", [ours, 1.0, our_cpu, 1.0, *pairs[0][0][2:]]),
            (
                "alibi-detect, torch, CPU, float32",
                [theirs, theirs / ours, their_cpu, their_cpu / our_cpu, *pairs[0][1][2:]],
            ),
        ],
    )
    write(
        asked.json,
        {
            "rows": asked.rows,
            "columns": asked.columns,
            "permutations": asked.permutations,
            "threads": 1,
            "seconds": [pair[0][0] for pair in pairs],
            "processor_seconds": [pair[0][1] for pair in pairs],
            "peer_seconds": [pair[1][0] for pair in pairs],
            "peer_processor_seconds": [pair[1][1] for pair in pairs],
        },
    )


if __name__ == "__main__":
    main()
