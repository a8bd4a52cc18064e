"""Runs the tests and sums them up; the last line says how many passed and failed.

usage: run_tests.py [--all]

--all adds the long tests, a build without warnings by the second compiler, the tests under
AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer, and a minute of each fuzzer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv/bin/python"
LOGS = ROOT / "build/logs"
JOBS = str(os.cpu_count() or 2)
FUZZ_SECONDS = os.environ.get("FUZZ_SECONDS", "60")


@dataclass
class Counts:
    passed: int = 0
    skipped: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        self.passed += other.passed
        self.skipped += other.skipped
        self.failed += other.failed


def read_junit(path: Path, group: str) -> Counts:
    counts = Counts()
    if not path.is_file():
        return counts
    for case in ElementTree.parse(path).iter("testcase"):
        skipped = case.find("skipped")
        asked_to_skip = skipped is not None and (
            case.get("status") != "notrun" or (skipped.get("message") or "").startswith("SKIP")
        )
        not_run = case.get("status") == "notrun" and not asked_to_skip
        if not_run or case.find("failure") is not None or case.find("error") is not None:
            name = (
                ".".join(filter(None, (case.get("classname"), case.get("name"))))
                if group == "python"
                else case.get("name")
            )
            counts.failed.append(f"{group}: {name}")
        elif asked_to_skip:
            counts.skipped += 1
        else:
            counts.passed += 1
    return counts


def run(group: str, command: list[str | Path], junit: Path | None = None) -> Counts:
    """One group of tests: a line when it begins and when it ends, and the end of its log where it failed."""
    print(f"  {group} ...", flush=True)
    begin = time.monotonic()
    log = LOGS / f"{group.replace(' ', '-')}.log"
    if junit:
        junit.unlink(missing_ok=True)
    with log.open("w") as file:
        status = subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT).returncode
    counts = read_junit(junit, group) if junit else Counts(passed=int(status == 0))
    if status and not counts.failed:
        counts.failed.append(f"{group}: exit status {status}")
    seconds = time.monotonic() - begin
    print(f"  {group}: {counts.passed} passed, {len(counts.failed)} failed in {seconds:.1f} s", flush=True)
    if counts.failed:
        print("\n".join(log.read_text(errors="replace").splitlines()[-80:]))
        print(f"the whole log: {log.relative_to(ROOT)}")
    return counts


def ctest(group: str, preset: str, *arguments: str) -> Counts:
    junit = LOGS / f"{group.replace(' ', '-')}.xml"
    return run(group, ["ctest", "--test-dir", f"build/{preset}", "-j", JOBS, "--output-on-failure",
                       "--output-junit", junit, *arguments], junit)  # fmt: skip


def pytest(group: str, *arguments: str) -> Counts:
    junit = LOGS / f"{group.replace(' ', '-')}.xml"
    return run(group, [PYTHON, "-m", "pytest", "-q", f"--junitxml={junit}", *arguments], junit)


def preset(name: str) -> Counts:
    """Configures and builds a preset; a failure is one failed test."""
    configure = f"cmake --preset {name} -G Ninja && cmake --build build/{name}"
    return run(f"build {name}", ["bash", "-c", configure])


def fuzz(fuzzer: Path) -> Counts:
    corpus = ROOT / "build/fuzz/corpus" / fuzzer.name
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = ROOT / "tests/fuzz/corpus" / fuzzer.name.removeprefix("fuzz_")
    folders = [corpus, *([seeds] if seeds.is_dir() else [])]
    return run(fuzzer.name, [fuzzer, f"-max_total_time={FUZZ_SECONDS}", "-timeout=20",
                             f"-artifact_prefix={LOGS}/{fuzzer.name}-", *folders])  # fmt: skip


def everything_else() -> Iterator[Counts]:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as processors:
        # Each long Python test keeps one processor busy at the most.
        yield from processors.map(
            lambda suite: suite(),
            [lambda: ctest("long c++", "dev", "-L", "long"), lambda: pytest("long python", "-m", "long")],
        )
        yield preset("clang")
        for name in ("asan", "tsan"):
            built = preset(name)
            yield built
            if not built.failed:
                yield ctest(name, name, "-LE", "long|install|rooms")
        built = preset("fuzz")
        yield built
        if not built.failed:
            fuzzers = (ROOT / "build/fuzz/tests").glob("fuzz_*")
            yield from processors.map(fuzz, sorted(fuzzer for fuzzer in fuzzers if fuzzer.is_file()))


def main() -> int:
    LOGS.mkdir(parents=True, exist_ok=True)
    print("tests:", flush=True)
    counts = ctest("c++", "dev", "-LE", "long")
    counts.add(pytest("python", "-m", "not long"))
    if "--all" in sys.argv[1:]:
        for more in everything_else():
            counts.add(more)
    for name in counts.failed:
        print(f"FAILED {name}")
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    print(f"{counts.passed} passed, {len(counts.failed)} failed{skipped}")
    return 1 if counts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
