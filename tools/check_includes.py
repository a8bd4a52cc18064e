"""Refuses an #include that cmake/rooms.cmake does not allow.

usage: check_includes.py [root]

Looks at include/, src/ and tests/unit/ below the root. A room includes its own headers, the public
headers of the rooms its line names, and nobody's private headers but its own.
"""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
DECLARATION = re.compile(r"^holdfast_declare_room\((\w+)((?:\s+\w+)*)\)", re.MULTILINE)
EVERYBODYS = {"holdfast/export.hpp", "holdfast/version.hpp"}  # generated; of no room


def read_rooms(root: Path) -> dict[str, set[str]]:
    """The rooms, and what each may include (itself, too)."""
    text = (root / "cmake/rooms.cmake").read_text()
    return {room: {room, *others.split()} for room, others in DECLARATION.findall(text)}


def room_of(file: Path, root: Path) -> str | None:
    """include/holdfast/<room>/..., src/<room>/... and tests/unit/<room>/... are a room's."""
    parts = file.relative_to(root).parts
    depth = 1 if parts[0] == "src" else 2
    return parts[depth] if len(parts) > depth + 1 else None


def violation(file: Path, room: str, quote: str, name: str, root: Path, rooms: dict[str, set[str]]) -> str | None:
    if name.startswith("holdfast/"):
        if name in EVERYBODYS:
            return None
        other = name.split("/")[1]
        if other not in rooms:
            return f'"{name}" belongs to no room'
        return None if other in rooms[room] else f"{room} may not include {other}: {name}"
    if quote == '"':
        source = root / "src"
        for folder in (file.parent, source):
            found = (folder / name).resolve()
            if found.is_file() and found.is_relative_to(source):
                owner = found.relative_to(source).parts[0]
                return None if owner == room else f"{name} is private to {owner}"
    return None


def check(root: Path) -> list[str]:
    rooms = read_rooms(root)
    problems = []
    for top in ("include/holdfast", "src", "tests/unit"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in {".hpp", ".cpp", ".h", ".inc"}:
                continue
            room = room_of(file, root)
            if room is None:
                continue  # holdfast.hpp, what is for everybody
            if room not in rooms:
                problems.append(f"{file.relative_to(root)}: there is no room {room}")
                continue
            text = file.read_text()
            for match in INCLUDE.finditer(text):
                problem = violation(file, room, *match.groups(), root, rooms)
                if problem:
                    line = text.count("\n", 0, match.start(2)) + 1
                    problems.append(f"{file.relative_to(root)}:{line}: {problem}")
    return problems


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    problems = check(root)
    print("\n".join(problems) or "includes: as cmake/rooms.cmake allows")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
