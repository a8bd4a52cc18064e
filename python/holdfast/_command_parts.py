"""What several commands share."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

import holdfast as hf

Folder = Annotated[Path, typer.Argument(metavar="WORKSPACE", help="The workspace's folder.")]
By = Annotated[str | None, typer.Option(help="Who decides; by default who is logged in.")]
EndpointOption = Annotated[str | None, typer.Option(help="The endpoint's name; may be left out where there is one.")]


def open_workspace(folder: Path) -> hf.Workspace:
    """The workspace that is there; a mistyped name makes none."""
    return hf.Workspace(folder, create=False)


def user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process of a user without a name
        return f"uid {os.getuid()}"
