"""What the benchmark scripts share: the machine's name, a table on the screen, and JSON in a file."""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORKER = argparse.SUPPRESS  # an option that a script gives itself


def cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def instructions() -> str:
    """The widest vectors that the processor has."""
    flags = Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split()
    return next((name for name, flag in (("AVX-512", "avx512bw"), ("AVX2", "avx2")) if flag in flags), "SSE")


def parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="where the numbers are written, too")
    parser.add_argument("--folder", type=Path, help="where workspaces are made (a temporary folder)")
    return parser


def folder_of(options: argparse.Namespace) -> Path:
    """The one asked for, made if it is not there, or a temporary one."""
    if options.folder is None:
        return Path(tempfile.mkdtemp())
    options.folder.mkdir(parents=True, exist_ok=True)
    return options.folder


def tell(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]]) -> None:
    print(f"\n{title}")
    print(f"{'':46}" + "".join(f"{column:>22}" for column in columns))
    for name, values in rows:
        print(f"{name:46}" + "".join(f"{value:22,.3f}" for value in values), flush=True)


def write(path: Path | None, told: dict[str, Any]) -> None:
    if path is not None:
        told = {"cpu": cpu(), "sqlite": sqlite3.sqlite_version, **told}
        path.write_text(json.dumps(told, indent=1) + "\n")
