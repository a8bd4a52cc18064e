"""Refuses clocks and sleeps outside `base`: every wait and every time goes through holdfast::Clock.

usage: check_clocks.py [root]

Looks at include/, src/, bindings/ and python/ below the root, the room `base` left out. Comments and
docstrings may speak of clocks.
"""

import io
import re
import sys
import tokenize
from pathlib import Path

CPP = re.compile(
    r"\bchrono::(?:system|steady|high_resolution|file|utc)_clock\b|\b(?:system|steady|high_resolution)_clock::"
    r"|\bsleep_(?:for|until)\b|\b(?:nano|u)?sleep\s*\(|\.wait_for\s*\(|\bgettimeofday\b|\bclock_gettime\b"
    r"|\bstd::time\s*\(|\btime\s*\(\s*(?:NULL|nullptr|0)\s*\)"
)
CPP_NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
PYTHON = re.compile(
    r"\btime\.(?:time|time_ns|monotonic|monotonic_ns|perf_counter|sleep)\b|\bfrom time import\b"
    r"|\basyncio\.sleep\b|\b(?:datetime|date)\.(?:now|utcnow|today)\b|\bTimestamp\.(?:now|utcnow)\b"
)


def blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def code_of_python(text: str) -> str:
    lines = text.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            for row in range(token.start[0], token.end[0] + 1):
                line = lines[row - 1].rstrip("\n")
                begin = token.start[1] if row == token.start[0] else 0
                end = token.end[1] if row == token.end[0] else len(line)
                lines[row - 1] = line[:begin] + " " * (end - begin) + line[end:] + "\n"
    return "".join(lines)


def check(root: Path) -> list[str]:
    problems = []
    for top in ("include", "src", "bindings", "python"):
        for file in sorted((root / top).rglob("*")):
            relative = file.relative_to(root)
            if "base" in relative.parts[1:-1]:
                continue
            if file.suffix in {".hpp", ".cpp", ".h", ".inc"}:
                pattern, code = CPP, CPP_NOISE.sub(blank, file.read_text())
            elif file.suffix == ".py":
                pattern, code = PYTHON, code_of_python(file.read_text())
            else:
                continue
            for match in pattern.finditer(code):
                line = code.count("\n", 0, match.start()) + 1
                problems.append(f"{relative}:{line}: {match.group().strip()} outside base; use holdfast::Clock")
    return problems


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    problems = check(root)
    print("\n".join(problems) or "clocks: none outside base")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
