"""The loop: a controller that watches, decides, trains, compares and deploys, and can say why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from . import _core
from ._callables import called, found, reference
from ._core import Decision, Explanation, LoopStatus, Package, PromoteIf, Rule, Selection, StepResult, TrainingJob
from ._notify import Receiver, notifier, saved_notifier
from ._workspace import Workspace

__all__ = ["Controller", "Explanation", "History", "LoopStatus", "StepResult", "Subprocess", "TrainingJob", "explain"]

Train = Callable[[TrainingJob], Package]
Span = timedelta | str
State = Literal["monitoring", "collecting", "training", "evaluating", "awaiting_approval", "deploying", "failed"]


@dataclass(frozen=True)
class Subprocess:
    """A program in any language as trainer.

    It is called with the path of a JSON file as its last argument, and exits with 0 once it has written a package, a
    folder or a zip, to the path under ``package`` there (with ``.zip`` behind it for a zip). ``samples`` is the path of
    a CSV file, ``progress`` one to append lines such as ``0.4 epoch 4`` to; ``parameters`` are passed on. It runs in a
    session of its own, in this process's folder and environment, and goes on where this process dies. Arguments are
    kept in clear: give secrets in the environment.

    An attempt that takes longer than ``max_wait`` is killed, with all that it started, and has failed; ``run`` looks
    every ``poll_interval``. ``max_output`` bytes of what it prints are kept. ``trusted`` lets packages that carry code
    be loaded for the comparison.
    """

    argv: Sequence[str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    max_wait: Span = "10m"
    poll_interval: Span = "10s"
    max_output: int = 1 << 20
    trusted: bool = False


def _trainer(trainer: Train | Subprocess, trusted: bool) -> _core.Trainer:
    if isinstance(trainer, Subprocess):
        return _core.subprocess_trainer(
            [str(word) for word in trainer.argv],
            dict(trainer.parameters),
            trainer.max_wait,
            trainer.poll_interval,
            trainer.max_output,
            trainer.trusted or trusted,
        )
    named, importable = reference(trainer)
    return _core.python_trainer(trainer, called(trainer), named, importable, trusted)


class History(list[Decision]):
    """Decisions, oldest first; as text, one line each."""

    def __str__(self) -> str:
        return "\n".join(f"#{one.sequence} {one.time:%Y-%m-%d %H:%M} {one.sentence}" for one in self)


class Controller:
    """Runs the loop of one endpoint and remembers where it stands.

    One ``step`` is one transition and one transaction, together with its decision; killed anywhere, the next step goes
    on from the last that was committed. One controller leads at a time: another's step raises Unavailable until the
    lease runs out or the leader's process has died. No thread is held while a program trains or a person is waited for.

    ``retrain`` says when; ``select`` which labelled interactions (default: all); ``trainer`` makes a package of a
    TrainingJob; ``promote`` says whether the challenger may take the champion's place, judged on the newest ``holdout``
    share of the labelled rows, which neither was trained on. With ``approve="rule"`` its verdict approves, with
    ``"manual"`` the loop waits until a person approves in the registry. ``rollback`` is a rule that takes the live
    version out again. ``trusted`` lets packages of this trainer that carry code be loaded for the comparison.

    A failed training is tried again after ``backoff``, which doubles, up to ``max_attempts`` times; then the job is
    given up, and none begins before ``cooldown`` is over. ``notify`` are told of every transition, at least once each:
    ``"log"``, a callable that takes a Notification, a ``Webhook``, an ``Email``.

    Raises InvalidArgument for options that make no sense, NotFound for an unknown endpoint.
    """

    def __init__(
        self,
        workspace: Workspace,
        endpoint: str,
        *,
        retrain: Rule,
        trainer: Train | Subprocess,
        promote: PromoteIf,
        select: Selection | None = None,
        approve: Literal["manual", "rule"] = "manual",
        rollback: Rule | None = None,
        holdout: float = 0.2,
        seed: int = 0,
        max_attempts: int = 3,
        lease: Span = "1m",
        trusted: bool = False,
        backoff: Span = "10s",
        cooldown: Span = "10m",
        notify: Iterable[Receiver] = ("log",),
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
            backoff,
            cooldown,
            [notifier(receiver) for receiver in notify],
        )
        self.endpoint = endpoint
        self._workspace = workspace

    @classmethod
    def load(cls, workspace: Workspace, endpoint: str, *, trainer: Train | Subprocess | None = None) -> Controller:
        """Goes on with the configuration that ``save`` kept; ``trainer`` stands in for the saved one.

        Raises NotFound where none was saved, or where its trainer or a notifier cannot be imported any more.
        """
        config = _core.saved_controller(workspace._core, endpoint) or {}
        trusted = False
        if config and trainer is None and config["trainer"]["kind"] == "python":
            named = config["trainer"]["function"]
            trusted = config["trainer"]["trusted"]
            function = found(named)
            if not callable(function):
                raise _core.NotFound(f'trainer "{named}": not importable here, a module:function on sys.path wanted')
            trainer = function
        loaded = cls.__new__(cls)
        loaded._core = _core.Controller.load(
            workspace._core,
            endpoint,
            _trainer(trainer, trusted) if trainer else None,
            [saved_notifier(one) for one in config.get("notify", [])],
        )
        loaded.endpoint = endpoint
        loaded._workspace = workspace
        return loaded

    def step(self, *, dry_run: bool = False, until: State | None = None, job: str = "") -> StepResult:
        """Makes one transition. ``dry_run`` decides and writes nothing.

        With ``until``, makes transitions until the run has come to that state (``"monitoring"``: until it has ended) or
        cannot go on now, as while a program trains or a person is waited for; nothing where it is there already, or
        where ``job`` is given and is not the one in work. So each stage may be called alone, from a process of its own,
        and again.
        """
        if until is None:
            if job:
                raise _core.InvalidArgument(f'step: job "{job}" given without until, a state to come to wanted')
            return self._core.step(dry_run)
        if dry_run:
            raise _core.InvalidArgument("step: dry_run and until given, one of them wanted")
        return self._core.step_until(until, job)

    def run(self, *, poll: Span = "1s") -> None:
        """Steps until ``stop``, waiting on the workspace's clock whenever nothing is to be done: ``poll``, or while a
        ``Subprocess`` works its ``poll_interval``. While another controller leads it stands by, and takes over from it.
        """
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

    def jobs(self) -> list[_core.Job]:
        """Every training that the loop asked for, oldest first."""
        return _core.jobs(self._workspace._core, self.endpoint)

    def cancel(self, job: str, reason: str = "", *, by: str = "") -> None:
        """Ends a job that is queued or running: its program is killed, the next step goes back to monitoring.

        Raises NotFound, or Conflict where it has ended.
        """
        self._core.cancel(job, reason, by)

    def deliver(self) -> None:
        """Delivers notifications that are due; every ``step`` ends with it."""
        self._core.deliver()

    def status(self) -> LoopStatus:
        """Where the loop stands and since when, and how its last run ended."""
        return self._core.status()

    @property
    def state(self) -> str:
        """ "monitoring", "collecting", "training", "evaluating", "awaiting_approval", "deploying" or "failed"."""
        return self._core.state

    def history(self) -> History:
        """Every decision, oldest first, with its reasons and numbers; printed, it is the loop's story."""
        return History(self._core.history())

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
