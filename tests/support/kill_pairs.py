"""Kills one or both processes of the pair loop, begins them again, and compares with an undisturbed run.

usage: kill_pairs.py COUNT SEED

The other process goes on meanwhile. Exits with 1 if any run came to something else.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pair_loop
import small_loop

PARALLEL = 2
# In memory where there is such a folder: a killed process loses nothing that the kernel has, and 2,000 runs sync much.
PLACE = "/dev/shm" if os.path.isdir("/dev/shm") else None
WORK = {"server": pair_loop.serve, "stepper": pair_loop.step}


@dataclass(frozen=True)
class Kill:
    seconds: float
    victims: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    kill: Kill
    landed: bool
    different: list[str]


def run(packages: Path, kill: Kill | None = None) -> tuple[dict, list[str], float, bool]:
    """A run of both: what it comes to, what went wrong, its seconds, and whether the kill came in time."""
    with tempfile.TemporaryDirectory(prefix="holdfast-pair-", dir=PLACE) as place:
        folder = Path(place) / "workspace"
        begin = time.perf_counter()
        pids = {who: pair_loop.forked(work, folder, packages) for who, work in WORK.items()}
        landed = False
        if kill is not None:
            time.sleep(kill.seconds)
            for who in kill.victims:
                os.kill(pids[who], signal.SIGKILL)  # not waited for yet, so the process is still ours
            for who in kill.victims:
                landed |= os.waitstatus_to_exitcode(os.waitpid(pids[who], 0)[1]) == -signal.SIGKILL
                pids[who] = pair_loop.forked(WORK[who], folder, packages)
        wrong = []
        for who, pid in pids.items():
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if status != 0:
                wrong.append(f"{who}: exit status {status}")
        took = time.perf_counter() - begin
        return ({} if wrong else pair_loop.snapshot(folder)), wrong, took, landed


def hit(kill: Kill, packages: Path, wanted: dict) -> Hit:
    seen, wrong, _, landed = run(packages, kill)
    return Hit(kill, landed, wrong or small_loop.differences(seen, wanted))


def main(arguments: list[str]) -> int:
    count, seed = int(arguments[0]), int(arguments[1])
    with tempfile.TemporaryDirectory(prefix="holdfast-pair-", dir=PLACE) as place:
        packages = Path(place)
        pair_loop.prepare(packages)
        runs = [run(packages) for _ in range(3)]
        for seen, wrong, _, _ in runs:
            if wrong or small_loop.differences(seen, runs[0][0]):
                raise SystemExit(f"undisturbed runs differ: {wrong or small_loop.differences(seen, runs[0][0])[:20]}")
        wanted, duration = runs[0][0], sorted(took for _, _, took, _ in runs)[1]
        story = [row["decision"]["action"] for row in wanted["decisions"] if row["decision"]["action"] != "none"]
        print(f"undisturbed: {duration:.2f} s, decisions {' '.join(story)}", flush=True)
        if not {"retrain", "promote", "reject"} <= set(story):
            raise SystemExit("the loop has no promoted and refused challenger")

        rng = random.Random(seed)
        choices = [("server",), ("stepper",), ("server", "stepper")]
        hits: list[Hit] = []
        with ProcessPoolExecutor(PARALLEL, mp_context=multiprocessing.get_context("fork")) as pool:
            # A kill that came after the process had ended is drawn again.
            while (missing := count - sum(one.landed for one in hits)) > 0:
                kills = [Kill(rng.uniform(0, duration), rng.choice(choices)) for _ in range(missing)]
                for one in pool.map(hit, kills, [packages] * missing, [wanted] * missing):
                    hits.append(one)
                    for line in one.different[:10]:
                        print(f"  {one.kill}: {line[:600]}", flush=True)
        killed = Counter(" and ".join(one.kill.victims) for one in hits if one.landed)
        print(", ".join(f"{number} of {who}" for who, number in sorted(killed.items())))
        failed = [one for one in hits if one.different]
        print(f"{sum(killed.values())} kills, {len(failed)} came to something else")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
