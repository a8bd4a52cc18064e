"""The holdfast command: catches what goes wrong, and says it in one line."""

from __future__ import annotations

import sys

NEEDS = {"typer": "cli", "pandas": "frames", "pyarrow": "frames", "matplotlib": "plots"}


def fail(message: str) -> int:
    print("holdfast: " + " ".join(message.split()), file=sys.stderr)
    return 1


def main() -> int:
    """0, or what the command says; 1 for an error, 2 for a command that cannot be understood."""
    try:
        from . import _commands

        _commands.app(prog_name="holdfast")
    except ImportError as error:
        module = (error.name or "").partition(".")[0]
        if module not in NEEDS:
            return fail(str(error))
        return fail(f"{module} is missing: pip install 'holdfast[{NEEDS[module]}]'")
    except BrokenPipeError:
        # Whoever read the output (head, for one) has seen enough.
        sys.stderr.close()
        return 1
    except Exception as error:
        from . import Error

        if not isinstance(error, (Error, OSError)):
            raise
        return fail(str(error))
    return 0
