# mypy: disable-error-code="assignment, no-untyped-def, overload-overlap, type-arg"
"""
LibTorch's half of holdfast, loaded with the first .pt or .pt2 file.
"""

from __future__ import annotations

import typing_extensions

__all__: list[str] = ["built_for", "close_unused_packages", "loader"]

def built_for() -> str:
    """
    The release of torch that this module was built for.
    """

def close_unused_packages() -> None:
    """
    Closes the AOTInductor packages that no model holds; done by itself at exit.
    """

def loader() -> typing_extensions.CapsuleType:
    """
    What holdfast._core calls to load a file.
    """
