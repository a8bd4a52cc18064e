"""Kills the small loop, lets it be resumed, and compares what it comes to with an undisturbed run.

usage: kill_runs.py moments COUNT SEED | kill_runs.py points

Prints the state that each kill hit; exits with 1 if any run came to something else. A program of its own, so that the
processes it forks find the fail points' settings unread.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import small_loop

PARALLEL = 2
Snapshot = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Kill:
    """After so many seconds, or at a fail point ("name:pass")."""

    name: str
    seconds: float | None = None
    point: str = ""


@dataclass(frozen=True)
class Hit:
    kill: Kill
    landed: bool
    state: str
    different: list[str]


def child(folder: Path, ready: int, settings: dict[str, str]) -> None:
    """The loop in a forked process: says when it begins; never returns."""
    status = 1
    try:
        os.environ.update(settings)
        os.write(ready, b"!")
        small_loop.run(folder)
        status = 0
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(status)


def loop(folder: Path, kill_after: float | None = None, **settings: str) -> tuple[int, float]:
    """Runs the loop in a child: its exit status (negative: the signal), and its seconds."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(folder, writing, settings)
    os.read(reading, 1)
    begin = time.perf_counter()
    if kill_after is not None:
        time.sleep(max(0.0, begin + kill_after - time.perf_counter()))
        os.kill(pid, signal.SIGKILL)  # not reaped yet, so the process is still ours
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - begin
    os.close(reading)
    os.close(writing)
    return os.waitstatus_to_exitcode(status), took


def left(folder: Path) -> str:
    """The state that a kill hit, read from a copy: opening the database would tidy it up."""
    copy = folder.with_name(folder.name + "-copy")
    if folder.exists():
        shutil.copytree(folder, copy)
    state = small_loop.standing(copy)
    shutil.rmtree(copy, ignore_errors=True)
    return state


def kill_and_resume(kill: Kill, wanted: Snapshot) -> Hit:
    with tempfile.TemporaryDirectory(prefix="holdfast-kill-") as place:
        folder = Path(place) / "workspace"
        settings = {"HOLDFAST_FAIL_POINT": kill.point} if kill.point else {}
        status, _ = loop(folder, kill.seconds, **settings)
        if status != -signal.SIGKILL:
            return Hit(kill, False, left(folder), [f"exit status {status}"] if status else [])
        state = left(folder)
        status, _ = loop(folder)
        if status != 0:
            return Hit(kill, True, state, [f"resumed: exit status {status}"])
        return Hit(kill, True, state, small_loop.differences(small_loop.snapshot(folder), wanted))


def undisturbed() -> tuple[Snapshot, Counter[str], float]:
    """What the loop comes to, the fail points that it passes, and how long it takes."""
    with tempfile.TemporaryDirectory(prefix="holdfast-kill-") as place:
        folder = Path(place) / "workspace"
        status, _ = loop(folder, HOLDFAST_FAIL_POINT_TRACE=f"{place}/trace")
        if status != 0:
            raise SystemExit(f"the undisturbed loop ended with {status}")
        snapshot = small_loop.snapshot(folder)
        passes = Counter(Path(place, "trace").read_text().split())
        durations = [loop(Path(place) / f"timed-{i}")[1] for i in range(3)]
        # The comparison is worth something only if a second run comes to the same.
        again = small_loop.differences(small_loop.snapshot(Path(place) / "timed-0"), snapshot)
        if again:
            raise SystemExit("two undisturbed runs differ:\n" + "\n".join(again[:20]))
        return snapshot, passes, sorted(durations)[1]


def check_story(snapshot: Snapshot) -> None:
    """The loop tells what it is to tell: one challenger promoted, one refused."""
    actions = [row["decision"]["action"] for row in snapshot["decisions"]]
    states = [row["state"] for row in snapshot["versions"]]
    print(f"undisturbed: decisions {' '.join(actions)}; versions {' '.join(states)}")
    if not {"retrain", "promote", "reject"} <= set(actions):
        raise SystemExit("the loop has no promoted and refused challenger")


def moments(count: int, seed: int, duration: float) -> Iterator[list[Kill]]:
    """Rounds of kills; a round replaces those of the last that came too late."""
    rng = random.Random(seed)
    while count > 0:
        landed = yield [Kill(f"at {at:.3f} s", seconds=at) for at in (rng.uniform(0, duration) for _ in range(count))]
        count -= landed or 0


def points(passes: Counter[str]) -> list[Kill]:
    """Every pass in a transition and of an artifact, one of each day's labels, and first and last of the rest."""
    kills = []
    for name, count in sorted(passes.items()):
        if name in ("loop.transition.before_commit", "store.artifact.after_write", "package.write.done"):
            chosen = set(range(1, count + 1))
        elif name == "store.label.after_insert":
            chosen = {*range(small_loop.ROWS // 2, count + 1, small_loop.ROWS), count}
        else:
            chosen = {1, count}
        kills += [Kill(f"{name}:{n}", point=f"{name}:{n}") for n in sorted(chosen)]
    return kills


def main(arguments: list[str]) -> int:
    wanted, passes, duration = undisturbed()
    check_story(wanted)
    print(
        f"{duration:.2f} s, {sum(passes.values())} passes of {len(passes)} fail points: {', '.join(sorted(passes))}",
        flush=True,
    )
    hits: list[Hit] = []
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(PARALLEL, mp_context=context) as pool:

        def kill(kills: list[Kill]) -> int:
            landed = 0
            for hit in pool.map(kill_and_resume, kills, [wanted] * len(kills)):
                landed += hit.landed
                told = hit.state if hit.landed else "ended before; drawn again" if hit.kill.seconds else "never reached"
                print(f"  {hit.kill.name}: {told}{' DIFFERENT' if hit.different else ''}", flush=True)
                for line in hit.different[:10]:
                    print(f"    {line[:600]}", flush=True)
                hits.append(hit)
            return landed

        if arguments[0] == "moments":
            count, seed = int(arguments[1]), int(arguments[2])
            print(f"{count} moments drawn by seed {seed}")
            rounds = moments(count, seed, duration)
            kills = next(rounds)
            while kills:
                try:
                    kills = rounds.send(kill(kills))
                except StopIteration:
                    break
        else:
            kill(points(passes))
            for hit in hits:
                if not hit.landed:
                    hit.different.append("never reached")
    failed = [hit for hit in hits if hit.different]
    print(f"{sum(hit.landed for hit in hits)} kills, {len(failed)} came to something else")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
