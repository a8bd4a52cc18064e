"""What a package can tell by itself of where its model came from."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path
from typing import Any

from . import _core

MOST_ITEMS = 100
MOST_CHARACTERS = 200
SECRET = re.compile(r"passw|secret|token|api_?key|credential|private_?key|auth", re.IGNORECASE)
USER_IN_URL = re.compile(r"://[^/@\s]*@")
REVISION = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def known(model: Any) -> dict[str, Any]:
    """Holdfast's version, the code's revision; of an estimator its class, its library's version, parameters, seed."""
    lineage: dict[str, Any] = {"holdfast": _core.__version__}
    code = revision()
    if code:
        lineage["code"] = code
    if hasattr(model, "get_params"):
        lineage["estimator"] = estimator(model)
        parameters = _parameters(model)
        lineage["parameters"] = {name: plain(value, name) for name, value in parameters.items()}
        seeds = {
            seed
            for name, seed in parameters.items()
            if (name == "random_state" or name.endswith("__random_state")) and type(seed) is int
        }
        if len(seeds) == 1:
            lineage["seed"] = seeds.pop()
    return lineage


def estimator(model: Any) -> dict[str, str]:
    library = type(model).__module__.partition(".")[0]
    version = getattr(sys.modules.get(library), "__version__", None)
    return {"class": _class(model), "library": library, **({"version": version} if isinstance(version, str) else {})}


def _class(thing: Any) -> str:
    kind = thing if isinstance(thing, type) else type(thing)
    return f"{kind.__module__}.{kind.__qualname__}"


def _parameters(model: Any) -> dict[str, Any]:
    try:
        return {str(name): value for name, value in sorted(model.get_params(deep=True).items())}
    except Exception:  # somebody else's code; a package is made without it
        return {}


def plain(value: Any, name: str = "") -> Any:
    """A parameter as JSON: what is no plain value by its class, what looks secret not at all."""
    if SECRET.search(name):
        return "(left out)"
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()  # a number of numpy's
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return "(left out)" if USER_IN_URL.search(value) else value[:MOST_CHARACTERS]
    if isinstance(value, (list, tuple)) and len(value) <= MOST_ITEMS:
        return [plain(one) for one in value]
    if isinstance(value, dict) and len(value) <= MOST_ITEMS:
        return {str(key): plain(one, str(key)) for key, one in value.items()}
    return _class(value)


def revision(folder: Path | None = None) -> str | None:
    """The commit that git has checked out in a folder (the working directory) or above it; None where none is told."""
    try:
        at = folder or Path.cwd()
        for place in (at, *at.parents):
            git = place / ".git"
            if git.is_file():  # a worktree or submodule: "gitdir: <path>"
                git = place / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            if git.is_dir():
                return _head(git)
    except (OSError, ValueError):
        pass
    return None


def _head(git: Path) -> str | None:
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref:"):
        return _checked(head)
    name = head.removeprefix("ref:").strip()
    common = git / (git / "commondir").read_text(encoding="utf-8").strip() if (git / "commondir").is_file() else git
    for folder in (git, common):
        if (folder / name).is_file():
            return _checked((folder / name).read_text(encoding="utf-8").strip())
    packed = common / "packed-refs"
    lines = packed.read_text(encoding="utf-8").splitlines() if packed.is_file() else []
    return next((_checked(line.partition(" ")[0]) for line in lines if line.endswith(f" {name}")), None)


def _checked(text: str) -> str | None:
    return text if REVISION.fullmatch(text) else None
