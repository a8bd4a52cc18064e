"""Peers that take turns: each a process of its own, which does its work once whenever it is asked to.

A benchmark calls ``serve`` where it is the worker, and starts workers (of the same or of another interpreter, whose
packages need not agree with ours) with ``Worker``. What is timed is the work alone: wall time and the process's time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}


def serve(work: Callable[[], Any]) -> None:
    """Does the work for every line that comes, and answers with its times and what it returned."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a peer prints is not an answer
    for _ in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        said = work()
        times = time.perf_counter() - wall, time.process_time() - processor
        print(json.dumps([*times, said]), file=answers, flush=True)


class Worker:
    """A process that serves; ``once`` asks it for one round."""

    def __init__(self, *command: object) -> None:
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **ONE_THREAD},
        )
        self.walls: list[float] = []
        self.processors: list[float] = []
        self.said: Any = None

    def once(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args} ended with status {self.process.wait()}")
        wall, processor, self.said = json.loads(line)
        self.walls.append(wall)
        self.processors.append(processor)

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def interleaved(workers: Mapping[str, Worker], rounds: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Medians of rounds in turn, the first of each left out where it has more than one; the workers are closed."""
    for turn in range(max(rounds.values()) + 1):
        for name, worker in workers.items():
            if turn <= rounds[name] and (turn > 0 or rounds[name] > 1):
                worker.once()
    told = {}
    for name, worker in workers.items():
        skipped = 1 if rounds[name] > 1 else 0
        told[name] = {
            "wall_s": statistics.median(worker.walls[skipped:]),
            "processor_s": statistics.median(worker.processors[skipped:]),
            "rounds": len(worker.walls) - skipped,
            "said": worker.said,
        }
        worker.close()
    return told


def said_in_turns(workers: Mapping[str, Worker], rounds: int) -> dict[str, list[Any]]:
    """What each said in rounds in turn, after one that warms up; the workers are closed."""
    seen: dict[str, list[Any]] = {name: [] for name in workers}
    for turn in range(rounds + 1):
        for name, worker in workers.items():
            worker.once()
            if turn > 0:
                seen[name].append(worker.said)
    for worker in workers.values():
        worker.close()
    return seen


def python_of(peers: Path) -> Path:
    """The interpreter of the peers' own virtual environment."""
    python = peers / "bin/python"
    if not python.exists():
        raise SystemExit(f"no {python}: make {peers} with requirements/peers.txt, as `make bench` does")
    return python
