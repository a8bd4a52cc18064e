"""A small network, 8-64-64-1, from its ONNX file, called from Python on one thread, beside ONNX Runtime.

As skl2onnx writes scikit-learn's MLPRegressor: one file for each activation. Two processes take turns; no call sees the
rows of the one before. Medians over rounds of the processor's time a call, wall time beside it.
"""

from __future__ import annotations

import statistics
import sys
import warnings
from pathlib import Path
from typing import Any

import classical
import numpy
import peers
import report
import turns

ACTIVATIONS = ("relu", "tanh", "logistic")
FEATURES = 8
TARGET = 3.3  # at one row


def fit(folder: Path, activation: str) -> None:
    import skl2onnx
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    random = numpy.random.default_rng(7)
    x = random.normal(size=(2_000, FEATURES)).astype(numpy.float32)
    y = numpy.sin(3 * x[:, 0]) * x[:, 1] + x[:, 2] ** 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network = MLPRegressor(hidden_layer_sizes=(64, 64), activation=activation, max_iter=5, random_state=0).fit(x, y)
    (folder / f"{activation}.onnx").write_bytes(skl2onnx.to_onnx(network, x[:1]).SerializeToString())


def compare(folder: Path, activation: str, rounds: int) -> dict[str, Any]:
    names = ("holdfast", "onnx_runtime")
    workers = {
        name: turns.Worker(sys.executable, __file__, "--work", name, activation, "--folder", folder) for name in names
    }
    seen = turns.said_in_turns(workers, rounds)
    told: dict[str, Any] = {}
    for name in names:
        for batch in classical.BATCHES:
            processor, wall = (statistics.median(said[str(batch)][i] for said in seen[name]) for i in (0, 1))
            told.setdefault(name, {})[batch] = {"processor_us": processor, "wall_us": wall}
    ours, theirs = (numpy.load(folder / f"{activation}.{name}.npy") for name in names)
    told["difference"] = float(numpy.abs(ours - theirs).max())
    return told


def show(activation: str, told: dict[str, Any]) -> None:
    rows = []
    for name in ("holdfast", "onnx_runtime"):
        rows.append((name, [told[name][batch]["processor_us"] for batch in classical.BATCHES]))
        rows.append((f"{name}, wall", [told[name][batch]["wall_us"] for batch in classical.BATCHES]))
    ratios = [theirs / ours for theirs, ours in zip(rows[2][1], rows[0][1], strict=True)]
    title = f"{activation}: processor's time a call, us; wanted of ONNX Runtime's at one row: {TARGET}"
    report.tell(title, [f"{batch} rows" for batch in classical.BATCHES], [*rows, ("ONNX Runtime / ours", ratios)])


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--work", nargs=2, help=report.WORKER)
    options = parser.parse_args()
    if options.work:
        peer, activation = options.work
        answer = getattr(peers, peer)(options.folder, activation)
        classical.serve(answer, FEATURES, options.folder / f"{activation}.{peer}.npy")
        return
    folder = report.folder_of(options)
    told: dict[str, Any] = {"instructions": report.instructions()}
    print(f"{report.cpu()}, {report.instructions()}")
    for activation in ACTIVATIONS:
        fit(folder, activation)
        told[activation] = compare(folder, activation, options.rounds)
        show(activation, told[activation])
    report.write(options.json, told)


if __name__ == "__main__":
    main()
