"""Functions that a saved configuration names, so that another process finds them again."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def reference(function: Callable[..., Any]) -> tuple[str, bool]:
    """How to name a function ("module:function"), and whether another process could import it by that name."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if module is None or name is None:
        return repr(function), False
    named = f"{module}:{name}"
    importable = module != "__main__" and "<" not in name and found(named) is function
    return named, importable


def called(function: Callable[..., Any]) -> str:
    """The same in every process, also where nobody could import it: "module:function", or of an object its class."""
    for thing in (function, type(function)):
        module, name = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
        if module is not None and name is not None:
            return f"{module}:{name}"
    return type(function).__name__


def found(named: str) -> object:
    """What "module:function" names here, or None."""
    module, _, name = named.partition(":")
    try:
        thing: object = importlib.import_module(module)
        for part in name.split("."):
            thing = getattr(thing, part)
    except (ImportError, AttributeError):
        return None
    return thing
