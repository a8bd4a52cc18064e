"""Care for a workspace's folder: whether it is sound, and copies of it."""

from __future__ import annotations

import os
from pathlib import Path

from . import _core
from ._core import Finding, Removal, Verification

__all__ = ["Finding", "Removal", "Verification", "restore"]


def restore(zip: str | os.PathLike[str], folder: str | os.PathLike[str]) -> None:
    """Makes ``folder`` (new, or empty) of a backup that ``Workspace.backup`` wrote.

    It is verified before it is there under its name; nothing half-restored remains. Raises Conflict (something is in
    the folder), NotFound, CorruptArtifact (not a backup, a hostile or damaged one, naming the first finding).
    """
    _core.restore(Path(zip), Path(folder))
