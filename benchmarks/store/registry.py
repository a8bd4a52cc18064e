"""Opening a workspace and looking up its live version, after a short and after a long history.

usage: registry.py [--versions 10000]

The short history has a hundred versions and deployments. Packages are one package under lineages of their own.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import holdfast as hf
import numpy as np
from sklearn.linear_model import LinearRegression

X = np.arange(20.0).reshape(10, 2)


def fill(folder: Path, versions: int) -> None:
    package = hf.package(LinearRegression().fit(X, X[:, 0]), "m")
    with hf.Workspace(folder) as ws:
        endpoint = ws.create_endpoint("m")
        for number in range(1, versions + 1):
            version = ws.registry.register(package.with_lineage({"seed": number}))
            ws.registry.alias("m", "champion", ws.registry.approve(version, by="benchmark"))
            endpoint.deploy(version)


def median_ms(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(51):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    return sorted(took)[25] * 1000


def opened(folder: Path) -> None:
    with hf.Workspace(folder, clock=hf.SimulatedClock("2024-01-01T00:00:00Z")) as ws:
        assert ws.endpoint("m").live is not None


def measure(folder: Path) -> dict[str, float]:
    told = {"open, load the live version, close": median_ms(lambda: opened(folder))}
    with hf.Workspace(folder) as ws:
        endpoint = ws.endpoint("m")
        told["endpoint.live"] = median_ms(lambda: endpoint.live)
        told['resolve("m")'] = median_ms(lambda: ws.registry.resolve("m"))
        told['resolve("m@champion")'] = median_ms(lambda: ws.registry.resolve("m@champion"))
        told["what_served, now"] = median_ms(lambda: ws.what_served("m", ws.clock.now()))
        told["refresh"] = median_ms(ws.refresh)
        told["rollback"] = median_ms(lambda: endpoint.rollback("benchmark"))
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--versions", type=int, default=10_000)
    many = parser.parse_args().versions
    with tempfile.TemporaryDirectory(prefix="holdfast-registry-") as folder:
        few = Path(folder) / "few"
        lots = Path(folder) / "lots"
        fill(few, 100)
        fill(lots, many)
        short, long = measure(few), measure(lots)
        print(f"{'median ms':40} {'100 versions':>14} {many:>8} versions")
        for what in short:
            print(f"{what:40} {short[what]:14.3f} {long[what]:17.3f}")


if __name__ == "__main__":
    main()
