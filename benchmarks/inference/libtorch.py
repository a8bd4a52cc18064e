"""A small network, 8-64-64-1, in LibTorch's two formats, on one thread, at one row.

From C++: what Model.predict_into takes beyond LibTorch's own forward of the same file (the program
bench_torch_predict). From Python: Model.predict of a numpy array beside torch's own ways to call the file, of a tensor
that is there already: the TorchScript module, and the AOTInductor package. One process, in turns.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

import holdfast
import numpy
import report

import torch

TARGET_NS = 300
CALLS = 300


def write(folder: Path) -> tuple[Path, Path]:
    torch.manual_seed(0)
    nn = torch.nn
    network = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)).eval()
    script, package = folder / "network.pt", folder / "network.pt2"
    torch.jit.script(network).save(str(script))
    program = torch.export.export(network, (torch.zeros(1, 8),))
    torch._inductor.aoti_compile_and_package(program, package_path=str(package))
    return script, package


def once(call: Any, inputs: list[Any]) -> float:
    start = time.process_time()
    for x in inputs:
        call(x)
    return (time.process_time() - start) / len(inputs) * 1e6


def from_python(script: Path, package: Path, rounds: int) -> dict[str, float]:
    arrays = list(numpy.random.default_rng(0).normal(size=(CALLS, 1, 8)).astype(numpy.float32))
    tensors = [torch.from_numpy(array) for array in arrays]
    module = torch.jit.load(script).eval()
    compiled = torch._inductor.aoti_load_package(str(package))
    models = {path.suffix: holdfast.load_model(path, trusted=True) for path in (script, package)}
    calls = {
        "Holdfast, .pt": (models[".pt"].predict, arrays),
        "torch.jit module": (module, tensors),
        "Holdfast, .pt2": (models[".pt2"].predict, arrays),
        "AOTInductor package": (compiled, tensors),
    }
    seen: dict[str, list[float]] = {name: [] for name in calls}
    with torch.inference_mode():
        for turn in range(rounds + 1):
            for name, (call, inputs) in calls.items():
                took = once(call, inputs)
                if turn > 0:
                    seen[name].append(took)
    return {name: statistics.median(times) for name, times in seen.items()}


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("program", help="bench_torch_predict, as it was built")
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = report.folder_of(options)
    script, package = write(folder)
    said = subprocess.run([options.program, script, package], capture_output=True, text=True, check=True).stdout
    told = [json.loads(line) for line in said.splitlines()]
    table = [
        (
            Path(seen["file"]).name,
            [seen["forward_ns"], seen["predict_into_ns"], seen["predict_into_ns"] - seen["forward_ns"]],
        )
        for seen in told
    ]
    report.tell(f"from C++, ns a call; wanted: at most {TARGET_NS} more", ["forward", "predict_into", "more"], table)
    medians = from_python(script, package, options.rounds)
    rows = [(name, [took]) for name, took in medians.items()]
    report.tell("from Python, us of the processor a call", ["one row"], rows)
    report.write(options.json, {"instructions": report.instructions(), "cpp": told, "python_us": medians})


if __name__ == "__main__":
    main()
