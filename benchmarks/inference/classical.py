"""Classical models beside the runtimes made for them, on one thread, called from Python.

(a) a regression forest of 100 trees of depth 16, 4 features; (b) a classification forest of 300 trees, 30 features;
(c) LightGBM and (d) XGBoost with 500 trees of 31 leaves, 50 features; (e), (f) support vector classifiers with
probabilities, of thousands and hundreds of vectors with 30 and 12 features. Every peer is a process of its own; they
take turns. No call sees the rows of the one before. Medians over rounds of the processor's time a call, wall time
beside it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import peers
import report
import turns

BATCHES = {1: 400, 16: 60, 256: 8, 4096: 1}  # and the calls of a round at most
FEATURES = {"a": 4, "b": 30, "c": 50, "d": 50, "e": 30, "f": 12}
TARGETS = {
    "a": (3, 2.5),
    "b": (3, 2.5),
    "c": (2.5, 1.5),
    "d": (5, 3),
    "e": (4, 2.5),
    "f": (4, 2.5),
}  # with AVX-512, with AVX2
POOL = 1 << 14
ROUND_S = 0.15  # after which a slow peer's round at one batch size ends


def numbers(answer: Any) -> Any:
    """What is compared: the prediction, or the probabilities."""
    if isinstance(answer, list):
        answer = answer[-1]
    return numpy.asarray(answer, float).ravel()


def serve(answer: peers.Answer, features: int, answers: Path) -> None:
    """Times calls of every batch size, for as long as it is asked to; what it answers to 256 rows goes to a file."""
    random = numpy.random.default_rng(1)
    pool = random.normal(size=(POOL + max(BATCHES), features)).astype(numpy.float32)
    numpy.save(answers, numbers(answer(pool[:256])))
    at = 0

    def one(batch: int, calls: int) -> list[float]:
        nonlocal at
        end = time.perf_counter() + ROUND_S
        walls, processors = [], []
        together = max(1, calls // 20)  # a look at the clock takes as long as a small model
        for _ in range(0, calls, together):
            rows = []
            for _ in range(together):
                rows.append(pool[at : at + batch])
                at = (at + batch) % POOL
            wall, processor = time.perf_counter(), time.process_time()
            for x in rows:
                answer(x)
            processors.append((time.process_time() - processor) / together)
            walls.append((time.perf_counter() - wall) / together)
            if time.perf_counter() > end:
                break
        return [statistics.median(processors) * 1e6, statistics.median(walls) * 1e6]

    turns.serve(lambda: {batch: one(batch, calls) for batch, calls in BATCHES.items()})


def work(peer: str, model: str, folder: Path) -> None:
    serve(getattr(peers, peer)(folder, model), FEATURES[model], folder / f"{model}.{peer}.npy")


def compare(model: str, folder: Path, python: Path, rounds: int) -> dict[str, Any]:
    names = [peer.__name__ for peer in peers.PEERS[model]]
    workers = {}
    for name in names:
        interpreter = sys.executable if name == "holdfast" else python
        workers[name] = turns.Worker(interpreter, __file__, "--work", name, model, "--folder", folder)
    seen = turns.said_in_turns(workers, rounds)
    ours = numpy.load(folder / f"{model}.holdfast.npy")
    told: dict[str, Any] = {"difference": {}}
    for name in names:
        theirs = numpy.load(folder / f"{model}.{name}.npy")
        told["difference"][name] = float(numpy.abs(theirs - ours).max())
        for batch in BATCHES:
            processor, wall = (statistics.median(said[str(batch)][i] for said in seen[name]) for i in (0, 1))
            told.setdefault(name, {})[batch] = {"processor_us": processor, "wall_us": wall}
    return told


def show(model: str, told: dict[str, Any]) -> None:
    names = [peer.__name__ for peer in peers.PEERS[model]]
    title = f"({model}) processor's time a call, us; wanted of the fastest peer's: {TARGETS[model]} with AVX-512, AVX2"
    table = [(name, [told[name][batch]["processor_us"] for batch in BATCHES]) for name in names]
    walls = [(f"{name}, wall", [told[name][batch]["wall_us"] for batch in BATCHES]) for name in names]
    ratios = [
        min(told[name][batch]["processor_us"] for name in names[1:]) / told["holdfast"][batch]["processor_us"]
        for batch in BATCHES
    ]
    told["ratio"] = dict(zip(BATCHES, ratios, strict=True))
    report.tell(title, [f"{batch} rows" for batch in BATCHES], [*table, *walls, ("fastest peer / ours", ratios)])


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--peers", type=Path, help="the peers' virtual environment (requirements/inference.txt)")
    parser.add_argument("--models", default="abcdef")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", nargs=2, help=report.WORKER)
    options = parser.parse_args()
    if options.work:
        work(*options.work, options.folder)
        return
    folder = report.folder_of(options)
    python = turns.python_of(options.peers)
    told: dict[str, Any] = {"instructions": report.instructions()}
    print(f"{report.cpu()}, {report.instructions()}")
    for model in options.models:
        if not (folder / f"{model}.onnx").exists():
            subprocess.run([python, Path(__file__).with_name("models.py"), folder, model], check=True)
        told[model] = compare(model, folder, python, options.rounds)
        show(model, told[model])
        report.write(options.json, told)


if __name__ == "__main__":
    main()
