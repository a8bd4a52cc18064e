"""A whole scikit-learn pipeline from its ONNX file, from frames: 8 numeric columns are imputed and scaled, 3 columns of
text become indicators, a forest of 100 trees votes. Beside ONNX Runtime, one thread each, conversions counted.

ONNX Runtime gets a `to_numpy` of each column, the fastest conversion known. Each kind of frame is a process of its own
for each of the two; they take turns, and no call sees the frame of the one before. Medians over rounds of the
processor's time a call, wall time beside it. Beside pandas stands its own floor: one `frame[name].to_numpy()` a column.
"""

from __future__ import annotations

import itertools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import report
import turns

NUMBERS = [f"number{i}" for i in range(8)]
TEXTS = {"country": 40, "product": 12, "channel": 5}  # and how many values they have
ROWS = {1: 1000, 1000: 20}  # and the calls of a round: each well above the time in which caches fill again
DIFFERENT = 100  # frames at most, one after the other: what a caller has just made is in the cache
FRAMES = ("dict", "polars", "pyarrow", "pandas")
TARGETS = {"dict": (5, 5), "polars": (5, 5), "pyarrow": (5, 5), "pandas": (1, 3)}  # at each of ROWS


def columns(random: numpy.random.Generator, rows: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in NUMBERS:
        data[name] = random.normal(size=rows).astype(numpy.float32)
        data[name][random.random(rows) < 0.05] = numpy.nan
    for name, count in TEXTS.items():
        data[name] = numpy.array([f"{name}-{i}" for i in random.integers(0, count, rows)], object)
    return data


def framed(kind: str, data: dict[str, Any]) -> Any:
    if kind == "dict":
        return data
    if kind == "pandas":
        import pandas

        return pandas.DataFrame(data)
    if kind == "polars":
        import polars

        return polars.DataFrame(
            {name: column.tolist() if column.dtype == object else column for name, column in data.items()}
        )
    import pyarrow

    return pyarrow.table(data)


def fit(path: Path, depth: int | None) -> None:
    import pandas
    import skl2onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    random = numpy.random.default_rng(7)
    frame = pandas.DataFrame(columns(random, 4_000))
    known = frame[NUMBERS].fillna(0.0)
    y = known.number0 * known.number1 + known.number2 + (frame.country < "country-3") > 0.3
    parts = [("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS)]
    parts.append(("texts", OneHotEncoder(handle_unknown="ignore"), list(TEXTS)))
    pipeline = make_pipeline(
        ColumnTransformer(parts), RandomForestClassifier(100, max_depth=depth, random_state=0)
    ).fit(frame, y)
    types = [(name, FloatTensorType([None, 1])) for name in NUMBERS]
    types += [(name, StringTensorType([None, 1])) for name in TEXTS]
    file = skl2onnx.to_onnx(pipeline, initial_types=types, options={"zipmap": False})
    path.write_bytes(file.SerializeToString())


def holdfast(path: Path, kind: str) -> Callable[[Any], Any]:
    import holdfast

    return holdfast.load_model(path).predict_proba


def onnx_runtime(path: Path, kind: str) -> Callable[[Any], Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [feed.name for feed in session.get_inputs()]
    wanted = [output.name for output in session.get_outputs()][1:]
    if kind == "dict":
        return lambda data: session.run(wanted, {name: data[name].reshape(-1, 1) for name in names})[0]
    return lambda frame: session.run(wanted, {name: frame[name].to_numpy().reshape(-1, 1) for name in names})[0]


def floor(path: Path, kind: str) -> Callable[[Any], Any]:
    names = [*NUMBERS, *TEXTS]
    return lambda frame: [frame[name].to_numpy() for name in names]


PEERS = {peer.__name__: peer for peer in (holdfast, onnx_runtime, floor)}


def work(peer: str, kind: str, path: Path) -> None:
    random = numpy.random.default_rng(1)
    answer = PEERS[peer](path, kind)
    frames = {}
    for rows, calls in ROWS.items():
        made = [framed(kind, columns(random, rows)) for _ in range(min(calls, DIFFERENT))]
        frames[rows] = list(itertools.islice(itertools.cycle(made), calls))
    if peer != "floor":
        numpy.save(path.with_suffix(f".{kind}.{peer}.npy"), answer(frames[1000][0]))

    def one(rows: int) -> list[float]:
        wall, processor = time.perf_counter(), time.process_time()
        for frame in frames[rows]:
            answer(frame)
        took = time.perf_counter() - wall, time.process_time() - processor
        return [seconds / len(frames[rows]) * 1e6 for seconds in took]

    turns.serve(lambda: {rows: one(rows) for rows in ROWS})


def compare(kind: str, path: Path, rounds: int) -> dict[str, Any]:
    names = ["holdfast", "onnx_runtime", *(["floor"] if kind == "pandas" else [])]
    workers = {name: turns.Worker(sys.executable, __file__, "--work", name, kind, "--folder", path) for name in names}
    seen = turns.said_in_turns(workers, rounds)
    told: dict[str, Any] = {}
    for name in names:
        for rows in ROWS:
            wall, processor = (statistics.median(said[str(rows)][i] for said in seen[name]) for i in (0, 1))
            told.setdefault(name, {})[rows] = {"processor_us": processor, "wall_us": wall}
    ours, theirs = (numpy.load(path.with_suffix(f".{kind}.{name}.npy")) for name in names[:2])
    told["difference"] = float(numpy.abs(ours - theirs).max())
    return told


def show(kind: str, told: dict[str, Any]) -> None:
    rows = []
    for name in (name for name in PEERS if name in told):
        rows.append((name, [told[name][count]["processor_us"] for count in ROWS]))
        rows.append((f"{name}, wall", [told[name][count]["wall_us"] for count in ROWS]))
    ratios = [told["onnx_runtime"][count]["processor_us"] / told["holdfast"][count]["processor_us"] for count in ROWS]
    title = f"{kind}: processor's time a call, us; wanted of ONNX Runtime's: {TARGETS[kind]}"
    report.tell(title, [f"{count} rows" for count in ROWS], [*rows, ("ONNX Runtime / ours", ratios)])


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--depth", type=int, help="of the trees at most")
    parser.add_argument("--frames", nargs="+", default=FRAMES)
    parser.add_argument("--work", nargs=2, help=report.WORKER)
    options = parser.parse_args()
    if options.work:
        work(*options.work, options.folder)
        return
    path = report.folder_of(options) / "pipeline.onnx"
    fit(path, options.depth)
    told: dict[str, Any] = {"instructions": report.instructions()}
    print(f"{report.cpu()}, {report.instructions()}")
    for kind in options.frames:
        told[kind] = compare(kind, path, options.rounds)
        show(kind, told[kind])
    report.write(options.json, told)


if __name__ == "__main__":
    main()
