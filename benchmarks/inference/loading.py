"""Loading large model files, their pages warm: seconds and anonymous memory, for 100 MB.

A forest of many nodes is written as .ubj, .json, .txt, .onnx and .hfm of about the size that is asked for. Each is
loaded in processes of their own; a thread beside it reads RssAnon every millisecond. Medians; a file's seconds and
bytes are scaled to 100 MB.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy
import report

FEATURES = 20
TARGETS = {".hfm": 0.5, ".onnx": 0.5, ".ubj": 0.5, ".json": 1.5, ".txt": 1.5}  # seconds
MOST_MEMORY = 2  # of the file


def rows() -> tuple[Any, Any]:
    random = numpy.random.default_rng(0)
    x = random.normal(size=(60_000, FEATURES)).astype(numpy.float32)
    return x, x[:, 0] * x[:, 1] + x[:, 2] + random.normal(size=len(x))


def write_xgboost(folder: Path, size: int) -> None:
    import xgboost

    settings = {"max_leaves": 8192, "max_depth": 0, "grow_policy": "lossguide", "tree_method": "hist", "nthread": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(*rows()), 4)
    for ending in ("ubj", "json"):
        document = json.loads(booster.save_raw("json"))
        model = document["learner"]["gradient_booster"]["model"]
        times = max(1, round(size / len(booster.save_raw(ending))))
        count = len(model["trees"]) * times
        model["trees"] = [{**tree, "id": i} for i, tree in enumerate(model["trees"] * times)]
        model["tree_info"] *= times
        model["iteration_indptr"] = list(range(count + 1))
        model["gbtree_model_param"]["num_trees"] = str(count)
        if ending == "json":
            (folder / "model.json").write_text(json.dumps(document, separators=(",", ":")))
        else:
            large = xgboost.Booster()
            large.load_model(bytearray(json.dumps(document).encode()))
            large.save_model(folder / "model.ubj")


def write_lightgbm(folder: Path, size: int) -> None:
    import lightgbm

    settings = {"num_leaves": 8192, "min_data_in_leaf": 1, "num_threads": 1, "verbose": -1}
    text = lightgbm.train(settings, lightgbm.Dataset(*rows()), 4).model_to_string()
    head, _, rest = text.partition("\nTree=0\n")
    trees, _, tail = ("Tree=0\n" + rest).partition("end of trees")
    blocks = [block.partition("\n")[2] for block in trees.split("Tree=")[1:]]
    blocks *= max(1, round(size / len(trees)))
    written = [f"Tree={i}\n{block}" for i, block in enumerate(blocks)]
    sizes = " ".join(str(len(block)) for block in written)
    lines = [f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line for line in head.splitlines()]
    (folder / "model.txt").write_text("\n".join(lines) + "\n\n" + "".join(written) + "end of trees" + tail)


def write_onnx(folder: Path, size: int) -> None:
    import skl2onnx
    from onnx import helper
    from sklearn.ensemble import RandomForestRegressor

    x, y = rows()
    forest = RandomForestRegressor(4, min_samples_leaf=3, random_state=0).fit(x, y)
    model = skl2onnx.to_onnx(forest, x[:1])
    times = max(1, round(size / model.ByteSize()))
    node = model.graph.node[0]
    given = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    del node.attribute[:]
    for name, value in given.items():
        if isinstance(value, list) and (name.startswith("nodes_") or name.startswith("target_")):
            value = (
                [4 * i + item for i in range(times) for item in value] if name.endswith("treeids") else value * times
            )
        node.attribute.append(helper.make_attribute(name, value))
    (folder / "model.onnx").write_bytes(model.SerializeToString())


def write(folder: Path, size: int) -> None:
    import holdfast

    write_xgboost(folder, size)
    write_lightgbm(folder, size)
    write_onnx(folder, size)
    once = folder / "once.hfm"
    holdfast.load_model(folder / "model.ubj").save(once)
    once.rename(folder / "model.hfm")


def anonymous() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) * 1024


def load(path: Path) -> None:
    import holdfast

    path.read_bytes()  # warm
    before = peak = anonymous()
    loading = True

    def watch() -> None:
        nonlocal peak
        while loading:
            peak = max(peak, anonymous())
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    wall, processor = time.perf_counter(), time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID)
    model = holdfast.load_model(path)
    took = time.perf_counter() - wall, time.clock_gettime(time.CLOCK_THREAD_CPUTIME_ID) - processor
    held = anonymous() - before
    loading = False
    watcher.join()
    print(json.dumps([*took, peak - before, held]))
    del model


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--work", help=report.WORKER)
    options = parser.parse_args()
    if options.work:
        load(Path(options.work))
        return
    folder = report.folder_of(options)
    if not (folder / "model.hfm").exists():
        write(folder, options.megabytes * 1_000_000)
    told: dict[str, Any] = {"instructions": report.instructions()}
    table = []
    seen: dict[str, list[list[float]]] = {ending: [] for ending in TARGETS}
    for _ in range(options.rounds):
        for ending, runs in seen.items():
            command = [sys.executable, __file__, "--work", str(folder / f"model{ending}")]
            runs.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    for ending, runs in seen.items():
        size = (folder / f"model{ending}").stat().st_size
        wall, processor, peak, held = (statistics.median(values) for values in zip(*runs, strict=True))
        scale = 100e6 / size
        told[ending] = {"bytes": size, "wall_s": wall, "processor_s": processor, "peak": peak, "held": held}
        table.append((ending, [wall * scale, processor * scale, TARGETS[ending], peak / size, held / size]))
    columns = ["wall, s", "processor, s", "wanted, s", "peak / file", "held / file"]
    report.tell(f"100 MB; anonymous memory wanted: at most {MOST_MEMORY} of the file", columns, table)
    report.write(options.json, told)


if __name__ == "__main__":
    main()
