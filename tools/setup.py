"""Sets the checkout up: Debian packages, .venv, Python packages, the build, and holdfast in .venv.

usage: setup.py [demo | test | lint | bench | all]

Says what it does and how long it took; what is already there is not done again. Python 3's own
library is all it needs. Logs are in build/logs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
BUILD = ROOT / "build/dev"
LOGS = ROOT / "build/logs"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"

# For each purpose: lists of Debian packages, lists of Python packages, what is built.
PURPOSES: dict[str, tuple[list[str], list[str], str | None]] = {
    "demo": (["apt"], ["build", "demo"], "demo"),
    "test": (["apt"], ["build", "demo", "test", "no-deps"], "all"),
    "lint": (["apt"], ["build", "demo", "test", "no-deps", "lint"], "all"),
    "bench": (["apt", "apt-all"], ["build", "demo", "test", "no-deps"], None),
    "all": (["apt", "apt-all"], ["build", "demo", "test", "no-deps"], "all"),
}


class Failed(Exception):
    """A step that could not be done; the message says all there is to say."""


def run(command: list[str | Path], log: str, **kwargs: object) -> None:
    """Runs quietly; if it fails, shows the end of what it said."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    with path.open("w") as file:
        status = subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, **kwargs).returncode  # type: ignore[call-overload]
    if status:
        tail = "\n".join(path.read_text(errors="replace").splitlines()[-40:])
        raise Failed(f"{tail}\n\nfailed: {' '.join(map(str, command))}\nthe whole log: {path.relative_to(ROOT)}")


def output(*command: str | Path) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout


def step(name: str, work: Callable[[], str | None]) -> None:
    """One line for a step that had something to do."""
    print(f"  {name} ...", end="", flush=True)
    begin = time.monotonic()
    note = work()
    print(f" {time.monotonic() - begin:.1f} s{f' ({note})' if note else ''}", flush=True)


def lines(name: str) -> list[str]:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def stamped(name: str, key: str, folder: Path = VENV) -> bool:
    stamp = folder / f".holdfast-{name}"
    return stamp.is_file() and stamp.read_text() == key


def stamp(name: str, key: str, folder: Path = VENV) -> None:
    (folder / f".holdfast-{name}").write_text(key)


# --- Debian packages


def python_packages() -> list[str]:
    """What Debian splits from its Python and a .venv needs."""
    missing = []
    if Path(sys.base_prefix) == Path("/usr"):
        if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
            missing.append("python3-venv")
        if not Path(sysconfig.get_paths()["include"], "Python.h").exists():
            missing.append("python3-dev")
    return missing


def debian(lists: list[str]) -> None:
    if not shutil.which("dpkg-query"):
        return  # not a Debian: CMake says what it misses
    wanted = [package for name in lists for package in lines(name)]
    known = output("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *wanted)
    installed = {line.split()[1] for line in known.splitlines() if line.startswith("installed ")}
    missing = [package for package in wanted if package not in installed] + python_packages()
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    become_root: list[str] = []
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if not sudo or subprocess.run([sudo, "-n", "true"], capture_output=True).returncode:
            raise Failed(f"Debian packages are missing; as root, run\n\napt-get update && {' '.join(install)}\n")
        become_root = [sudo, "-n"]

    def work() -> str:
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
        run([*become_root, *quiet, "apt-get", "update"], "apt-update")
        run([*become_root, *quiet, *install], "apt-install")
        return f"{len(missing)} installed"

    step("Debian packages", work)


# --- .venv


def venv() -> None:
    if PYTHON.exists() and output(PYTHON, "-c", "import pip; print('ok')"):
        return
    if sys.version_info < (3, 10):  # noqa: UP036 - this file runs with whatever python3 there is
        raise Failed(f"Python 3.10 or newer is needed; {sys.executable} is {sys.version.split()[0]}")
    step(".venv", lambda: run([sys.executable, "-m", "venv", "--clear", VENV], "venv"))


def pip(log: str, *arguments: str | Path) -> None:
    run([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile", *arguments], log)


def is_cpu_build(requirement: str) -> bool:
    """Whether the wheel that pip would choose from the machine's own index is a CPU build."""
    report = output(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--dry-run",
                    "--no-deps", "--ignore-installed", "--report", "-", requirement)  # fmt: skip
    try:
        metadata = json.loads(report)["install"][0]["metadata"]
    except (ValueError, LookupError):
        return False
    cuda = any(re.match(r"nvidia|cuda|triton", need) for need in metadata.get("requires_dist", []))
    return metadata["version"].endswith("+cpu") or not ("+" in metadata["version"] or cuda)


def torch() -> None:
    (requirement,) = lines("torch")
    version = requirement.split("==")[1]
    key = digest(requirement)
    if stamped("torch", key) or stamped("torch", f"none {key}"):
        return

    def work() -> str:
        there = output(PYTHON, "-c", "import importlib.metadata as m; print(m.version('torch'))").strip()
        if there.split("+")[0] != version:
            try:
                index = [] if is_cpu_build(requirement) else ["--index-url", TORCH_CPU_INDEX]
                pip("pip-torch", *index, requirement)
            except Failed:
                stamp("torch", f"none {key}")
                return f"no CPU build of PyTorch {version} to be had: the torch component is left out"
        stamp("torch", key)
        return f"PyTorch {version}, the CPU build"

    step("PyTorch", work)


def python_lists(names: list[str]) -> None:
    keys = {name: digest(*lines(name)) for name in names}
    missing = [name for name in names if not stamped(name, keys[name])]
    if not missing:
        return

    def work() -> None:
        with_needs = [name for name in missing if name != "no-deps"]
        if with_needs:
            pip("pip", *(argument for name in with_needs for argument in ("-r", f"requirements/{name}.txt")))
        if "no-deps" in missing:
            pip("pip-no-deps", "--no-deps", "-r", "requirements/no-deps.txt")
        for name in missing:
            stamp(name, keys[name])

    step("Python packages", work)


def data() -> None:
    """Packages of which only the data files are read: as wheels, not installed."""
    lists = {"data": [], "data-python39": ["--python-version", "39", "--platform", "manylinux2010_x86_64"]}
    folder = ROOT / "build/data"
    for name, options in lists.items():
        key = digest(*lines(name))

        def work(name: str = name, options: list[str] = options, key: str = key) -> None:
            folder.mkdir(parents=True, exist_ok=True)
            run([PYTHON, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:",
                 *options, "-d", folder, "-r", f"requirements/{name}.txt"], f"pip-{name}")  # fmt: skip
            stamp(name, key, folder)

        if not stamped(name, key, folder):
            step(name, work)


# --- the build, and holdfast in .venv


def build(target: str) -> None:
    there = output(PYTHON, "-c", "import importlib.metadata as m, sys; print(sys.version, m.version('torch'))")
    key = digest(there, (ROOT / "CMakePresets.json").read_text())

    def configure() -> None:
        shutil.rmtree(BUILD / "CMakeFiles", ignore_errors=True)
        (BUILD / "CMakeCache.txt").unlink(missing_ok=True)
        run(["cmake", "--preset", "dev", "-G", "Ninja", f"-DPython_EXECUTABLE={PYTHON}"], "configure")
        stamp("configured", key, BUILD)

    if not ((BUILD / "build.ninja").exists() and stamped("configured", key, BUILD)):
        step("configure", configure)
        if "torch component is left out" in (LOGS / "configure.log").read_text():
            print("  PyTorch is not there: the torch component is left out")
    step("build", lambda: run(["cmake", "--build", BUILD, "--target", target], "build"))


def write(path: Path, text: str, mode: int = 0o644) -> None:
    if not (path.is_file() and path.read_text() == text):
        path.write_text(text)
        path.chmod(mode)


def develop() -> None:
    """Puts the build tree's package on .venv's path, and the command in its bin, as an installer would."""
    (version,) = re.findall(r"project\(holdfast VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())
    site = Path(output(PYTHON, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip())
    for old in site.glob("holdfast-*.dist-info"):
        if old.name != f"holdfast-{version}.dist-info":
            shutil.rmtree(old)
    info = site / f"holdfast-{version}.dist-info"
    info.mkdir(exist_ok=True)
    write(site / "holdfast.pth", f"{BUILD / 'python'}\n")
    write(info / "METADATA", f"Metadata-Version: 2.1\nName: holdfast\nVersion: {version}\nRequires-Dist: numpy\n")
    write(info / "entry_points.txt", "[console_scripts]\nholdfast = holdfast._cli:main\n")
    write(info / "INSTALLER", "holdfast-setup\n")
    write(
        VENV / "bin/holdfast",
        f"#!{PYTHON}\nimport sys\n\nfrom holdfast._cli import main\n\n"
        "if __name__ == '__main__':\n    sys.exit(main())\n",
        0o755,
    )
    names = ["holdfast.pth", "../../../bin/holdfast", *(f"{info.name}/{file.name}" for file in info.iterdir())]
    write(info / "RECORD", "".join(f"{name},,\n" for name in sorted({*names, f"{info.name}/RECORD"})))


def main() -> int:
    purpose = sys.argv[1] if len(sys.argv) > 1 else "test"
    apt_lists, pip_lists, target = PURPOSES[purpose]
    begin = time.monotonic()
    print("set-up:", flush=True)
    try:
        debian(apt_lists)
        venv()
        torch()
        python_lists(pip_lists)
        data()
        if target:
            build(target)
            develop()
    except Failed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print(f"set-up done in {time.monotonic() - begin:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
