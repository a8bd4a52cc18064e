"""Opening a workspace and looking up its live version, after a short and after a long history.

usage: registry.py [--versions 10000] [--json FILE] [--folder DIR]

The short history has a hundred versions and deployments. Packages are one package under lineages of their own. Wall
time, medians of 51.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import holdfast as hf
import numpy as np
import report
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
    told = {"open, look up the live version, close": median_ms(lambda: opened(folder))}
    with hf.Workspace(folder) as ws:
        endpoint, registry = ws.endpoint("m"), ws.registry
        told["endpoint.live"] = median_ms(lambda: endpoint.live)
        told['registry.resolve("m"): the latest approved'] = median_ms(lambda: registry.resolve("m"))
        told['registry.resolve("m@champion")'] = median_ms(lambda: registry.resolve("m@champion"))
        told['registry.resolve("m@7")'] = median_ms(lambda: registry.resolve("m@7"))
        told["registry.aliases"] = median_ms(lambda: registry.aliases("m"))
        told["ws.what_served, now"] = median_ms(lambda: ws.what_served("m", ws.clock.now()))
        told["ws.refresh"] = median_ms(ws.refresh)
        told["endpoint.rollback"] = median_ms(lambda: endpoint.rollback("benchmark"))
        package = registry.package(registry.resolve("m"))
        seeds = iter(range(1_000_000, 2_000_000))
        told["registry.register"] = median_ms(lambda: registry.register(package.with_lineage({"seed": next(seeds)})))
        told["registry.versions: a list of all"] = median_ms(lambda: registry.versions("m"))
    return told


def main() -> None:
    parser = report.parser(__doc__)
    parser.add_argument("--versions", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as place:
        few = Path(place) / "few"
        many = Path(place) / "many"
        fill(few, 100)
        fill(many, given.versions)
        told = {"100": measure(few), str(given.versions): measure(many)}
    report.tell(
        f"median ms ({report.cpu()})",
        [f"{int(versions):,} versions" for versions in told],
        [(what, [told[versions][what] for versions in told]) for what in told["100"]],
    )
    report.write(given.json, {"median_ms": told})


if __name__ == "__main__":
    main()
