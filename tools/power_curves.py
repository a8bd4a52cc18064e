"""Draws docs/images/power.svg: how often hf.drift says drift, by the true effect in tolerances.

Normal values, the current ones moved; each point is of 120 reports at alpha 0.05.

    PYTHONPATH=build/dev/python python tools/power_curves.py
"""

from __future__ import annotations

import pathlib

import holdfast as hf
import matplotlib
import numpy as np
from scipy import optimize
from scipy.stats import norm

matplotlib.use("svg")
import matplotlib.pyplot as plt

REPORTS = 120
TIMES = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0])
SIZES = (100, 1_000)
EDGES = norm.ppf(np.arange(1, 10) / 10)


def psi(shift: float) -> float:
    q = np.diff(np.concatenate([[0.0], norm.cdf(EDGES - shift), [1.0]]))
    return float(np.sum((q - 0.1) * np.log(q / 0.1)))


SHIFTS = {
    "ks": lambda effect: 2 * norm.ppf((1 + effect) / 2),
    "wasserstein": lambda effect: effect,
    "psi": lambda effect: optimize.brentq(lambda shift: psi(shift) - effect, 0, 3) if effect else 0.0,
    "mean": lambda effect: effect,
}


def rate(test: str, shift: float, rows: int, rng: np.random.Generator) -> float:
    said = 0
    for _ in range(REPORTS):
        reference, current = rng.normal(size=rows), rng.normal(size=rows) + shift
        said += hf.drift({"x": reference}, {"x": current}, tests={"x": test}).verdict == "drift"
    return said / REPORTS


def main() -> None:
    plt.rcParams["svg.hashsalt"] = "power"
    rng = np.random.default_rng(1)
    figure, axes = plt.subplots(1, len(SHIFTS), figsize=(11, 3.2), sharey=True, layout="constrained")
    for ax, (test, shift_of) in zip(axes, SHIFTS.items(), strict=True):
        tolerance = hf.drift_tests.default_tolerance(test)
        for rows in SIZES:
            rates = [rate(test, shift_of(times * tolerance), rows, rng) for times in TIMES]
            ax.plot(TIMES, rates, marker="o", markersize=3, label=f"{rows:,} rows a side")
        ax.axvline(1.0, color="#555555", linestyle="--", linewidth=0.8)
        ax.axhline(0.05, color="#999999", linestyle=":", linewidth=0.8)
        ax.set_title(f"{test}, tolerance {tolerance:g}")
        ax.set_xlabel("true effect, in tolerances")
    axes[0].set_ylabel("share of reports that say drift")
    axes[0].legend(fontsize=8)
    target = pathlib.Path(__file__).parents[1] / "docs" / "images" / "power.svg"
    target.parent.mkdir(exist_ok=True)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main()
