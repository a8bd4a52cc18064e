"""The loop: a controller that watches, decides, trains, compares and deploys, and can say why."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from . import _core
from ._core import Decision, Explanation, Package, PromoteIf, Rule, Selection, StepResult, TrainingJob
from ._workspace import Workspace

__all__ = ["Controller", "Explanation", "StepResult", "TrainingJob", "explain"]

Train = Callable[[TrainingJob], Package]
Span = timedelta | str


def _reference(train: Train) -> tuple[str, bool]:
    """How to name a trainer, and whether another process could import it by that name."""
    module, name = getattr(train, "__module__", None), getattr(train, "__qualname__", None)
    if module is None or name is None:
        return repr(train), False
    reference = f"{module}:{name}"
    found = module != "__main__" and "<" not in name and _found(reference) is train
    return reference, found


def _found(reference: str) -> object:
    module, _, name = reference.partition(":")
    try:
        found: object = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return None
    return found


def _trainer(train: Train, trusted: bool) -> _core.Trainer:
    reference, found = _reference(train)
    return _core.python_trainer(train, reference, found, trusted)


class Controller:
    """Runs the loop of one endpoint and remembers where it stands.

    One ``step`` is one transition and one transaction, together with its decision; killed anywhere, the next step goes
    on from the last that was committed. One controller leads at a time: another's step raises Unavailable until the
    lease runs out or the leader's process has died.

    ``retrain`` says when; ``select`` which labelled interactions (default: all); ``trainer`` makes a package of a
    TrainingJob; ``promote`` says whether the challenger may take the champion's place, judged on the newest ``holdout``
    share of the labelled rows, which neither was trained on. With ``approve="rule"`` its verdict approves, with
    ``"manual"`` the loop waits until a person approves in the registry. ``rollback`` is a rule that takes the live
    version out again. ``trusted`` lets packages of this trainer that carry code be loaded for the comparison.

    Raises InvalidArgument for options that make no sense, NotFound for an unknown endpoint.
    """

    def __init__(
        self,
        workspace: Workspace,
        endpoint: str,
        *,
        retrain: Rule,
        trainer: Train,
        promote: PromoteIf,
        select: Selection | None = None,
        approve: Literal["manual", "rule"] = "manual",
        rollback: Rule | None = None,
        holdout: float = 0.2,
        seed: int = 0,
        max_attempts: int = 3,
        lease: Span = "1m",
        trusted: bool = False,
    ) -> None:
        self._core = _core.Controller(
            workspace._core,
            endpoint,
            retrain,
            select if select is not None else _core.select_labelled(None),
            _trainer(trainer, trusted),
            promote,
            approve,
            rollback,
            holdout,
            seed,
            max_attempts,
            lease,
        )
        self.endpoint = endpoint

    @classmethod
    def load(cls, workspace: Workspace, endpoint: str, *, trainer: Train | None = None) -> Controller:
        """Goes on with the configuration that ``save`` kept; ``trainer`` stands in for the saved one.

        Raises NotFound where none was saved, or where its trainer cannot be imported any more.
        """
        config = _core.saved_controller(workspace._core, endpoint)
        trusted = False
        if config is not None and trainer is None:
            reference = config["trainer"]["function"]
            trusted = config["trainer"]["trusted"]
            found = _found(reference)
            if not callable(found):
                raise _core.NotFound(
                    f'trainer "{reference}": not importable here, a module:function on sys.path wanted'
                )
            trainer = found
        loaded = cls.__new__(cls)
        loaded._core = _core.Controller.load(workspace._core, endpoint, _trainer(trainer, trusted) if trainer else None)
        loaded.endpoint = endpoint
        return loaded

    def step(self, *, dry_run: bool = False) -> StepResult:
        """Makes one transition. ``dry_run`` decides and writes nothing."""
        return self._core.step(dry_run)

    def run(self, *, poll: Span = "1s") -> None:
        """Steps until ``stop``, waiting ``poll`` on the workspace's clock whenever nothing is to be done."""
        self._core.run(poll)

    def stop(self) -> None:
        """Makes ``run`` return after the step it is in; from any thread."""
        self._core.stop()

    def pause(self) -> None:
        """Steps do nothing until ``resume``; kept in the workspace."""
        self._core.pause()

    def resume(self) -> None:
        """Ends ``pause``."""
        self._core.resume()

    @property
    def state(self) -> str:
        """ "monitoring", "collecting", "training", "evaluating", "awaiting_approval", "deploying" or "failed"."""
        return self._core.state

    def history(self) -> list[Decision]:
        """Every decision, oldest first, with its reasons and numbers."""
        return self._core.history()

    def save(self) -> None:
        """Keeps this configuration in the workspace, for another process to ``load``.

        Raises Unsupported, by name, for a trainer that another process could not import (a lambda, for one).
        """
        self._core.save()

    def __repr__(self) -> str:
        return f"<Controller of {self.endpoint}: {self.state}>"


def explain(decision: Decision, workspace: Workspace) -> Explanation:
    """Runs a stored decision again from the rows it saw: the same bits, or what is missing.

    Raises NotFound where the workspace holds no such decision.
    """
    return _core.explain(workspace._core, decision)
