"""Loads what is needed for TorchScript and AOTInductor files, when the first of them is loaded."""

from __future__ import annotations

import importlib
from pathlib import Path

from ._core import Unsupported

_HOW = 'run "pip install --no-build-isolation ." in its sources beside an installed torch'


def ensure_registered() -> object:
    """Imports torch, and holdfast._torch if it was built for that release; returns what loads `.pt` and `.pt2`.

    ``holdfast._core`` calls it for the first such file, so nobody else needs to; a second call costs nothing.
    Raises Unsupported where torch is not installed, is another release, or holdfast was built without it.
    """
    built = _built_for()
    if built is None:
        raise Unsupported(f"TorchScript and AOTInductor files: this holdfast was built without torch; {_HOW}")
    try:
        torch = importlib.import_module("torch")
    except ModuleNotFoundError:
        raise Unsupported(
            f"TorchScript and AOTInductor files: torch is not installed, torch {built} is wanted; "
            f"run: pip install torch=={built}"
        ) from None
    _check_release(built, str(torch.__version__))
    from . import _torch

    return _torch.loader()


def _built_for() -> str | None:
    file = Path(__file__).parent / "_torch_version.txt"
    return file.read_text().strip() if file.exists() else None


def _check_release(built: str, installed: str) -> None:
    """LibTorch's binary interface is that of one release; a local part, as in 2.13.0+cpu, does not change it."""
    if installed.split("+")[0] != built:
        raise Unsupported(
            f"TorchScript and AOTInductor files: torch {installed} is installed, holdfast was built for torch {built}; "
            f"run: pip install torch=={built}, or, to build it for this one, {_HOW}"
        )
