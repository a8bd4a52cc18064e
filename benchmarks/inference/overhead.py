"""What a call from Python costs where the model does next to nothing: a linear model of 4 features, beside an empty
pybind11 function, compiled here, that takes and returns a numpy array. One process, in turns; nanoseconds a call.
"""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import holdfast
import numpy
import pybind11
import report

EMPTY = """
#include <pybind11/numpy.h>
namespace py = pybind11;
PYBIND11_MODULE(empty, module) {
    module.def("typed", [](py::array_t<double> x) { return x; });
    module.def("untyped", [](py::array x) { return x; });
}
"""
CALLS = 20_000
TARGET = 1.6


def empty() -> Any:
    folder = Path(tempfile.mkdtemp())
    (folder / "empty.cpp").write_text(EMPTY)
    library = folder / f"empty{sysconfig.get_config_var('EXT_SUFFIX')}"
    includes = [f"-I{path}" for path in (pybind11.get_include(), sysconfig.get_path("include"))]
    flags = ["-std=c++20", "-O3", "-DNDEBUG", "-fPIC", "-shared", "-fvisibility=hidden"]
    subprocess.run(["c++", *flags, *includes, folder / "empty.cpp", "-o", library], check=True)
    spec = importlib.util.spec_from_file_location("empty", library)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def linear() -> holdfast.Model:
    from sklearn.linear_model import LinearRegression

    random = numpy.random.default_rng(0)
    x = random.normal(size=(50, 4))
    return holdfast.convert(LinearRegression().fit(x, x.sum(1)))


def once(call: Callable[[Any], Any], arrays: list[Any]) -> float:
    start = time.process_time()
    for array in arrays:
        call(array)
    return (time.process_time() - start) / len(arrays) * 1e9


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    module, model = empty(), linear()
    out = numpy.empty(1)
    rows = list(numpy.random.default_rng(1).normal(size=(CALLS, 1, 4)))
    calls = {
        "an empty function of py::array_t<double>": module.typed,
        "an empty function of py::array": module.untyped,
        "Model.predict": model.predict,
        "Model.predict_into": lambda x: model.predict_into(x, out),
        "a lambda that does nothing": lambda x: None,
    }
    seen: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(options.rounds + 1):
        for name, call in calls.items():
            took = once(call, rows)
            if turn > 0:
                seen[name].append(took)
    medians = {name: statistics.median(times) for name, times in seen.items()}
    empties = list(medians.values())[:2]
    table = [(name, [took, *(took / empty for empty in empties)]) for name, took in medians.items()]
    title = f"one row of 4 float64 in, one value out, processor's time; wanted of the empty function's: {TARGET}"
    report.tell(title, ["ns a call", "of array_t's", "of array's"], table)
    report.write(options.json, {"instructions": report.instructions(), "ns": medians})


if __name__ == "__main__":
    main()
