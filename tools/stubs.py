"""Writes the stubs of the compiled modules, out of the modules themselves.

usage: stubs.py [--check] [folder]

Without a folder, into python/holdfast, where they are committed. With --check nothing is written: exits with 1,
and says where, if the committed ones differ. Run by a Python that imports the built holdfast.
"""

import difflib
import importlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("_core", "_torch")

# What the modules' signatures do not say: element types of some containers, types of keyword fields, that what
# compares by value and may change has no hash.
HEADER = '# mypy: disable-error-code="assignment, no-untyped-def, overload-overlap, type-arg"\n'
# A comparison with something else is False (pybind11's is_operator), which the signature does not say.
EQUALITY = re.compile(r"(def __eq__\(self, arg0: )\w+(\) -> bool)")


def has_torch_part() -> bool:
    import holdfast

    return (Path(holdfast.__file__).parent / "_torch_version.txt").exists()


def stub(module: str) -> str:
    """What pybind11-stubgen makes of holdfast.<module>, formatted."""
    with tempfile.TemporaryDirectory() as folder:
        # torch comes first, as the Python layer would have it
        first = "import torch; " if module == "_torch" else ""
        arguments = [
            "pybind11_stubgen",
            f"holdfast.{module}",
            "--output-dir",
            folder,
            "--exit-code",
            "--enum-class-locations",
            "Unused:holdfast._core",
        ]
        run = f"{first}import sys; sys.argv = {arguments!r}; from pybind11_stubgen import main; main()"
        done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"stubs of holdfast.{module}: {done.stderr}{done.stdout}")
        made = Path(folder) / "holdfast" / f"{module}.pyi"
        subprocess.run(
            [sys.executable, "-m", "ruff", "check", "-q", "--fix", "--select", "I,F401", "--isolated", str(made)],
            check=True,
        )
        subprocess.run(
            [sys.executable, "-m", "ruff", "format", "-q", "--isolated", "--line-length", "120", str(made)], check=True
        )
        return HEADER + EQUALITY.sub(r"\1object\2", made.read_text())


def write(folder: Path) -> list[Path]:
    """Writes the stubs of the modules that this build has; returns their paths."""
    importlib.import_module("holdfast")
    written = []
    for module in MODULES:
        if module == "_torch" and not has_torch_part():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{module}.pyi"
        path.write_text(stub(module))
        written.append(path)
    return written


def differences(committed: Path) -> list[str]:
    """Lines that the committed stubs lack, or have too many."""
    with tempfile.TemporaryDirectory() as folder:
        lines: list[str] = []
        for fresh in write(Path(folder)):
            old = committed / fresh.name
            before = old.read_text().splitlines() if old.exists() else []
            lines += difflib.unified_diff(before, fresh.read_text().splitlines(), str(old), "built", lineterm="", n=1)
        return lines


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    folder = Path(arguments[0]) if arguments else ROOT / "python/holdfast"
    if "--check" not in sys.argv:
        write(folder)
        return 0
    found = differences(folder)
    print("\n".join(found) or "stubs: as the modules are")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
