"""What the README shows is what works."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

ROOT = Path(__file__).resolve().parents[2]

WRAPPED = """
#include <vector>
{include}
using namespace std::chrono_literals;
Status shed(const Failure& failure) {{ return failure; }}
Status shown(const std::vector<double>& rows, std::int64_t n, const std::vector<Id>& ids, const Column& labels,
             std::shared_ptr<Trainer> trainer) {{
{body}
    return std::monostate{{}};
}}
"""


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]


def test_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = (X[:, 0] > 0).astype(int)
    given = {
        "estimator": DecisionTreeClassifier(random_state=0).fit(X, y),
        "Xv": X,
        "yv": y,
        "X": X[:5],
        "y": y[:5],
        "ids": range(5),
        "train": lambda job: pytest.fail("nothing asks for a training yet"),
    }
    exec(block("python"), given)
    assert list(given["answer"].values) == list(y[:5])
    assert given["loop"].state == "monitoring"


def test_cpp_compiles_without_a_warning(tmp_path):
    include, body = block("cpp").split("\n\n", 1)
    source = tmp_path / "readme.cpp"
    source.write_text(WRAPPED.format(include=include, body=body))
    includes = [f"-I{ROOT / 'include'}", f"-I{ROOT / 'build/dev/generated/include'}"]
    command = ["g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *includes, str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
