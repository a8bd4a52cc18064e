"""Links the Python layer into the build tree, next to the modules built there.

usage: link_python.py python/holdfast build/dev/python/holdfast

So the package is imported from one folder, and an edit of a .py file needs no build.
"""

import sys
from pathlib import Path


def main(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    wanted = {entry.name: entry for entry in source.iterdir() if entry.name != "__pycache__"} if source.is_dir() else {}
    for link in target.iterdir():
        ours = link.is_symlink() and link.suffix != ".so" and ".so." not in link.name
        if ours and wanted.get(link.name) != link.readlink():
            link.unlink()
    for name, entry in wanted.items():
        if not (target / name).exists():
            (target / name).symlink_to(entry)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
