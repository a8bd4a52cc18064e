"""hf.Profile, and how frames become one."""

from __future__ import annotations

from typing import Any

from ._core import Profile

__all__ = ["Profile", "as_profile"]


def as_profile(data: Any) -> Profile:
    """A profile as it is; anything else is summarised."""
    return data if isinstance(data, Profile) else Profile.of(data)
