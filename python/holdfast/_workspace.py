"""A workspace: one folder that remembers models, endpoints, interactions and decisions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from . import _core, _interchange
from ._core import (
    Answer,
    Clock,
    Columns,
    LabelSummary,
    LedgerRow,
    Logging,
    LoggingCounts,
    Model,
    Removal,
    Summary,
    Verification,
    Version,
    Why,
    Window,
)
from ._core import Table as _Table
from ._interchange import Loaded
from ._registry import Registry

if TYPE_CHECKING:
    import pandas
    import pyarrow

    from ._drift import Correction, DriftReport, Tests

__all__ = [
    "Answer",
    "Endpoint",
    "Garbage",
    "Interactions",
    "LabelSummary",
    "Logging",
    "LoggingCounts",
    "Monitor",
    "Summary",
    "Workspace",
]

Over = Window | timedelta | str


class Interactions:
    """The log of what was asked and answered, and the labels that join it."""

    def __init__(self, core: _core.Workspace) -> None:
        self._core = core

    def label(self, ids: Any, labels: Any, *, time: Any = None, endpoint: str | None = None) -> None:
        """Appends labels, one an id; the newest of an id wins.

        ``ids`` may be unknown yet. ``time`` is when the truth became known (now, unless said). Without ``endpoint`` a
        label joins every endpoint's interaction of its id. One transaction: all of them or none.

        Raises InvalidArgument for lengths that differ and for missing labels.
        """
        if isinstance(ids, str) or not hasattr(ids, "__iter__"):
            ids, labels = [ids], [labels]
        self._core.label(ids, labels, time, endpoint or "")

    def to_table(
        self,
        *,
        endpoint: str | None = None,
        since: Any = None,
        until: Any = None,
        labelled: bool = False,
        last: int | None = None,
        version: int | None = None,
        role: str = "live",
    ) -> _Table:
        """Interactions in order of time.

        Columns: id, time, recorded, transaction, version, latency_ns, features, outputs, label, label_time,
        label_recorded. ``since`` and ``until`` are event times, or a while before now (``"1d"``). A feature or output
        that has one of these names is shown as ``feature.<name>`` or ``output.<name>``; an output of k columns as
        ``<name>.0`` to ``<name>.k-1``.
        """
        return self._core.interactions(self._endpoint(endpoint), since, until, labelled, last, version, role)

    def to_pandas(
        self,
        *,
        endpoint: str | None = None,
        since: Any = None,
        until: Any = None,
        labelled: bool = False,
        last: int | None = None,
        version: int | None = None,
        role: str = "live",
    ) -> pandas.DataFrame:
        """The same as ``to_table``, as a frame."""
        table = self.to_table(
            endpoint=endpoint, since=since, until=until, labelled=labelled, last=last, version=version, role=role
        )
        return table.to_pandas()

    def count(
        self,
        *,
        endpoint: str | None = None,
        since: Any = None,
        until: Any = None,
        labelled: bool = False,
        version: int | None = None,
        role: str = "live",
    ) -> int:
        """How many there are."""
        return self._core.count(self._endpoint(endpoint), since, until, labelled, version, role)

    def summary(
        self,
        *,
        endpoint: str | None = None,
        since: Any = "1h",
        until: Any = None,
        version: int | None = None,
    ) -> Summary:
        """What a stretch of event time comes to: profiles of features and outputs, and counts.

        It is put together from the summaries of the time buckets it spans and the rows at its edges, so that it costs
        the same however much traffic there was; rows that were sampled out or dropped are in it. Where retention took
        the rows at an edge it covers the whole buckets, from ``after`` to ``until``. Quantiles are within 1.7 % of
        rank.

        Raises Conflict where the columns changed meanwhile: ask for one ``version`` then.
        """
        return self._core.summary(self._endpoint(endpoint), since, until, version)

    def label_summary(
        self,
        *,
        endpoint: str | None = None,
        since: Any = "1h",
        until: Any = None,
        version: int | None = None,
    ) -> LabelSummary:
        """How right the answers were whose newest label was recorded between ``since`` and ``until``, from sums by
        endpoint, version and bucket, so that it costs the same however many labels there are.

        Counts are exact. A row that retention took counts with the label that it had.
        """
        return self._core.label_summary(self._endpoint(endpoint), since, until, version)

    def to_arrow(
        self,
        *,
        endpoint: str | None = None,
        since: Any = None,
        until: Any = None,
        labelled: bool = False,
        last: int | None = None,
        version: int | None = None,
        role: str = "live",
    ) -> pyarrow.Table:
        """The same as ``to_table``, as an Arrow table."""
        table = self.to_table(
            endpoint=endpoint, since=since, until=until, labelled=labelled, last=last, version=version, role=role
        )
        return _interchange.arrow_table(table)

    def to_parquet(
        self,
        path: str | os.PathLike[str],
        *,
        endpoint: str | None = None,
        since: Any = None,
        until: Any = None,
        labelled: bool = False,
        version: int | None = None,
        role: str = "live",
    ) -> int:
        """Writes what ``to_table`` gives to a Parquet file, whole or not at all; how many rows.

        Memory stays bounded however many there are: they are read twice, a piece at a time, as of one moment.
        """
        name = self._endpoint(endpoint)

        def pieces() -> Iterator[_Table]:
            return self._core.pieces(name, since, until, labelled, version, role, _interchange.PIECE)

        return _interchange.write_parquet(pieces, Path(path))

    def load(
        self,
        data: Any,
        *,
        endpoint: str | None = None,
        columns: Columns,
        version: Version | None = None,
    ) -> Loaded:
        """Brings in what another system logged: a CSV or Parquet file, or a frame.

        ``columns`` says which column is what: ``id`` and ``time`` must be there; ``prediction``, ``probability``,
        ``target`` (with ``label_time``; else the label was known at the row's time), ``entity`` and ``features`` (else
        all the others) may be. With ``version`` the outputs are kept under the names that its model gives them, so that
        metrics find them; without, under their own.

        Rows that are there already are passed over, so a load that was cut off is simply done again: every 10,000 rows
        are one transaction, and each has been checked whole before it is written.

        Raises InvalidArgument naming row and column, with the number of rows that are in; Conflict (an id that is there
        with other features), NotFound (endpoint, file).
        """
        return _interchange.load(self._core, data, self._endpoint(endpoint), columns, version)

    def prune(
        self,
        endpoint: str | None = None,
        *,
        older_than: timedelta | str | None = None,
        larger_than: int | None = None,
    ) -> list[Removal]:
        """Takes out interactions with an event time more than ``older_than`` ago, then the oldest until the packed
        features and outputs fit in ``larger_than`` bytes; with them the labels that join nothing any more. Summaries
        keep counting them. ``hf.Logging`` has the same as a standing rule.

        10,000 rows are one transaction, which also writes the Removal that says what went and why. Decisions that saw
        such rows explain as ``missing``.
        """
        return _core.prune(self._core, self._endpoint(endpoint), older_than, larger_than)

    def erase(self, entity: str) -> list[Removal]:
        """Takes out everything of one entity at every endpoint of this namespace, with its labels and its part in
        summaries; a Removal an endpoint. Buckets that held one of its rows are profiled anew from the rows that remain:
        what was sampled out or dropped in them stays counted, as ``unprofiled``.

        One transaction; then the database is rewritten and its log emptied, so that none of it is left in the folder's
        files. Registry, ledger and decisions stay; packages' sample manifests keep ids, which then name nothing.

        Raises Unavailable where a reader of another process keeps the log in use: call again.
        """
        return _core.erase(self._core, str(entity))

    def removals(self, endpoint: str | None = None) -> list[Removal]:
        """What was taken out of an endpoint's log, when and why; oldest first."""
        return _core.removals(self._core, self._endpoint(endpoint))

    def _endpoint(self, endpoint: str | None) -> str:
        known = self._core.endpoints()
        if endpoint is None and len(known) == 1:
            return known[0]
        if endpoint is None:
            raise _core.InvalidArgument(f"interactions: no endpoint given, one of {known} wanted")
        if endpoint not in known:
            raise _core.NotFound(f'endpoint "{endpoint}": not found; there are {known}')
        return endpoint


class Monitor:
    """How an endpoint's recent traffic looks, against its live version's reference."""

    def __init__(self, core: _core.EndpointMonitor) -> None:
        self._core = core

    def drift(
        self,
        over: Over = "rows(5000)",
        *,
        columns: Iterable[str] | _core.Columns = (),
        share: float = 0.0,
        tests: Tests | None = None,
        correction: Correction = "bonferroni",
        past: Iterable[Any] = (),
        false_alarms: float = 1.0,
        alpha: float | None = None,
    ) -> DriftReport:
        """Compares the last complete window's features with the reference profile of the live version's package.

        Windows do not overlap: a duration's end at its multiples since 1970 UTC, those of ``rows(n)`` are n rows each
        in the order of the endpoint's rows. However often one looks, at most ``false_alarms`` of 1,000 windows without
        drift say so, for all columns together; autocorrelated rows count for what they are worth. ``report.note`` says
        which window it was. Insufficient where none is complete yet.

        ``alpha``: one look at the newest rows instead, or at the time until now, at this level for all columns; false
        alarms then add up over the looks. Columns, tests and the rest are hf.drift's.

        Raises NotFound where no version is live or its package has no reference.
        """
        from ._drift import DriftReport, as_options

        options = as_options(columns, tests, share, 0.05 if alpha is None else alpha, correction, past)
        return DriftReport(self._core.drift(Window(over), options, false_alarms if alpha is None else None))

    @overload
    def performance(  # type: ignore[overload-overlap]
        self,
        over: Over = ...,
        *,
        metrics: Iterable[str] = ...,
        by: Literal["label", "event"] = ...,
        mature: float = ...,
        horizon: timedelta | str | None = ...,
        cluster: bool = ...,
        seed: int = ...,
        max_slices: int = ...,
    ) -> dict[str, _core.QualityValue]: ...

    @overload
    def performance(
        self,
        over: Over = ...,
        *,
        metrics: Iterable[str] = ...,
        by: str | Sequence[str],
        mature: float = ...,
        horizon: timedelta | str | None = ...,
        cluster: bool = ...,
        seed: int = ...,
        max_slices: int = ...,
    ) -> dict[str, _core.SlicedQuality]: ...

    def performance(
        self,
        over: Over = "rows(5000)",
        *,
        metrics: Iterable[str] = (),
        by: str | Sequence[str] = "label",
        mature: float = 0.9,
        horizon: timedelta | str | None = None,
        cluster: bool = True,
        seed: int = 0,
        max_slices: int = 100,
    ) -> dict[str, _core.QualityValue] | dict[str, _core.SlicedQuality]:
        """Metrics over the labelled interactions of a window, by name; ``insufficient``, with the reason, where one is
        not defined.

        ``metrics`` are those of ``hf.performance.score``, with what their definition leaves open in brackets
        (``"f1(average=macro)"``); unless it says: accuracy, auc, brier and log_loss of a classifier, mae, rmse and r2
        of a regressor. A duration runs over the time at which labels were recorded, and is answered from sums, whatever
        its rows; auc and pr_auc of more than 10,000 rows from score sketches, with a bound in the ``note``.

        ``by="event"``: the duration runs over event time. Only buckets enter of which a share ``mature`` is labelled,
        or older than ``horizon`` (unless given: the endpoint's ``label_horizon``); ``waiting`` counts what is younger,
        ``matured_until`` says how far it goes, and ``cohorts`` shows them. It reads rows.

        ``by="region"``, or any other column of the log: a ``SlicedQuality`` each, with the metric of the ``whole``,
        which is as without slices, and of the ``slices``, the worst first. ``by=["event", "region"]`` is both.

        ``cluster``: where the endpoint's logging names an entity, intervals draw whole entities, named by ``seed``, and
        rows are read for it; False takes rows to be independent.

        Raises InvalidArgument: an unknown metric, one that does not go with the model, ``by="event"`` over rows, a
        column that is not there, is continuous, or has more than ``max_slices`` values.
        """
        words = [by] if isinstance(by, str) else list(by)
        columns = [word for word in words if word not in ("label", "event")]
        if len(columns) > 1 or {"label", "event"} <= set(words):
            raise _core.InvalidArgument(f'by: {words} given, at most one column and one of "label", "event" wanted')
        options = _performance_options(metrics, "event" in words, mature, horizon, cluster, seed)
        if not columns:
            return {value.metric: value for value in self._core.performance(Window(over), options)}
        found = self._core.performance_by(columns[0], Window(over), options, max_slices)
        return {sliced.whole.metric: sliced for sliced in found}

    def cohorts(
        self, over: timedelta | str, *, mature: float = 0.9, horizon: timedelta | str | None = None
    ) -> list[_core.LabelCohort]:
        """The buckets of a duration of event time: how many interactions, how many of them labelled, and whether that
        is enough for ``performance(by="event")``. Oldest first."""
        return self._core.cohorts(Window(over), _performance_options((), True, mature, horizon, True, 0))

    def violations(self, *, level: float = 0.99) -> _core.Violations:
        """Which rows broke the constraints in the live version's package, and whether more than those tolerate.

        Of all rows that this process answered since it loaded that version, whatever the log samples or leaves out;
        each share's lower bound is at ``level``. What a row alone does not tell (unique, increasing, unexpected) is not
        counted: ``Constraints.check`` does, on a frame. Raises NotFound where the package has no constraints.
        """
        return self._core.violations(level)

    def yield_(self, over: Over) -> float:
        """The share of a window's interactions whose predicted label is one of the endpoint's good ones."""
        return self._core.yield_(Window(over))


def _performance_options(
    metrics: Iterable[str],
    by_event: bool,
    mature: float,
    horizon: timedelta | str | None,
    cluster: bool,
    seed: int,
) -> _core.PerformanceOptions:
    return _core.PerformanceOptions(
        metrics=list(metrics),
        by_event=by_event,
        mature=mature,
        horizon=horizon,
        cluster=cluster,
        seed=seed,
    )


class Endpoint:
    """A named serving slot: it answers with its live version and logs every interaction. Safe from several threads."""

    def __init__(self, core: _core.Endpoint, registry: Registry) -> None:
        self._core = core
        self._registry = registry

    @property
    def name(self) -> str:
        return self._core.name

    def predict(self, X: Any, *, ids: Any = None, time: Any = None, deadline: timedelta | str | None = None) -> Answer:
        """Answers for every row of ``X``, and logs features and outputs as ``logging`` says.

        ``ids`` are one a row (str, int, UUID), or made here; ``time`` is the event time, of all rows or one a row. The
        same id with the same features is answered and not logged twice. An answer that took longer than ``deadline`` is
        DeadlineExceeded, and not logged.

        Raises InvalidArgument (shape, dtype, column by name), Conflict (an id with other features than before, where
        ``logging`` is before_reply; else the first is kept and the clash counted), Unavailable (no version is live),
        DeadlineExceeded.
        """
        return self._core.predict(X, ids, time, deadline)

    def deploy(self, version: Version | str, *, by: str = "", reason: str = "") -> None:
        """Serves an approved version: here before it returns, in every other process that has the workspace open within
        a second. ``version`` may be a name: "b1", "b1@3" or "b1@champion". Conflict unless it is approved."""
        version = self._registry._one(version)
        self._core.deploy(version.model, version.number, by, reason)

    def follow(self, what: str | None = "latest_approved") -> None:
        """Deploys the latest approved version, and those approved later; None stops."""
        self._core.follow(what or "")

    def rollback(self, reason: str, *, by: str = "") -> None:
        """Back to the version that was live before; again, to the one before that. Conflict where there is none."""
        self._core.rollback(reason, by)

    def freeze(self, reason: str, *, by: str = "") -> None:
        """Stops every automatic change; a person's ``deploy`` and ``rollback`` still work."""
        self._core.freeze(reason, by)

    def unfreeze(self, reason: str, *, by: str = "") -> None:
        """Allows automatic changes again."""
        self._core.unfreeze(reason, by)

    def refresh(self) -> None:
        """Looks for what other processes deployed."""
        self._core.refresh()

    @property
    def logging(self) -> Logging:
        """How interactions are logged."""
        return self._core.logging()

    def set_logging(
        self,
        *,
        durability: str | None = None,
        overflow: str | None = None,
        sample: float | None = None,
        hashed: Iterable[str] | None = None,
        left_out: Iterable[str] | None = None,
        entity: str | None = None,
        keep_for: timedelta | str | None = None,
        keep_bytes: int | None = None,
        keep_all: bool = False,
        label_horizon: timedelta | str | None = None,
    ) -> None:
        """Changes how interactions are logged, here and within a second in every other process; what is not given stays
        as it is (``entity=""``, ``label_horizon=""``: none; ``keep_all``: neither ``keep_for`` nor ``keep_bytes`` any
        more). See ``hf.Logging``.

        Raises InvalidArgument for a column that the live version does not have.
        """
        now = self.logging
        self._core.set_logging(
            Logging(
                durability=now.durability if durability is None else durability,
                overflow=now.overflow if overflow is None else overflow,
                sample=now.sample if sample is None else sample,
                hashed=now.hashed if hashed is None else list(hashed),
                left_out=now.left_out if left_out is None else list(left_out),
                entity=now.entity if entity is None else entity,
                bucket=now.bucket,
                keep_for=keep_for if keep_all or keep_for is not None else now.keep_for,
                keep_bytes=keep_bytes if keep_all or keep_bytes is not None else now.keep_bytes,
                label_horizon=now.label_horizon
                if label_horizon is None
                else None
                if label_horizon == ""
                else label_horizon,
            )
        )

    def logging_counts(self) -> LoggingCounts:
        """What this workspace did with the interactions since it was opened; exact once ``flush`` has returned."""
        return self._core.logging_counts()

    @property
    def frozen(self) -> bool:
        return self._core.frozen()

    @property
    def live(self) -> Version | None:
        """The version that is live, as committed."""
        return self._core.live()

    @property
    def model(self) -> Model | None:
        """The model that answers here."""
        return self._core.served_model()

    @property
    def good(self) -> list[str]:
        """The labels that count as yield."""
        return self._core.good()

    def ledger(self) -> list[LedgerRow]:
        """What was live from when (``time``) until when, and why; freezes and failures to load, too. Oldest first."""
        return self._core.ledger()

    @property
    def monitor(self) -> Monitor:
        return Monitor(self._core.monitor())

    def __repr__(self) -> str:
        live = self.live
        return f"Endpoint({self.name!r}, live={f'{live.model}@{live.number}' if live else None})"


class Garbage(NamedTuple):
    """Files that nothing needed, and their bytes together."""

    files: list[Path]
    bytes: int


class Workspace:
    """One folder that remembers: registry, endpoints, interactions, decisions.

    Several processes of one host may have it open, and all calls are safe from several threads. In a forked child every
    call raises UsedAfterFork; open the folder anew there. With a simulated clock nothing watches by itself: call
    ``refresh``. ``seed`` makes the ids drawn here reproducible (0: random). ``log_rows`` interactions may wait to be
    committed; see ``hf.Logging``. Where there are ``trusted_keys`` (Ed25519, PEM), a package that none of them signed
    is not registered, deployed or loaded: PermissionDenied.

    Raises NotFound (``create=False`` and no workspace there), PermissionDenied, CorruptArtifact (a foreign or truncated
    database), Unsupported (a newer schema), Unavailable (locked for too long).

    >>> ws = hf.Workspace("./housing")  # doctest: +SKIP
    >>> answer = ws.endpoint("housing").predict(X, ids=ids)  # doctest: +SKIP
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        namespace: str = "default",
        clock: Clock | None = None,
        create: bool = True,
        seed: int = 0,
        log_rows: int = 65_536,
        trusted_keys: Iterable[str] = (),
    ) -> None:
        keys = [trusted_keys] if isinstance(trusted_keys, str) else list(trusted_keys)
        self._core = _core.Workspace(Path(folder), namespace, clock, create, seed, log_rows, keys)
        self.registry = Registry(self._core.registry)
        self.interactions = Interactions(self._core)

    @property
    def folder(self) -> Path:
        return self._core.folder

    @property
    def clock(self) -> Clock:
        return self._core.clock

    @property
    def namespace(self) -> str:
        return self._core.namespace

    def create_endpoint(
        self, name: str, model: str | None = None, *, good: Iterable[Any] = (), logging: Logging | None = None
    ) -> Endpoint:
        """Makes an endpoint that serves versions of ``model`` (its own name unless said). ``good`` are the labels that
        count as yield, ``logging`` says how interactions are logged (as ``hf.Logging()`` unless said). The same call
        again is the same endpoint; with other options it is Conflict."""
        core = self._core.create_endpoint(name, model or "", [str(label) for label in good], logging)
        return Endpoint(core, self.registry)

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name; NotFound, naming those there are."""
        return Endpoint(self._core.endpoint(name), self.registry)

    def endpoints(self) -> list[str]:
        """Their names."""
        return self._core.endpoints()

    def what_served(self, endpoint: str, time: datetime | str) -> LedgerRow | None:
        """The ledger's row of what answered at that time, as committed; None before the first deployment.

        Raises NotFound for an endpoint that is not there.
        """
        return self._core.what_served(endpoint, time)

    def why(self, interaction_id: Any, *, endpoint: str | None = None) -> Why:
        """Everything that led to one answer: version, package, features, outputs, the decisions that made the version,
        its approval and deployment; and whether the logged features give the same bits again. Print it.

        ``endpoint`` may be left out where one endpoint alone has an interaction of that id.

        Raises NotFound for an id that was not logged, InvalidArgument where several endpoints have one.
        """
        return _core.why(self._core, interaction_id, endpoint or "")

    def collect_garbage(self, *, dry_run: bool = False, grace: timedelta | str = "1h") -> Garbage:
        """Removes artifacts that no version, decision or job of any namespace needs, and temporary files that killed
        processes left; what was written within ``grace`` stays, as another process may be about to register it.

        ``dry_run`` only tells.
        """
        return Garbage(*self._core.collect_garbage(dry_run, grace))

    def jobs(self, endpoint: str = "") -> list[_core.Job]:
        """Trainings of an endpoint's loop, or of all, as they stand; oldest first."""
        return _core.jobs(self._core, endpoint)

    def cancel(self, job: str, reason: str = "", *, by: str = "") -> None:
        """Ends a job that is queued or running: its program is killed, and the loop goes back to monitoring.

        Raises NotFound, or Conflict where it has ended.
        """
        _core.cancel(self._core, job, reason, by)

    def job_output(self, job: str) -> str:
        """What the program of a job's newest attempt printed, up to its limit, or what its function raised.

        These are the trainer's own words: they may hold secrets, and are nowhere else. NotFound for an unknown job.
        """
        return _core.job_output(self._core, job)

    def record_metric(self, name: str, value: float, *, time: datetime | str | None = None) -> None:
        """Keeps a number that somebody else measured, for policies to see."""
        self._core.record_metric(name, value, time)

    def record_event(self, kind: str, data: Any = None, *, time: datetime | str | None = None) -> None:
        """Keeps an event, with JSON data, for policies to see."""
        self._core.record_event(kind, data, time)

    def refresh(self) -> None:
        """Looks for what other processes deployed or approved."""
        self._core.refresh()

    def flush(self) -> None:
        """Returns once everything logged before is committed."""
        self._core.flush()

    def verify(self) -> Verification:
        """Checks every row of every namespace against every artifact; true where all is sound.

        Each finding names the thing, what was seen and what was wanted. Files that nothing names are notes.
        """
        return _core.verify(self._core)

    def backup(self, path: str | os.PathLike[str]) -> None:
        """Writes one zip of the database as of one moment and of all artifacts, while others go on writing; whole or
        not at all. ``hf.restore`` makes a workspace of it."""
        _core.backup(self._core, Path(path))

    def close(self) -> None:
        """Flushes and closes; every later call raises Unavailable.

        In a forked child it does nothing: the workspace is the parent's.
        """
        self._core.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder)!r}, namespace={self.namespace!r})"
