# mypy: disable-error-code="assignment, no-untyped-def, overload-overlap, type-arg"
"""
The compiled half of holdfast; import holdfast instead.
"""

from __future__ import annotations

import collections.abc
import datetime
import os
import pathlib
import typing

import numpy
import numpy.typing
import typing_extensions

__all__: list[str] = [
    "AliasMove",
    "Answer",
    "Approval",
    "Clock",
    "ColumnDrift",
    "Columns",
    "Comparison",
    "Conflict",
    "Constraints",
    "Controller",
    "CorruptArtifact",
    "DeadlineExceeded",
    "Decision",
    "Delivery",
    "DomainClassification",
    "DriftOptions",
    "DriftReport",
    "DriftSlice",
    "DriftTest",
    "Endpoint",
    "EndpointMonitor",
    "Error",
    "Explanation",
    "ExportLoss",
    "Finding",
    "Graph",
    "InteractionPieces",
    "InternalError",
    "Interval",
    "InvalidArgument",
    "IoError",
    "Job",
    "LabelCohort",
    "LabelSummary",
    "LeaseLost",
    "LedgerRow",
    "Logging",
    "LoggingCounts",
    "LoopStatus",
    "MetricCondition",
    "MetricValue",
    "Model",
    "NotFound",
    "Notification",
    "Notifier",
    "Observation",
    "Package",
    "PcaReconstruction",
    "PerformanceOptions",
    "PermissionDenied",
    "Permutations",
    "Profile",
    "PromoteIf",
    "QualityOptions",
    "QualitySlice",
    "QualityValue",
    "QueueFull",
    "Reason",
    "Registry",
    "Removal",
    "Rule",
    "Schema",
    "Selection",
    "Signature",
    "SimulatedClock",
    "SlicedQuality",
    "StepResult",
    "Summary",
    "Table",
    "TensorSpec",
    "TestResult",
    "Threshold",
    "Trainer",
    "TrainingJob",
    "Unavailable",
    "Unsupported",
    "UsedAfterFork",
    "Verification",
    "Version",
    "Violation",
    "Violations",
    "Why",
    "Window",
    "Workspace",
    "all_of",
    "any_of",
    "backend_names",
    "backup",
    "callable_model",
    "cancel",
    "canonical_json",
    "corrected_p_values",
    "decisions",
    "default_tolerance",
    "drift_report",
    "erase",
    "explain",
    "format_duration",
    "greater_is_better",
    "job",
    "job_output",
    "jobs",
    "load_interactions",
    "load_model",
    "load_model_bytes",
    "load_model_file",
    "log_notifier",
    "loop_status",
    "metric_names",
    "needs_probability",
    "package_build",
    "parse_duration",
    "parse_json",
    "promote_if",
    "prune",
    "python_notifier",
    "python_trainer",
    "quality_input",
    "removals",
    "restore",
    "rows",
    "saved_controller",
    "select_labelled",
    "set_log_level",
    "stats_anderson_darling",
    "stats_bins",
    "stats_block_length",
    "stats_chi2",
    "stats_compare",
    "stats_confusion",
    "stats_count_values",
    "stats_cramer_von_mises",
    "stats_domain_classifier",
    "stats_energy",
    "stats_fisher",
    "stats_g_test",
    "stats_hellinger",
    "stats_is_numeric",
    "stats_js",
    "stats_kl",
    "stats_ks",
    "stats_kuiper",
    "stats_l_infinity",
    "stats_levene_mean",
    "stats_levene_median",
    "stats_mann_whitney",
    "stats_mmd",
    "stats_pca_reconstruction",
    "stats_permutation_test",
    "stats_psi",
    "stats_quality",
    "stats_quality_by",
    "stats_total_variation",
    "stats_wasserstein",
    "stats_welch",
    "subprocess_trainer",
    "system_clock",
    "time_micros",
    "undelivered",
    "verify",
    "verify_folder",
    "when_drift",
    "when_every",
    "when_metric",
    "when_yield_below",
    "why",
]

class Error(Exception):
    """
    What every Holdfast call raises; `code` is its stable name and `http_status` what a server answers.

    Each subclass also derives from the built-in that a caller would catch:

    >>> issubclass(NotFound, LookupError), NotFound.code
    (True, 'not_found')
    """

    code: typing.ClassVar[str] = "internal"
    http_status: typing.ClassVar[int] = 500

class InvalidArgument(Error, ValueError):
    """
    The caller gave something that can never work.
    """

    code: typing.ClassVar[str] = "invalid_argument"
    http_status: typing.ClassVar[int] = 400

class NotFound(Error, LookupError):
    """
    No such model, version, endpoint, file or column.
    """

    code: typing.ClassVar[str] = "not_found"
    http_status: typing.ClassVar[int] = 404

class Conflict(Error, RuntimeError):
    """
    The state of things forbids it: same id with other features, already decided.
    """

    code: typing.ClassVar[str] = "conflict"
    http_status: typing.ClassVar[int] = 409

class CorruptArtifact(Error, ValueError):
    """
    Bytes that are not what they claim: truncated, foreign, wrong hash.
    """

    code: typing.ClassVar[str] = "corrupt_artifact"
    http_status: typing.ClassVar[int] = 422

class Unsupported(Error, NotImplementedError):
    """
    Understood and refused by name: an operator, a newer format, an untrusted file.
    """

    code: typing.ClassVar[str] = "unsupported"
    http_status: typing.ClassVar[int] = 501

class Unavailable(Error, RuntimeError):
    """
    Cannot be done now: backend absent, database locked for too long, closed.
    """

    code: typing.ClassVar[str] = "unavailable"
    http_status: typing.ClassVar[int] = 503

class PermissionDenied(Error, PermissionError):
    """
    The file system or a right forbids it.
    """

    code: typing.ClassVar[str] = "permission_denied"
    http_status: typing.ClassVar[int] = 403

class QueueFull(Error, RuntimeError):
    """
    More requests than the endpoint accepts.
    """

    code: typing.ClassVar[str] = "queue_full"
    http_status: typing.ClassVar[int] = 429

class DeadlineExceeded(Error, TimeoutError):
    """
    The answer would have come too late.
    """

    code: typing.ClassVar[str] = "deadline_exceeded"
    http_status: typing.ClassVar[int] = 504

class LeaseLost(Error, RuntimeError):
    """
    Another controller leads now; nothing was committed.
    """

    code: typing.ClassVar[str] = "lease_lost"
    http_status: typing.ClassVar[int] = 409

class UsedAfterFork(Error, RuntimeError):
    """
    The object's threads or connections stayed in the parent process.
    """

    code: typing.ClassVar[str] = "used_after_fork"
    http_status: typing.ClassVar[int] = 500

class IoError(Error, OSError):
    """
    The operating system failed a read or a write.
    """

    code: typing.ClassVar[str] = "io_error"
    http_status: typing.ClassVar[int] = 500

class InternalError(Error, RuntimeError):
    """
    A broken invariant of Holdfast; please report it.
    """

    code: typing.ClassVar[str] = "internal"
    http_status: typing.ClassVar[int] = 500

class Clock:
    """
    A source of time: system_clock() or a SimulatedClock. Safe from any thread.
    """
    def __repr__(self) -> str: ...
    def now(self) -> datetime.datetime:
        """
        The time now, an aware datetime in UTC.
        """
    @property
    def simulated(self) -> bool:
        """
        True where time moves only when told.
        """

class SimulatedClock(Clock):
    """
    Time that stands still until it is moved, for tests and replays.

    Moving it wakes whatever waits for that time. Naive datetimes are UTC.

    >>> clock = SimulatedClock("2021-07-01T00:00:00Z")
    >>> clock.advance("1h30m")
    >>> clock.now().isoformat()
    '2021-07-01T01:30:00+00:00'
    """
    def __init__(self, start: datetime.datetime | numpy.datetime64 | str) -> None: ...
    def advance(self, by: datetime.timedelta | numpy.timedelta64 | str) -> None:
        """
        Moves time on. Raises InvalidArgument when `by` is negative.
        """
    def set(self, time: datetime.datetime | numpy.datetime64 | str) -> None:
        """
        Moves time to `time`. Raises InvalidArgument when that is in the past.
        """

class Window:
    """
    The last n rows, or the last while: rows(n), a text such as "5m", or a timedelta.

    A duration d ends at the observation's time t and is half-open, (t-d, t].

    >>> Window("1h30m").duration
    datetime.timedelta(seconds=5400)
    >>> rows(500) == Window("rows(500)")
    True
    """
    def __eq__(self: Window | datetime.timedelta | numpy.timedelta64 | str, other: typing.Any) -> bool: ...
    def __getstate__(self: Window | datetime.timedelta | numpy.timedelta64 | str) -> str: ...
    def __hash__(self: Window | datetime.timedelta | numpy.timedelta64 | str) -> int: ...
    def __init__(self, extent: Window | datetime.timedelta | numpy.timedelta64 | str) -> None: ...
    def __repr__(self: Window | datetime.timedelta | numpy.timedelta64 | str) -> str: ...
    def __setstate__(self, arg0: str) -> None: ...
    def __str__(self: Window | datetime.timedelta | numpy.timedelta64 | str) -> str: ...
    @property
    def duration(self) -> datetime.timedelta | None:
        """
        How long, or None for rows.
        """
    @property
    def rows(self) -> int | None:
        """
        How many rows, or None for a duration.
        """

class Schema:
    """
    Names and types of a table's columns, in order; immutable.

    Types: float32, float64, int32, int64, boolean, string, categorical, timestamp.
    """
    @staticmethod
    def from_json(json: typing.Any) -> Schema: ...
    def __eq__(self, arg0: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __init__(self, fields: collections.abc.Sequence[tuple[str, str]]) -> None:
        """
        From (name, type) pairs.
        """
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def to_json(self) -> typing.Any: ...
    @property
    def fields(self) -> list[tuple[str, str]]:
        """
        (name, type) pairs, in order.
        """
    @property
    def hash(self) -> str:
        """
        SHA-256 of the canonical JSON, in hexadecimal.
        """
    @property
    def names(self) -> list[str]: ...

class Table:
    """
    Named columns of equal length, with nulls; immutable.

    Made of a pandas, polars or pyarrow frame, a dict of columns, or a matrix (then `names` name its columns). Memory is shared where it can be, so the source must not be written to afterwards. Arrow libraries read it through the PyCapsule protocol: `pyarrow.table(t)`, `polars.DataFrame(t)`.

    >>> t = Table({"x": [1.5, None], "city": ["Riga", "Oslo"]})
    >>> t.columns, len(t)
    (['x', 'city'], 2)
    """
    def __arrow_c_schema__(self) -> typing_extensions.CapsuleType: ...
    def __arrow_c_stream__(self, requested_schema: typing.Any = None) -> typing_extensions.CapsuleType: ...
    def __contains__(self, arg0: str) -> bool: ...
    @typing.overload
    def __getitem__(self, name: str) -> numpy.ndarray:
        """
        One column as numpy: nulls are NaN, NaT, or None in an object array.
        """
    @typing.overload
    def __getitem__(self, names: collections.abc.Sequence[str]) -> Table: ...
    @typing.overload
    def __getitem__(self, rows: slice) -> Table: ...
    def __init__(self, data: typing.Any, *, names: collections.abc.Sequence[str] | None = None) -> None:
        """
        InvalidArgument or Unsupported, naming the column, what was seen and what is wanted.
        """
    def __iter__(self) -> collections.abc.Iterator: ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def null_count(self, name: str) -> int: ...
    def to_dict(self) -> dict:
        """
        The columns as numpy arrays that own their memory, by name.
        """
    def to_pandas(self) -> typing.Any:
        """
        A pandas.DataFrame; times are in UTC, integers with nulls are Int64 or Int32.
        """
    @property
    def columns(self) -> list[str]:
        """
        The columns' names, in order.
        """
    @property
    def schema(self) -> Schema: ...

class Columns:
    """
    Which column of a table plays which part.

    No features: every column that plays no other part. Several probabilities: one a class, in the order of the classes; one alone: of the second of two classes.

    >>> Columns(target="rating", probability=["p0", "p1"])
    Columns(target='rating', probability=['p0', 'p1'])
    """
    @staticmethod
    def from_json(json: typing.Any) -> Columns: ...
    def __eq__(self, arg0: object) -> bool: ...
    def __getstate__(self) -> str: ...
    def __hash__(self) -> int: ...
    def __init__(
        self,
        *,
        features: typing.Any = None,
        target: str | None = None,
        prediction: str | None = None,
        probability: typing.Any = None,
        id: str | None = None,
        time: str | None = None,
        label_time: str | None = None,
        entity: str | None = None,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: str) -> None: ...
    def feature_names(self, data: typing.Any) -> list[str]:
        """
        The features' names in a table or frame; InvalidArgument where a part names no column.
        """
    def to_dict(self) -> dict:
        """
        The parts that are named.
        """
    def to_json(self) -> typing.Any: ...
    @property
    def entity(self) -> typing.Any: ...
    @property
    def features(self) -> list[str]: ...
    @property
    def id(self) -> typing.Any: ...
    @property
    def label_time(self) -> typing.Any: ...
    @property
    def prediction(self) -> typing.Any: ...
    @property
    def probability(self) -> list[str]: ...
    @property
    def target(self) -> typing.Any: ...
    @property
    def time(self) -> typing.Any: ...

class Interval:
    """
    A two-sided interval: lower, upper, level. NaN where an end is unknown.
    """
    def __iter__(self) -> collections.abc.Iterator[float]:
        """
        Unpacks as (lower, upper).
        """
    def __repr__(self) -> str: ...
    @property
    def level(self) -> float: ...
    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...

class TestResult:
    """
    What a two-sample test found.

    p_value is of exact equality (NaN where the method has none); effect is the size of the difference in the test's own
    unit, with an interval.
    """
    def __repr__(self) -> str: ...
    def to_dict(self) -> typing.Any: ...
    @property
    def current_rows(self) -> int: ...
    @property
    def effect(self) -> float: ...
    @property
    def insufficient(self) -> bool:
        """
        True where so few rows or permutations cannot give a p-value as small as the level asked for.
        """
    @property
    def interval(self) -> Interval: ...
    @property
    def note(self) -> str: ...
    @property
    def p_value(self) -> float: ...
    @property
    def reference_rows(self) -> int: ...
    @property
    def statistic(self) -> float: ...
    @property
    def test(self) -> str: ...

class MetricValue:
    """
    A metric of labelled rows, with its interval; float(...) is its value.
    """
    def __float__(self) -> float: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> typing.Any: ...
    @property
    def interval(self) -> Interval: ...
    @property
    def metric(self) -> str: ...
    @property
    def rows(self) -> int:
        """
        Labelled rows it was computed on.
        """
    @property
    def value(self) -> float:
        """
        NaN where it is not defined: no rows, one class for auc.
        """

class QualityValue(MetricValue):
    """
    A metric of labelled rows, with an interval by a named method, or the reason why there is none.

    Where it is insufficient, value and interval are NaN and reason says in words why.
    """
    def __repr__(self) -> str: ...
    def to_dict(self) -> typing.Any: ...
    @property
    def effective_rows(self) -> float:
        """
        (sum of weights)^2 / sum of squared weights; rows where all weigh the same.
        """
    @property
    def entities(self) -> int:
        """
        Drawn for the interval; 0 where rows are independent.
        """
    @property
    def insufficient(self) -> bool:
        """
        True where it is not defined.
        """
    @property
    def matured_until(self) -> datetime.datetime | None:
        """
        Of a window: interactions up to this event time had their labels, or had waited long enough; None where it is not known.
        """
    @property
    def method(self) -> str:
        """
        How the interval was made.
        """
    @property
    def note(self) -> str:
        """
        What the reader must know; empty where there is nothing.
        """
    @property
    def reason(self) -> str:
        """
        Why it is not defined; empty where it is.
        """
    @property
    def waiting(self) -> int:
        """
        Of a window by event time: interactions in buckets too young to be judged.
        """

class QualitySlice:
    """
    A metric of the rows of one slice.
    """
    def __repr__(self) -> str: ...
    @property
    def quality(self) -> QualityValue: ...
    @property
    def slice(self) -> str:
        """
        What the column says in it, as text.
        """

class SlicedQuality:
    """
    A metric of all rows, and of the slices of them, the worst first.

    The order is that of what each slice's metric is at its best by its interval; slices without a value come last.
    float(...) is the value of all rows, [...] the quality of one slice by its text.
    """
    def __float__(self) -> float: ...
    def __getitem__(self, arg0: str) -> QualityValue: ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    @property
    def slices(self) -> list[QualitySlice]:
        """
        The worst first.
        """
    @property
    def whole(self) -> QualityValue:
        """
        Of all rows, as without slices.
        """

class Comparison:
    """
    How much better the challenger is than the champion on the same rows.

    improvement is positive where the challenger is better; lower is its one-sided lower bound at `confidence`.
    """
    def __repr__(self) -> str: ...
    def to_dict(self) -> typing.Any: ...
    @property
    def challenger(self) -> float: ...
    @property
    def champion(self) -> float: ...
    @property
    def confidence(self) -> float: ...
    @property
    def improvement(self) -> float: ...
    @property
    def lower(self) -> float: ...
    @property
    def metric(self) -> str: ...
    @property
    def rows(self) -> int: ...

class Permutations:
    """
    How many splits are drawn, of what, and for which level.
    """
    def __init__(
        self,
        count: typing.SupportsInt | typing.SupportsIndex,
        most: typing.SupportsInt | typing.SupportsIndex,
        level: typing.SupportsFloat | typing.SupportsIndex,
        block: typing.SupportsInt | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class DomainClassification(TestResult):
    """
    How well a classifier tells two samples apart, and by what.
    """
    @property
    def features(self) -> dict[str, float]:
        """
        By how much the AUC falls when a column is shuffled; the most important first.
        """

class PcaReconstruction(TestResult):
    """
    How well the reference's leading principal components tell rows again.
    """
    @property
    def chunk(self) -> int:
        """
        Rows of a chunk; the last has what is left over.
        """
    @property
    def components(self) -> int:
        """
        How many are kept.
        """
    @property
    def current_chunks(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The mean error of each chunk of the current rows.
        """
    @property
    def expected(self) -> Interval:
        """
        Of a chunk's mean error: mean and three standard deviations of the reference's chunks.
        """
    @property
    def reference_chunks(self) -> numpy.typing.NDArray[numpy.float64]:
        """
        The mean error of each chunk of the reference.
        """

class QualityOptions:
    def __init__(
        self,
        *,
        level: typing.SupportsFloat | typing.SupportsIndex,
        average: str,
        top: typing.SupportsInt | typing.SupportsIndex,
        bins: typing.SupportsInt | typing.SupportsIndex,
        quantile: typing.SupportsFloat | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex,
        resamples: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class Profile:
    """
    A small mergeable summary of a table: counts, moments, quantiles, distinct and frequent values of each column.

    Its memory does not grow with the rows: below 64 KiB a numeric column, 256 KiB a text column. Quantiles come from a
    KLL sketch (Karnin, Lang, Liberty, FOCS 2016) with a rank error of at most 0.45 % at 99 % confidence, distinct counts
    from HyperLogLog (Ertl 2017) with a standard error of 1.6 %. docs/profiles.md has formulas, bounds and the format.

    >>> p = Profile.of({"income": [1.0, 2.0, 3.0]})
    >>> p += Profile.of({"income": [4.0]})
    >>> p.rows, p.columns
    (4, ['income'])
    >>> p["income"]["max"]
    4.0
    """
    @staticmethod
    def from_bytes(data: bytes) -> Profile: ...
    @staticmethod
    def load(path: os.PathLike | str | bytes) -> Profile: ...
    @staticmethod
    def merged(profiles: collections.abc.Sequence[Profile]) -> Profile:
        """
        A new profile of all rows; the order does not matter but within the sketches' bound.
        """
    @staticmethod
    def of(
        data: typing.Any,
        private: collections.abc.Sequence[str] = [],
        max_items: typing.SupportsInt | typing.SupportsIndex = 256,
        *,
        columns: Columns | None = None,
        like: Profile = None,
        edges: collections.abc.Mapping[str, collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex]] = {},
        deciles: bool = False,
        salt: str | None = None,
    ) -> Profile:
        """
        Summarises a frame, a dict of columns or a matrix.

        private: columns of which only counts, the missing share and how many values are distinct are kept; one that is not
            there is InvalidArgument.
        max_items: distinct values kept exactly in a text column; what comes after is counted within a bound.
        columns: hf.Columns; the id and the entity are private, too.
        like: a profile whose options and edges this one takes, so that both merge and their histograms compare.
        edges: of histograms, ascending, by column of numbers; bins are (-inf, e0], (e0, e1], ..., (e_last, inf).
        deciles: histograms on the columns' own deciles, as the reference of a package has.
        salt: hashed with private values before they are counted, never stored; profiles of one salt merge these counts, of
            others they have none any more. None: one that is drawn for the process.

        >>> Profile.of({"x": [1.0, 2.0, 3.0]}, edges={"x": [1.5]})["x"]["histogram"]["counts"]
        [1, 2]
        """
    def __add__(self, other: Profile) -> Profile: ...
    def __contains__(self, arg0: str) -> bool: ...
    def __eq__(self, arg0: typing.Any) -> bool: ...
    def __getitem__(self, name: str) -> typing.Any:
        """
        One column's summary as a dict.
        """
    def __getstate__(self) -> bytes: ...
    def __hash__(self) -> int: ...
    def __iadd__(self, other: Profile) -> Profile: ...
    def __init__(self) -> None: ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: bytes) -> None: ...
    def add(self, data: typing.Any) -> None:
        """
        Adds rows, whose columns must be the profile's.
        """
    def describe_contents(self, min_count: typing.SupportsInt | typing.SupportsIndex = 10) -> typing.Any:
        """
        The raw values that the saved file reveals, by column: of text, those frequent enough; of numbers, what the
        sketch keeps, the extremes and the edges; of private columns, none.
        """
    def quantile(self, column: str, q: typing.SupportsFloat | typing.SupportsIndex) -> float:
        """
        The value below which a share q of a numeric column's values lies.
        """
    def save(self, path: os.PathLike | str | bytes, min_count: typing.SupportsInt | typing.SupportsIndex = 10) -> None:
        """
        Writes the profile, without text values that are counted in fewer than min_count rows.
        """
    def to_bytes(self) -> bytes:
        """
        All of it, rare text values included: for other processes, not for other people.
        """
    def to_dict(self) -> typing.Any: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def rows(self) -> int: ...

class TensorSpec:
    """
    Name, dtype and shape of one input or output; the first axis, -1, is rows.
    """

    __hash__: typing.ClassVar[None] = None
    def __eq__(self, arg0: object) -> bool: ...
    def __init__(
        self,
        name: str,
        dtype: typing.Any = "float64",
        shape: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex] = [-1],
        unit: str = "",
    ) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def dtype(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> tuple: ...
    @property
    def unit(self) -> str: ...

class Signature:
    """
    What goes into a model and what comes out, by name.
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_json(json: typing.Any) -> Signature: ...
    def __eq__(self, arg0: object) -> bool: ...
    def __init__(
        self,
        inputs: collections.abc.Sequence[TensorSpec],
        outputs: collections.abc.Sequence[TensorSpec],
        features: collections.abc.Sequence[str] = [],
        classes: typing.Any = None,
        prediction: str = "",
        probability: str = "",
        task: str = "other",
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_json(self) -> typing.Any:
        """
        The stored form, as plain Python values.
        """
    @property
    def classes(self) -> list: ...
    @property
    def features(self) -> list[str]: ...
    @property
    def inputs(self) -> list[TensorSpec]: ...
    @property
    def outputs(self) -> list[TensorSpec]: ...
    @property
    def prediction(self) -> str: ...
    @property
    def probability(self) -> str: ...
    @property
    def task(self) -> str: ...

class ExportLoss:
    """
    How far an output of a saved file may be from the model's own.

    At most `absolute + relative * abs(value)`, in every row whose comparisons (splits, votes, ties of labels) of inexact
    values are no closer than the errors of these.
    """
    def __repr__(self) -> str: ...
    @property
    def absolute(self) -> float: ...
    @property
    def output(self) -> str: ...
    @property
    def relative(self) -> float: ...
    @property
    def what(self) -> str: ...

class Model:
    """
    Maps a batch of inputs to named outputs; immutable, safe from several threads.

    X is a numpy array, anything with DLPack, a pandas, polars or pyarrow frame, or a dict of columns. Frames are read by the
    names that the signature gives; what else they hold is ignored.
    """
    def __repr__(self) -> str: ...
    def predict(self, X: typing.Any) -> numpy.ndarray:
        """
        The prediction; one value a row comes as one axis.
        """
    def predict_into(self, X: typing.Any, out: typing.Any) -> None:
        """
        The prediction, written into `out`.
        """
    def predict_proba(self, X: typing.Any) -> numpy.ndarray:
        """
        Probabilities, rows by classes.
        """
    def run(self, X: typing.Any, outputs: collections.abc.Sequence[str] | None = None) -> dict:
        """
        Every output by name, or those named.
        """
    def save(self, path: os.PathLike | str | bytes) -> list[ExportLoss]:
        """
        Writes .hfm: the model to the bit; or .onnx: an export, in which what is lost is bounded, given back and warned of.
        """
    @property
    def arithmetic(self) -> str:
        """
        Names the arithmetic: answers compare bit for bit only where it is equal.
        """
    @property
    def backend(self) -> str: ...
    @property
    def graph(self) -> typing.Any:
        """
        A copy of the graph it was compiled from, or None.
        """
    @property
    def signature(self) -> Signature: ...

class Graph:
    """
    The in-memory form of a classical model: nodes that read and write named values.

    >>> import numpy
    >>> graph = Graph(Signature([TensorSpec("X", "float64", (-1, 2))], [TensorSpec("y", "float64", (-1, 1))], prediction="y"))
    >>> graph.add("linear", ["X"], ["y"], features=2, outputs=1, weights=[1.0, 2.0], intercept=[0.5])
    >>> graph.compile().predict(numpy.array([[1.0, 1.0]]))
    array([3.5])
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_bytes(bytes: bytes) -> Graph: ...
    def __eq__(self, arg0: object) -> bool: ...
    def __init__(self, signature: Signature, source: str = "") -> None: ...
    def __repr__(self) -> str: ...
    def add(
        self, form: str, reads: collections.abc.Sequence[str], writes: collections.abc.Sequence[str], /, **kwargs
    ) -> None:
        """
        Appends a node; the keywords are the form's fields, those left out keep their defaults.
        """
    def check(self) -> None:
        """
        Raises InvalidArgument naming the node that does not fit.
        """
    def compile(self, backend: str = "native", *, threads: typing.SupportsInt | typing.SupportsIndex = 1) -> Model:
        """
        The model; a big batch runs on up to `threads` threads, as far as processors are free, with the same bits.

        Raises InvalidArgument naming the node that does not fit.
        """
    def to_bytes(self) -> bytes:
        """
        The bytes of its .hfm file.
        """
    def with_names(self, *, features: typing.Any = None, classes: typing.Any = None) -> Graph:
        """
        A copy of a classifier's or regressor's graph with other names of its features, or labels of its classes.
        """
    @property
    def nodes(self) -> list:
        """
        A copy: one dict a node, what `add` was given: form, reads, writes and fields.
        """
    @property
    def signature(self) -> Signature: ...
    @property
    def source(self) -> str: ...

class Violation:
    """
    How many rows break one rule of one column.

    violated: the lower bound of the share, at the check's level, lies above what the rule tolerates.
    """
    def __repr__(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def examples(self) -> list[str]:
        """
        A few values, as text; none of a private column.
        """
    @property
    def lower(self) -> float:
        """
        One-sided bound of the share (Clopper and Pearson 1934).
        """
    @property
    def rows(self) -> int:
        """
        Rows that were looked at: those with a value; for missing, all.
        """
    @property
    def rule(self) -> str:
        """
        column, type, missing, finite, range, category, unique, increasing or unexpected.
        """
    @property
    def share(self) -> float:
        """
        count / rows.
        """
    @property
    def tolerated(self) -> float: ...
    @property
    def violated(self) -> bool: ...

class Violations:
    """
    The rules that were broken at all, a list of Violation.
    """
    def __getitem__(self, at: typing.SupportsInt | typing.SupportsIndex) -> Violation: ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> typing.Any: ...
    @property
    def ok(self) -> bool:
        """
        True where no rule is violated.
        """
    @property
    def rows(self) -> int: ...

class Constraints:
    """
    What a table's values must be like, inferred from a reference.

    A share of rows may break a rule: as large a one as the reference lets expect of its own kind. check says how many do,
    and whether that is more. Values are immutable; edited makes another.

    >>> c = Constraints.of({"age": [30.0, 41.0, 25.0] * 400, "plan": ["a", "b", "b"] * 400})
    >>> found = c.check({"age": [31.0, -1.0, 28.0] * 10, "plan": ["a", "b", "c"] * 10})
    >>> [(one.column, one.rule, one.count, one.violated, one.examples) for one in found]
    [('age', 'range', 10, True, ['-1']), ('plan', 'category', 10, True, ['c'])]
    >>> c.edited("age", least=-1).check({"age": [-1.0], "plan": ["b"]}).ok
    True
    """
    @staticmethod
    def from_dict(rules: typing.Any) -> Constraints: ...
    @staticmethod
    def load(path: os.PathLike | str | bytes) -> Constraints: ...
    @staticmethod
    def of(
        reference: typing.Any,
        *,
        private: collections.abc.Sequence[str] = [],
        max_categories: typing.SupportsInt | typing.SupportsIndex = 100,
        min_count: typing.SupportsInt | typing.SupportsIndex = 1,
    ) -> Constraints:
        """
        Infers types, ranges, categories, missing shares, uniqueness and the order of times.

        private: columns of which no value is kept or shown: type, missing share, uniqueness and order alone. A text column with
        more than max_categories values is free text; categories of fewer than min_count rows are not written.
        """
    def __contains__(self, arg0: str) -> bool: ...
    def __eq__(self, arg0: typing.Any) -> bool: ...
    def __getitem__(self, column: str) -> typing.Any:
        """
        One column's rules as a dict.
        """
    def __getstate__(self) -> typing.Any: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def __setstate__(self, arg0: typing.Any) -> None: ...
    def check(self, data: typing.Any, level: typing.SupportsFloat | typing.SupportsIndex = 0.99) -> Violations:
        """
        Which rules the rows break: Violations.
        """
    def edited(self, column: str, **kwargs) -> Constraints:
        """
        With other rules for one column: type, required, missing, least, most, finite, categories, unique,
        increasing, private, tolerated (a dict of shares by rule); None takes a rule away.
        """
    def save(self, path: os.PathLike | str | bytes) -> None:
        """
        As JSON, for people to edit.
        """
    def to_dict(self) -> typing.Any: ...
    @property
    def columns(self) -> list[str]: ...
    @property
    def rows(self) -> int:
        """
        Of the reference.
        """

class Package:
    """
    A model with its manifest, reference profile and metrics; a directory or a zip.

    Immutable, and safe from any thread. Its identity is the SHA-256 of the canonical manifest, the same for both forms.
    """
    @staticmethod
    def from_bytes(zip: bytes, name: str = "package.zip") -> Package:
        """
        Opens and verifies the bytes of a zip.
        """
    @staticmethod
    def open(
        path: os.PathLike | str | bytes, *, max_bytes: typing.SupportsInt | typing.SupportsIndex = 4294967296
    ) -> Package:
        """
        Opens and verifies a directory or a zip. Raises CorruptArtifact naming the file and what is wrong.
        """
    def __eq__(self, arg0: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def file(self, name: str) -> bytes:
        """
        Bytes of a file. Raises NotFound.
        """
    def load(
        self,
        *,
        trusted: bool = False,
        allowed_sha256: collections.abc.Sequence[str] = [],
        device: str = "cpu",
        threads: typing.SupportsInt | typing.SupportsIndex = 1,
    ) -> Model:
        """
        Loads the model from the bytes that were verified.
        """
    def save(self, path: os.PathLike | str | bytes) -> None:
        """
        Writes a zip where the path ends in .zip, else a new directory; all of it or nothing.
        """
    def sign(self, private_key_pem: str) -> Package:
        """
        The same package, signed too with an Ed25519 private key (PEM); its identity stays the same.

        The signature travels with the package as `signatures.json`. Raises InvalidArgument for any other key.
        """
    def to_bytes(self) -> bytes:
        """
        The bytes of the zip: a function of the files alone.
        """
    def with_lineage(self, members: typing.Any) -> Package:
        """
        The same files under a manifest whose lineage has these members too: another identity.
        """
    @property
    def claimed(self) -> typing.Any:
        """
        Metrics by name as its trainer claims them; `metrics` are those that Holdfast computed.
        """
    @property
    def constraints(self) -> Constraints | None:
        """
        The Constraints of the reference rows, or None.
        """
    @property
    def files(self) -> list[str]:
        """
        Names of the files, without the manifest.
        """
    @property
    def identity(self) -> str:
        """
        SHA-256 of the canonical manifest, 64 hexadecimal digits.
        """
    @property
    def lineage(self) -> typing.Any:
        """
        What is known of where the model came from, as a dict.
        """
    @property
    def manifest(self) -> typing.Any:
        """
        The manifest, as a dict.
        """
    @property
    def metrics(self) -> dict:
        """
        Metrics by name, computed on the model as it was packaged.
        """
    @property
    def name(self) -> str: ...
    @property
    def reference(self) -> Profile | None:
        """
        The Profile of the reference rows, or None.
        """
    @property
    def signature(self) -> Signature:
        """
        The model's Signature.
        """
    @property
    def signed_by(self) -> list[str]:
        """
        Public keys, in hex, that signed it; each signature was checked when it was opened.
        """

class Threshold:
    """
    Where a line is drawn: a constant, or what past windows make of it.

    Made by hf.thresholds. Called with the values of past windows it gives the line; NaN where they are too few.
    """
    @staticmethod
    def constant(value: typing.SupportsFloat | typing.SupportsIndex) -> Threshold: ...
    @staticmethod
    def from_json(json: typing.Any) -> Threshold: ...
    @staticmethod
    def quantile(
        quantile: typing.SupportsFloat | typing.SupportsIndex, min_windows: typing.SupportsInt | typing.SupportsIndex
    ) -> Threshold: ...
    @staticmethod
    def standard_deviations(
        multiplier: typing.SupportsFloat | typing.SupportsIndex,
        center: str,
        min_windows: typing.SupportsInt | typing.SupportsIndex,
    ) -> Threshold: ...
    def __call__(self, past: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex]) -> float: ...
    def __eq__(self, arg0: typing.Any) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def to_json(self) -> typing.Any:
        """
        A number for a constant, else a dict.
        """
    @property
    def min_windows(self) -> int: ...

class DriftTest:
    """
    A drift test with its tolerance: a number, a Threshold, or None for the test's default.
    """
    def __eq__(self, arg0: typing.Any) -> bool: ...
    def __hash__(self) -> int: ...
    def __init__(
        self,
        test: str,
        tolerance: typing.SupportsFloat | typing.SupportsIndex | Threshold | None = None,
        units: str = "sd",
    ) -> None:
        """
        units: of wasserstein's effect and tolerance: "sd" or "iqr" of the reference, or "raw".
        """
    def __repr__(self) -> str: ...
    @property
    def test(self) -> str: ...
    @property
    def tolerance(self) -> typing.Any: ...
    @property
    def units(self) -> str: ...

class ColumnDrift:
    """
    One test of one column in a drift report.

    The verdict compares the interval of the effect with the tolerance: drift where it lies above, ok where below, else
    insufficient, with the current rows that would settle it at the effect seen. p_drift is of "the effect is at most the
    tolerance", p_corrected the same for the whole family: drift where it is at most alpha. p_value is of exact equality and
    decides nothing. detectable is the smallest true effect that these sizes would call drift 4 times in 5.
    """
    def __repr__(self) -> str: ...
    def to_dict(self) -> typing.Any: ...
    @property
    def column(self) -> str: ...
    @property
    def detectable(self) -> float: ...
    @property
    def effect(self) -> float: ...
    @property
    def interval(self) -> Interval: ...
    @property
    def note(self) -> str: ...
    @property
    def p_corrected(self) -> float: ...
    @property
    def p_drift(self) -> float: ...
    @property
    def p_value(self) -> float: ...
    @property
    def rows_wanted(self) -> int: ...
    @property
    def statistic(self) -> float: ...
    @property
    def test(self) -> str: ...
    @property
    def tolerance(self) -> float: ...
    @property
    def verdict(self) -> str: ...

class DriftOptions:
    """
    How hf.drift compares.
    """
    def __init__(
        self,
        tests: collections.abc.Mapping[str, collections.abc.Sequence[DriftTest]],
        alpha: typing.SupportsFloat | typing.SupportsIndex,
        correction: str,
        share: typing.SupportsFloat | typing.SupportsIndex,
        columns: collections.abc.Sequence[str],
        excluded: collections.abc.Mapping[str, str],
        by: collections.abc.Sequence[str],
        max_slices: typing.SupportsInt | typing.SupportsIndex,
        past: collections.abc.Sequence[Profile],
        in_time_order: bool,
    ) -> None: ...

class DriftSlice:
    """
    The numbers of one slice; holdfast.DriftSlice shows them.
    """
    @property
    def columns(self) -> int: ...
    @property
    def current_rows(self) -> int: ...
    @property
    def drifted(self) -> int: ...
    @property
    def reference_rows(self) -> int: ...
    @property
    def tests(self) -> list[ColumnDrift]: ...
    @property
    def undecided(self) -> int: ...
    @property
    def values(self) -> list[str | None]: ...
    @property
    def verdict(self) -> str: ...

class DriftReport:
    """
    The numbers of a drift report; holdfast.DriftReport shows them.
    """
    def to_dict(self) -> typing.Any: ...
    @property
    def alpha(self) -> float: ...
    @property
    def by(self) -> list[str]: ...
    @property
    def columns(self) -> int: ...
    @property
    def correction(self) -> str: ...
    @property
    def current_rows(self) -> int: ...
    @property
    def drifted(self) -> int: ...
    @property
    def family(self) -> int: ...
    @property
    def left_out(self) -> list[str]: ...
    @property
    def note(self) -> str: ...
    @property
    def reference_rows(self) -> int: ...
    @property
    def share(self) -> float: ...
    @property
    def slice_family(self) -> int: ...
    @property
    def slices(self) -> list[DriftSlice]: ...
    @property
    def tests(self) -> list[ColumnDrift]: ...
    @property
    def undecided(self) -> int: ...
    @property
    def verdict(self) -> str: ...

class Observation:
    """
    What a policy looks at: plain data, with a canonical JSON form and a hash.

    Made by the loop from committed rows; `Observation.from_json` reads a stored one. What could not be observed is absent.
    """
    @staticmethod
    def from_json(json: typing.Any) -> Observation:
        """
        Reads what to_json gave. Raises InvalidArgument naming the member, Unsupported for a newer format.
        """
    def __eq__(self, arg0: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def to_json(self) -> typing.Any:
        """
        The whole as a dict.
        """
    @property
    def comparisons(self) -> typing.Any:
        """
        Challenger against champion, as dicts.
        """
    @property
    def drifts(self) -> typing.Any:
        """
        Drift summaries by query, as dicts.
        """
    @property
    def endpoint(self) -> str:
        """
        The endpoint's name.
        """
    @property
    def events(self) -> typing.Any:
        """
        Events since the last observation, as dicts.
        """
    @property
    def hash(self) -> str:
        """
        SHA-256 of the canonical JSON, 64 hexadecimal digits.
        """
    @property
    def interactions(self) -> int:
        """
        All interactions of role live.
        """
    @property
    def labelled(self) -> int:
        """
        Those that have a label.
        """
    @property
    def last_retrain(self) -> datetime.datetime | None:
        """
        When a retraining was last decided, or None.
        """
    @property
    def live_since(self) -> datetime.datetime | None:
        """
        When that version was deployed, or None.
        """
    @property
    def live_version(self) -> int:
        """
        The live version's number; 0: none.
        """
    @property
    def metrics(self) -> typing.Any:
        """
        Metrics by query, as dicts.
        """
    @property
    def namespace(self) -> str:
        """
        The namespace of the rows.
        """
    @property
    def time(self) -> datetime.datetime:
        """
        The time it was made for, in UTC.
        """
    @property
    def transaction(self) -> int:
        """
        Rows up to this transaction were looked at.
        """
    @property
    def yields(self) -> typing.Any:
        """
        Yields by query, as dicts.
        """

class Reason:
    """
    One condition of a policy, what it came to, and the numbers behind it.
    """
    def __repr__(self) -> str: ...
    @property
    def numbers(self) -> typing.Any:
        """
        The numbers, as a dict.
        """
    @property
    def rule(self) -> str:
        """
        The condition as it is written in Python.
        """
    @property
    def sentence(self) -> str:
        """
        For people: mae over 1h was 0.52 on 340 labels, above 0.45.
        """
    @property
    def truth(self) -> str:
        """
        "yes", "no" or "unknown".
        """

class Decision:
    """
    What a policy said, why, and what reproduces it.
    """
    @staticmethod
    def from_json(json: typing.Any) -> Decision:
        """
        Reads what to_json gave. Raises InvalidArgument naming the member, Unsupported for a newer format.
        """
    def __eq__(self, arg0: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def to_json(self) -> typing.Any:
        """
        The whole as a dict.
        """
    @property
    def action(self) -> str:
        """
        "none", "retrain", "select", "promote", "reject" or "roll_back".
        """
    @property
    def arithmetic(self) -> str:
        """
        Names the arithmetic of the answers it rests on.
        """
    @property
    def endpoint(self) -> str:
        """
        The endpoint's name.
        """
    @property
    def observation_hash(self) -> str:
        """
        SHA-256 of the observation it rests on.
        """
    @property
    def policy(self) -> str:
        """
        Which policy: "retrain", "promote", ...
        """
    @property
    def policy_json(self) -> typing.Any:
        """
        The policy as it was evaluated.
        """
    @property
    def reasons(self) -> list[Reason]:
        """
        Every condition that was looked at, in order.
        """
    @property
    def reproducible(self) -> bool:
        """
        False where a policy written in Python decided.
        """
    @property
    def sentence(self) -> str:
        """
        The whole, for people.
        """
    @property
    def sequence(self) -> int:
        """
        Position in the endpoint's history; 0 before it is stored.
        """
    @property
    def state_after(self) -> typing.Any:
        """
        The policy's state after.
        """
    @property
    def state_before(self) -> typing.Any:
        """
        The policy's state before.
        """
    @property
    def time(self) -> datetime.datetime:
        """
        The observation's time, in UTC.
        """
    @property
    def transaction(self) -> int:
        """
        Rows up to this transaction were looked at.
        """

class Rule:
    """
    A condition on observations: true, false or unknown. Made by hf.when, hf.any_of and hf.all_of.

    Pure: the same observation and state give the same decision. Unknown never acts and is named in the reasons.
    """
    @staticmethod
    def from_json(json: typing.Any) -> Rule:
        """
        Reads what to_json gave. Raises InvalidArgument naming the rule and the member.
        """
    def __eq__(self, arg0: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def cooldown(self, duration: datetime.timedelta | numpy.timedelta64 | str) -> Rule:
        """
        After it acted, not true again for `duration`.
        """
    def decide(
        self, observation: Observation, state: typing.Any = None, action: str = "retrain", policy: str = "retrain"
    ) -> Decision:
        """
        The decision for `action` where the rule is true, else for "none".
        """
    def evaluate(self, observation: Observation, state: typing.Any = None) -> tuple[str, list[Reason], typing.Any]:
        """
        ("yes", "no" or "unknown"; the reasons; the state to give the next time).
        """
    def held_for(self, duration: datetime.timedelta | numpy.timedelta64 | str) -> Rule:
        """
        True only after the condition was true at every evaluation for `duration`.
        """
    def to_json(self) -> typing.Any:
        """
        The rule as a dict.
        """

class MetricCondition:
    """
    A metric waiting for its comparison.
    """
    def above(self, threshold: typing.SupportsFloat | typing.SupportsIndex | Threshold) -> Rule:
        """
        True where the metric is above `threshold`: a number, or one of hf.thresholds.
        """
    def below(self, threshold: typing.SupportsFloat | typing.SupportsIndex | Threshold) -> Rule:
        """
        True where the metric is below `threshold`: a number, or one of hf.thresholds.
        """

class PromoteIf:
    """
    When a challenger may take the champion's place; made by hf.promote_if.
    """
    @staticmethod
    def from_json(json: typing.Any) -> PromoteIf:
        """
        Reads what to_json gave.
        """
    def __eq__(self, arg0: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def decide(self, observation: Observation) -> Decision:
        """
        "promote", "reject", or "none" where the comparison was not observed.
        """
    def to_json(self) -> typing.Any:
        """
        The rule as a dict.
        """
    @property
    def confidence(self) -> float: ...
    @property
    def metric(self) -> str: ...
    @property
    def min_improvement(self) -> float: ...

class Selection:
    """
    Which logged interactions a challenger is trained on; made by hf.select.
    """
    @staticmethod
    def from_json(json: typing.Any) -> Selection:
        """
        Reads what to_json gave.
        """
    def __eq__(self, arg0: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    def choose(self, labelled: typing.SupportsInt | typing.SupportsIndex) -> list[int]:
        """
        Positions, ascending, of the rows chosen out of `labelled` rows in order of time.
        """
    def to_json(self) -> typing.Any:
        """
        The selection as a dict.
        """
    @property
    def latest(self) -> int | None:
        """
        At most so many of the newest; None: all.
        """

class Logging:
    """
    How an endpoint logs its interactions; kept with the endpoint.

    durability: "async" (committed soon after the answer; when flush, close or a read returns, it is), "before_reply"
    (committed before the answer is given; callers at the same time share a commit), "none" (as async, and a power cut may
    take what was committed last). overflow, when too many rows wait: "block" the caller until its deadline, or "drop" and
    count. sample: the share of rows kept, by a hash of the id; the summaries see all. hashed: columns kept as SHA-256 with
    the workspace's salt. left_out: columns not kept. entity: the feature that names whom a row is about. bucket: of the
    summaries, settled when the endpoint is made. keep_for, keep_bytes: rows with an older event time, and the oldest beyond
    so many bytes of packed features and outputs, are taken out while the log is written, once a bucket at most; summaries
    keep counting them. label_horizon: how long a label may take; interactions older than that are settled where a metric
    asks whether a bucket has matured (`monitor.performance`).

    >>> Logging(durability="before_reply", hashed=["email"])
    Logging(durability='before_reply', overflow='block', sample=1.0, hashed=['email'], left_out=[], entity=None, bucket='1m', keep_for=None, keep_bytes=None, label_horizon=None)
    """

    __hash__: typing.ClassVar[None] = None
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        durability: str = "async",
        overflow: str = "block",
        sample: typing.SupportsFloat | typing.SupportsIndex = 1.0,
        hashed: collections.abc.Sequence[str] = [],
        left_out: collections.abc.Sequence[str] = [],
        entity: str | None = None,
        bucket: datetime.timedelta | numpy.timedelta64 | str = ...,
        keep_for: datetime.timedelta | numpy.timedelta64 | str | None = None,
        keep_bytes: typing.SupportsInt | typing.SupportsIndex | None = None,
        label_horizon: datetime.timedelta | numpy.timedelta64 | str | None = None,
    ) -> None: ...
    def __repr__(self) -> str: ...
    @property
    def bucket(self) -> datetime.timedelta: ...
    @property
    def durability(self) -> str: ...
    @property
    def entity(self) -> str | None: ...
    @property
    def hashed(self) -> list[str]: ...
    @property
    def keep_bytes(self) -> int | None: ...
    @property
    def keep_for(self) -> datetime.timedelta | None: ...
    @property
    def label_horizon(self) -> datetime.timedelta | None: ...
    @property
    def left_out(self) -> list[str]: ...
    @property
    def overflow(self) -> str: ...
    @property
    def sample(self) -> float: ...

class LoggingCounts:
    """
    What a workspace did with an endpoint's interactions since it was opened; exact.
    """
    def __repr__(self) -> str: ...
    @property
    def conflicts(self) -> int:
        """
        Rows whose id was there with other features.
        """
    @property
    def dropped(self) -> dict[str, int]:
        """
        Rows, by reason: "full", "store_error".
        """
    @property
    def failures(self) -> int:
        """
        Requests without an answer.
        """
    @property
    def known(self) -> int:
        """
        Rows whose id was there with the same features.
        """
    @property
    def logged(self) -> int:
        """
        Rows committed.
        """
    @property
    def sampled_out(self) -> int:
        """
        Rows that are in the summaries alone.
        """

class Summary:
    """
    What an endpoint answered in a stretch of time, in bounded memory.
    """
    def __repr__(self) -> str: ...
    @property
    def after(self) -> datetime.datetime:
        """
        What it covers: later than asked for where retention took the rows.
        """
    @property
    def dropped(self) -> dict[str, int]:
        """
        Of the rows, those that were not kept, by reason; of whole buckets.
        """
    @property
    def failures(self) -> int:
        """
        Requests without an answer.
        """
    @property
    def features(self) -> Profile:
        """
        Their profile; hashed columns and the entity as counts alone.
        """
    @property
    def labels(self) -> dict[str, int]:
        """
        A classifier's rows, by predicted label.
        """
    @property
    def left_out(self) -> Profile:
        """
        Counts of the columns left out, of whole buckets.
        """
    @property
    def outputs(self) -> Profile:
        """
        Their profile.
        """
    @property
    def rows(self) -> int:
        """
        Kept, sampled out and dropped.
        """
    @property
    def sampled_out(self) -> int:
        """
        Of the rows, those that are in summaries alone.
        """
    @property
    def unprofiled(self) -> int:
        """
        Of the rows, those that are in no profile: an erasure took it, or too many were dropped at once.
        """
    @property
    def until(self) -> datetime.datetime:
        """
        What it covers: earlier than asked for where retention took the rows.
        """

class LabelSummary:
    """
    How right answers were whose newest label was recorded in a stretch of time.
    """
    def __repr__(self) -> str: ...
    def score(self, metric: str) -> QualityValue | None:
        """
        Any metric with its interval, or the reason why there is none; None where sums do not tell.

        auc and pr_auc are from score sketches; the note says how far from the rows' own they may be. None: ece of other than ten
        bins, more than 100 classes (areas: 10), numbers beyond 1e28, and what sums did not hold before they had a version.
        Raises InvalidArgument for an unknown metric.
        """
    @property
    def after(self) -> datetime.datetime:
        """
        As in Summary.
        """
    @property
    def bias(self) -> float:
        """
        Mean of prediction - truth of a regression; NaN without labels.
        """
    @property
    def confusion(self) -> dict[tuple[str, str], int]:
        """
        A classifier's, by true and predicted label.
        """
    @property
    def labelled(self) -> int:
        """
        Interactions with a label.
        """
    @property
    def labels(self) -> dict[str, int]:
        """
        A classifier's, by true label.
        """
    @property
    def unjudged(self) -> int:
        """
        Of them, those whose label or version cannot be compared with the prediction.
        """
    @property
    def until(self) -> datetime.datetime:
        """
        As in Summary.
        """

class Version:
    """
    A snapshot of one registered package; ask the registry again for news.
    """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...
    @property
    def claimed(self) -> typing.Any:
        """
        Metrics by name as its trainer claims them; `metrics` are those that Holdfast computed.
        """
    @property
    def lineage(self) -> typing.Any:
        """
        What is known of where it came from: parent, samples, code, trainer, parameters, seed.
        """
    @property
    def manifest(self) -> typing.Any: ...
    @property
    def metrics(self) -> dict[str, MetricValue]:
        """
        By name, computed at packaging.
        """
    @property
    def model(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def package(self) -> str:
        """
        The package's identity, SHA-256 in hex.
        """
    @property
    def registered(self) -> datetime.datetime: ...
    @property
    def signature(self) -> Signature: ...
    @property
    def state(self) -> str:
        """
        pending, approved, rejected or archived, when it was asked for.
        """

class Approval:
    """
    One change of a version's state.
    """
    def __repr__(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def time(self) -> datetime.datetime: ...
    @property
    def version(self) -> int: ...

class AliasMove:
    """
    One move of an alias.
    """
    def __repr__(self) -> str: ...
    @property
    def alias(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def time(self) -> datetime.datetime: ...
    @property
    def version(self) -> int | None:
        """
        None where it was taken away.
        """

class LedgerRow:
    """
    One line of an endpoint's deployment ledger.
    """
    def __repr__(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def kind(self) -> str:
        """
        deploy, rollback, freeze, unfreeze or load_failed.
        """
    @property
    def model(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def time(self) -> datetime.datetime: ...
    @property
    def transaction(self) -> int: ...
    @property
    def until(self) -> datetime.datetime | None:
        """
        Of a deploy or rollback: when the next took its place; None while it is live.
        """
    @property
    def version(self) -> int: ...

class Registry:
    def alias(
        self, model: str, alias: str, version: typing.SupportsInt | typing.SupportsIndex | None, by: str, note: str
    ) -> None: ...
    def alias_history(self, model: str) -> list[AliasMove]: ...
    def aliases(self, model: str) -> dict[str, int]: ...
    def approve(
        self, model: str, version: typing.SupportsInt | typing.SupportsIndex, by: str, note: str
    ) -> Version: ...
    def archive(
        self, model: str, version: typing.SupportsInt | typing.SupportsIndex, by: str, note: str
    ) -> Version: ...
    def export_package(self, version: Version, path: os.PathLike | str | bytes) -> None: ...
    def history(self, model: str, version: typing.SupportsInt | typing.SupportsIndex) -> list[Approval]: ...
    def latest_approved(self, model: str) -> Version | None: ...
    def lineage(self, model: str, version: typing.SupportsInt | typing.SupportsIndex) -> list[Version]: ...
    def package(self, version: Version) -> Package: ...
    def register(self, package: Package) -> Version: ...
    def reject(self, model: str, version: typing.SupportsInt | typing.SupportsIndex, by: str, note: str) -> Version: ...
    def resolve(self, name: str) -> Version: ...
    def version(self, model: str, version: typing.SupportsInt | typing.SupportsIndex) -> Version: ...
    def versions(self, model: str) -> list[Version]: ...

class Answer:
    """
    What an endpoint answered: values as Model.predict gives them, every output, ids.
    """
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    @property
    def ids(self) -> list:
        """
        One a row: as given, or made here.
        """
    @property
    def latency_ns(self) -> int: ...
    @property
    def model(self) -> str: ...
    @property
    def outputs(self) -> dict:
        """
        Every output by name.
        """
    @property
    def probabilities(self) -> typing.Any:
        """
        Rows x classes; None where the model has none.
        """
    @property
    def values(self) -> typing.Any:
        """
        What Model.predict gives; None where the model names no prediction.
        """
    @property
    def version(self) -> int:
        """
        The number of the version that answered.
        """

class PerformanceOptions:
    def __init__(
        self,
        *,
        metrics: collections.abc.Sequence[str],
        by_event: bool,
        mature: typing.SupportsFloat | typing.SupportsIndex,
        horizon: datetime.timedelta | numpy.timedelta64 | str | None,
        cluster: bool,
        seed: typing.SupportsInt | typing.SupportsIndex,
    ) -> None: ...

class LabelCohort:
    """
    The interactions of one bucket of event time, (after, until], and how many have a label.
    """
    def __repr__(self) -> str: ...
    @property
    def after(self) -> datetime.datetime: ...
    @property
    def interactions(self) -> int: ...
    @property
    def labelled(self) -> int: ...
    @property
    def matured(self) -> bool:
        """
        Whether enough are settled to be judged.
        """
    @property
    def settled(self) -> int:
        """
        Labelled, or past the label horizon.
        """
    @property
    def until(self) -> datetime.datetime: ...

class EndpointMonitor:
    def cohorts(
        self, over: Window | datetime.timedelta | numpy.timedelta64 | str, options: PerformanceOptions
    ) -> list[LabelCohort]: ...
    def drift(
        self,
        over: Window | datetime.timedelta | numpy.timedelta64 | str,
        options: DriftOptions,
        false_alarms: typing.SupportsFloat | typing.SupportsIndex | None,
    ) -> DriftReport: ...
    def performance(
        self, over: Window | datetime.timedelta | numpy.timedelta64 | str, options: PerformanceOptions
    ) -> list[QualityValue]: ...
    def performance_by(
        self,
        column: str,
        over: Window | datetime.timedelta | numpy.timedelta64 | str,
        options: PerformanceOptions,
        most: typing.SupportsInt | typing.SupportsIndex,
    ) -> list[SlicedQuality]: ...
    def violations(self, level: typing.SupportsFloat | typing.SupportsIndex) -> Violations: ...
    def yield_(self, over: Window | datetime.timedelta | numpy.timedelta64 | str) -> float: ...

class Endpoint:
    def deploy(self, model: str, version: typing.SupportsInt | typing.SupportsIndex, by: str, reason: str) -> None: ...
    def follow(self, what: str) -> None: ...
    def freeze(self, reason: str, by: str) -> None: ...
    def frozen(self) -> bool: ...
    def good(self) -> list[str]: ...
    def ledger(self) -> list[LedgerRow]: ...
    def live(self) -> Version | None: ...
    def logging(self) -> Logging: ...
    def logging_counts(self) -> LoggingCounts: ...
    def monitor(self) -> EndpointMonitor: ...
    def predict(
        self,
        x: typing.Any,
        ids: typing.Any,
        time: typing.Any,
        deadline: datetime.timedelta | numpy.timedelta64 | str | None,
    ) -> Answer: ...
    def refresh(self) -> None: ...
    def rollback(self, reason: str, by: str) -> None: ...
    def served_model(self) -> Model: ...
    def set_logging(self, logging: Logging) -> None: ...
    def unfreeze(self, reason: str, by: str) -> None: ...
    @property
    def name(self) -> str: ...

class InteractionPieces:
    """
    Interactions a piece at a time, oldest first.
    """
    def __iter__(self) -> InteractionPieces: ...
    def __next__(self) -> Table: ...

class Workspace:
    def __init__(
        self,
        folder: os.PathLike | str | bytes,
        namespace: str,
        clock: Clock | None,
        create: bool,
        seed: typing.SupportsInt | typing.SupportsIndex,
        log_rows: typing.SupportsInt | typing.SupportsIndex,
        trusted_keys: collections.abc.Sequence[str],
    ) -> None: ...
    def close(self) -> None: ...
    def collect_garbage(
        self, dry_run: bool, grace: datetime.timedelta | numpy.timedelta64 | str
    ) -> tuple[list[pathlib.Path], int]: ...
    def count(
        self,
        endpoint: str,
        since: typing.Any,
        until: typing.Any,
        labelled: bool,
        version: typing.SupportsInt | typing.SupportsIndex | None,
        role: str,
    ) -> int: ...
    def create_endpoint(
        self, name: str, model: str, good: collections.abc.Sequence[str], logging: Logging | None
    ) -> Endpoint: ...
    def endpoint(self, name: str) -> Endpoint: ...
    def endpoints(self) -> list[str]: ...
    def flush(self) -> None: ...
    def interactions(
        self,
        endpoint: str,
        since: typing.Any,
        until: typing.Any,
        labelled: bool,
        last: typing.SupportsInt | typing.SupportsIndex | None,
        version: typing.SupportsInt | typing.SupportsIndex | None,
        role: str,
    ) -> Table: ...
    def label(
        self,
        ids: typing.Any,
        labels: typing.Any,
        time: datetime.datetime | numpy.datetime64 | str | None,
        endpoint: str,
    ) -> None: ...
    def label_summary(
        self,
        endpoint: str,
        since: typing.Any,
        until: typing.Any,
        version: typing.SupportsInt | typing.SupportsIndex | None,
    ) -> LabelSummary: ...
    def ledger(self, endpoint: str) -> list[LedgerRow]:
        """
        An endpoint's deployment ledger, without opening the endpoint.
        """
    def pieces(
        self,
        endpoint: str,
        since: typing.Any,
        until: typing.Any,
        labelled: bool,
        version: typing.SupportsInt | typing.SupportsIndex | None,
        role: str,
        rows: typing.SupportsInt | typing.SupportsIndex,
    ) -> InteractionPieces: ...
    def record_event(
        self, kind: str, data: typing.Any, time: datetime.datetime | numpy.datetime64 | str | None
    ) -> None: ...
    def record_metric(
        self,
        name: str,
        value: typing.SupportsFloat | typing.SupportsIndex,
        time: datetime.datetime | numpy.datetime64 | str | None,
    ) -> None: ...
    def refresh(self) -> None: ...
    def summary(
        self,
        endpoint: str,
        since: typing.Any,
        until: typing.Any,
        version: typing.SupportsInt | typing.SupportsIndex | None,
    ) -> Summary: ...
    def what_served(self, endpoint: str, time: datetime.datetime | numpy.datetime64 | str) -> LedgerRow | None: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def folder(self) -> pathlib.Path: ...
    @property
    def namespace(self) -> str: ...
    @property
    def registry(self) -> Registry: ...

class Why:
    """
    Everything that led to one answer; print it.
    """
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def approvals(self) -> list[Approval]:
        """
        Of the version, oldest first.
        """
    @property
    def arithmetic(self) -> str:
        """
        What computed the outputs, as recorded with them; empty where it was not.
        """
    @property
    def decisions(self) -> list[Decision]:
        """
        From the one to retrain to the one to deploy.
        """
    @property
    def deployment(self) -> LedgerRow | None:
        """
        The ledger's row that made the version live; None for none.
        """
    @property
    def endpoint(self) -> str: ...
    @property
    def features(self) -> dict:
        """
        As logged, by name.
        """
    @property
    def id(self) -> str: ...
    @property
    def label(self) -> typing.Any:
        """
        None where none came yet.
        """
    @property
    def notes(self) -> list[str]:
        """
        What differs, or is missing.
        """
    @property
    def outputs(self) -> dict:
        """
        As logged, by name.
        """
    @property
    def package(self) -> str:
        """
        Its package's identity.
        """
    @property
    def text(self) -> str:
        """
        The whole in plain words.
        """
    @property
    def time(self) -> datetime.datetime:
        """
        Event time of the answer.
        """
    @property
    def verdict(self) -> str:
        """
        Predicted again from the logged features: same_bits, other_arithmetic, different or missing.
        """
    @property
    def version(self) -> Version:
        """
        The version that answered.
        """

class TrainingJob:
    """
    One piece of work for a trainer.

    The same job again (after a crash) has the same id, samples and seed.
    """
    def __repr__(self) -> str: ...
    def progress(self, share: typing.SupportsFloat | typing.SupportsIndex, note: str = "") -> None:
        """
        Says how far training is: a share in [0, 1], and a word; other processes see it in the job.

        Raises Conflict once the job was cancelled.
        """
    @property
    def attempt(self) -> int:
        """
        1, 2, ... of the job.
        """
    @property
    def endpoint(self) -> str: ...
    @property
    def features(self) -> list[str]:
        """
        Names of the feature columns.
        """
    @property
    def id(self) -> str:
        """
        Names the job: endpoint and the decision that asked for it.
        """
    @property
    def model(self) -> str:
        """
        The name that the package must have.
        """
    @property
    def previous(self) -> Version | None:
        """
        The champion's Version, or None.
        """
    @property
    def previous_package(self) -> str | None:
        """
        Path of the champion's package, a zip to be read alone, or None.
        """
    @property
    def samples(self) -> typing.Any:
        """
        The samples as a pandas.DataFrame: id, time, features, label, label_time. The holdout is not among them.
        """
    @property
    def seed(self) -> int:
        """
        Drawn from the controller's seed and the job's id; below 2**53.
        """
    @property
    def table(self) -> Table:
        """
        The samples as a holdfast.Table: id, time, features, label, label_time.
        """
    @property
    def time(self) -> datetime.datetime:
        """
        When the retraining was decided.
        """
    @property
    def workdir(self) -> str:
        """
        An empty folder of this attempt's own; removed once the job ended.
        """

class Trainer:
    pass

class Job:
    """
    A training job as it stood when it was asked for.
    """
    def __repr__(self) -> str: ...
    @property
    def attempt(self) -> int:
        """
        The newest: 1, 2, ...; 0 before the first.
        """
    @property
    def ended(self) -> datetime.datetime | None: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def error(self) -> str:
        """
        Why the newest failed attempt failed, or who cancelled it.
        """
    @property
    def exit_code(self) -> int | None:
        """
        Of the program of the newest attempt that ended, 128 + n where signal n ended it; or None.
        """
    @property
    def id(self) -> str: ...
    @property
    def log(self) -> str | None:
        """
        SHA-256 of what its program printed, an artifact of the workspace; or None.
        """
    @property
    def note(self) -> str:
        """
        What the trainer said with it.
        """
    @property
    def process(self) -> str:
        """
        Which works on it, by number and start; empty where none does.
        """
    @property
    def progress(self) -> float:
        """
        Share of the attempt that is done.
        """
    @property
    def queued(self) -> datetime.datetime: ...
    @property
    def spec(self) -> typing.Any: ...
    @property
    def started(self) -> datetime.datetime | None:
        """
        When the newest attempt began, or None.
        """
    @property
    def state(self) -> str:
        """
        "queued", "running", "succeeded", "failed" or "cancelled".
        """

class Notification:
    """
    A transition of a loop, as others are told of it.
    """
    def __repr__(self) -> str: ...
    def to_dict(self) -> typing.Any:
        """
        All of it as JSON values.
        """
    @property
    def after(self) -> str:
        """
        State of the loop after.
        """
    @property
    def before(self) -> str:
        """
        State of the loop before.
        """
    @property
    def decision(self) -> int:
        """
        Sequence of its decision; 0 where none was made.
        """
    @property
    def endpoint(self) -> str: ...
    @property
    def job(self) -> str:
        """
        The job's id, or empty.
        """
    @property
    def outcome(self) -> str:
        """
        How the run ended, where it did; else empty.
        """
    @property
    def sentence(self) -> str:
        """
        What happened, in words.
        """
    @property
    def sequence(self) -> int:
        """
        The same at every attempt, so that who was told twice can tell.
        """
    @property
    def time(self) -> datetime.datetime: ...

class Notifier:
    pass

class Delivery:
    """
    How a notification fares on one channel.
    """
    @property
    def attempts(self) -> int: ...
    @property
    def channel(self) -> str: ...
    @property
    def error(self) -> str:
        """
        Of the last attempt.
        """
    @property
    def next_try(self) -> datetime.datetime | None: ...
    @property
    def sequence(self) -> int:
        """
        Of the notification.
        """

class StepResult:
    """
    What one step of the loop did.
    """
    def __repr__(self) -> str: ...
    @property
    def after(self) -> str:
        """
        State of the loop after the step.
        """
    @property
    def before(self) -> str:
        """
        State of the loop before the step.
        """
    @property
    def decision(self) -> Decision | None:
        """
        The Decision that was recorded, or None where nothing happened.
        """
    @property
    def job(self) -> str:
        """
        Id of the job that the step worked on or began; empty where none is.
        """

class LoopStatus:
    """
    Where a loop stands, as committed.
    """
    def __repr__(self) -> str: ...
    @property
    def challenger(self) -> int:
        """
        The version that it made; 0 before.
        """
    @property
    def job(self) -> str:
        """
        Id of the job in work, or empty.
        """
    @property
    def outcome(self) -> str:
        """
        How the last run ended: "live", "rejected", "failed", "cancelled", "nothing to train on" or
        "rolled back"; empty before the first has.
        """
    @property
    def paused(self) -> bool: ...
    @property
    def since(self) -> datetime.datetime | None:
        """
        When it came to that state; None where nothing ever happened.
        """
    @property
    def state(self) -> str: ...
    @property
    def until(self) -> datetime.datetime | None:
        """
        The next attempt after one that failed, or the end of the cooldown; or None.
        """

class Controller:
    @staticmethod
    def load(
        workspace: Workspace, endpoint: str, trainer: Trainer | None, notify: collections.abc.Sequence[Notifier]
    ) -> Controller: ...
    def __init__(
        self,
        workspace: Workspace,
        endpoint: str,
        retrain: Rule,
        select: Selection,
        trainer: Trainer,
        promote: PromoteIf,
        approve: str,
        rollback: Rule | None,
        holdout: typing.SupportsFloat | typing.SupportsIndex,
        seed: typing.SupportsInt | typing.SupportsIndex,
        max_attempts: typing.SupportsInt | typing.SupportsIndex,
        lease: datetime.timedelta | numpy.timedelta64 | str,
        backoff: datetime.timedelta | numpy.timedelta64 | str,
        cooldown: datetime.timedelta | numpy.timedelta64 | str,
        notify: collections.abc.Sequence[Notifier],
    ) -> None: ...
    def cancel(self, job: str, reason: str, by: str) -> None: ...
    def deliver(self) -> None: ...
    def history(self) -> list[Decision]: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def run(self, poll: datetime.timedelta | numpy.timedelta64 | str) -> None: ...
    def save(self) -> None: ...
    def status(self) -> LoopStatus: ...
    def step(self, dry_run: bool) -> StepResult: ...
    def step_until(self, until: str, job: str) -> StepResult: ...
    def stop(self) -> None: ...
    @property
    def state(self) -> str: ...

class Explanation:
    """
    A stored decision, run again.
    """
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def decision(self) -> Decision:
        """
        The decision as stored.
        """
    @property
    def notes(self) -> list[str]:
        """
        What differs or is missing.
        """
    @property
    def verdict(self) -> str:
        """
        "reproduced", "different", "missing", "other arithmetic" or "not reproducible".
        """

class Finding:
    """
    One thing that is not as it should be.
    """
    def __repr__(self) -> str: ...
    @property
    def seen(self) -> str: ...
    @property
    def thing(self) -> str:
        """
        Which row, file or database.
        """
    @property
    def wanted(self) -> str: ...

class Verification:
    """
    What checking a workspace came to: findings are damage, notes are not.
    """
    def __bool__(self) -> bool: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def checked(self) -> dict[str, int]:
        """
        How many rows and files, by kind.
        """
    @property
    def findings(self) -> list[Finding]:
        """
        At most 1,000.
        """
    @property
    def more_findings(self) -> int:
        """
        How many were found beyond those.
        """
    @property
    def notes(self) -> list[str]:
        """
        Such as files that nothing names.
        """
    @property
    def ok(self) -> bool:
        """
        Whether nothing was found.
        """

class Removal:
    """
    What one transaction took out of the log, and why.
    """
    def __repr__(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def first_event(self) -> datetime.datetime:
        """
        The earliest event time of those taken out.
        """
    @property
    def first_transaction(self) -> int:
        """
        The earliest transaction that had committed any of them.
        """
    @property
    def interactions(self) -> int:
        """
        How many were taken out.
        """
    @property
    def labels(self) -> int:
        """
        How many were taken out.
        """
    @property
    def last_event(self) -> datetime.datetime: ...
    @property
    def last_transaction(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def time(self) -> datetime.datetime: ...
    @property
    def transaction(self) -> int: ...

def _address(table: Table, name: str) -> int: ...
def _batch_probe(data: typing.Any) -> dict: ...
def _error_table() -> list[tuple[str, str, str, int]]:
    """
    Rows of (code, class, built-in, HTTP status): the table the exception classes are made from.
    """

def _raise_error(code: str, message: str) -> None:
    """
    Raises the error of a code from C++; for tests.
    """

def all_of(rules: collections.abc.Sequence[Rule]) -> Rule: ...
def any_of(rules: collections.abc.Sequence[Rule]) -> Rule: ...
def backend_names() -> list[str]: ...
def backup(workspace: Workspace, zip: os.PathLike | str | bytes) -> None: ...
def callable_model(fn: collections.abc.Callable, signature: Signature) -> Model:
    """
    A model hosted by a function: it gets an array, or a dict of columns, and gives an array or a dict of outputs.
    """

def cancel(workspace: Workspace, job: str, reason: str, by: str) -> None: ...
def canonical_json(value: typing.Any) -> str:
    """
    Canonical JSON text (RFC 8785), the form that is stored and hashed.

    Non-finite floats become the strings "NaN", "Infinity" and "-Infinity", integers beyond 2**53 decimal strings.
    Raises InvalidArgument for what JSON cannot hold.

    >>> canonical_json({"b": 1.0, "a": [None, True, 1e21]})
    '{"a":[null,true,1e+21],"b":1}'
    """

def corrected_p_values(
    correction: str, p_values: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex]
) -> list[float]: ...
def decisions(workspace: Workspace, endpoint: str) -> list[Decision]:
    """
    Decisions of an endpoint, oldest first.
    """

def default_tolerance(test: str) -> float: ...
@typing.overload
def drift_report(reference: Profile, current: Profile, options: DriftOptions) -> DriftReport: ...
@typing.overload
def drift_report(reference: Profile, current: Table, options: DriftOptions) -> DriftReport: ...
@typing.overload
def drift_report(reference: Table, current: Profile, options: DriftOptions) -> DriftReport: ...
@typing.overload
def drift_report(reference: Table, current: Table, options: DriftOptions) -> DriftReport: ...
def erase(workspace: Workspace, entity: str) -> list[Removal]: ...
def explain(workspace: Workspace, decision: Decision) -> Explanation: ...
def format_duration(duration: datetime.timedelta | numpy.timedelta64 | str) -> str:
    """
    Writes a duration in Prometheus' grammar.

    >>> format_duration("90m")
    '1h30m'
    """

def greater_is_better(metric: str) -> bool: ...
def job(workspace: Workspace, id: str) -> Job: ...
def job_output(workspace: Workspace, id: str) -> str: ...
def jobs(workspace: Workspace, endpoint: str) -> list[Job]: ...
def load_interactions(
    workspace: Workspace,
    endpoint: str,
    version: typing.SupportsInt | typing.SupportsIndex,
    ids: collections.abc.Sequence[str],
    times: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    values: typing.Any,
    features: typing.SupportsInt | typing.SupportsIndex,
    entities: typing.Any,
    labels: typing.Any,
    label_times: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
) -> int: ...
def load_model(
    path: os.PathLike | str | bytes,
    trusted: bool,
    allowed_sha256: collections.abc.Sequence[str],
    device: str,
    threads: typing.SupportsInt | typing.SupportsIndex,
    signature: Signature | None,
) -> Model: ...
def load_model_bytes(bytes: bytes, name: os.PathLike | str | bytes) -> Model:
    """
    The model of a file's bytes; the name's ending says which backend reads them.
    """

def load_model_file(
    path: os.PathLike | str | bytes,
    *,
    trusted: bool = False,
    allowed_sha256: collections.abc.Sequence[str] = [],
    device: str = "cpu",
    threads: typing.SupportsInt | typing.SupportsIndex = 1,
    signature: Signature | None = None,
) -> Model: ...
def log_notifier() -> Notifier: ...
def loop_status(workspace: Workspace, endpoint: str) -> LoopStatus: ...
def metric_names() -> list[str]:
    """
    The metrics that there are, by name.
    """

def needs_probability(metric: str) -> bool: ...
def package_build(
    model: Model,
    name: str,
    file_name: str,
    file: bytes | None,
    train: tuple | None,
    reference: tuple | None,
    evaluate: collections.abc.Sequence[str],
    lineage: typing.Any,
    private_columns: collections.abc.Sequence[str],
    columns: Columns | None,
    constraints: Constraints | None,
    trusted: bool,
    allowed_sha256: collections.abc.Sequence[str],
    signature: Signature | None,
) -> Package: ...
def parse_duration(text: str) -> datetime.timedelta:
    """
    Reads a duration in Prometheus' grammar.

    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)
    """

def parse_json(text: str) -> typing.Any:
    """
    Reads JSON text. Duplicate keys, nesting over 256 levels and ill-formed UTF-8 raise InvalidArgument.

    >>> parse_json('{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """

def promote_if(
    metric: str,
    min_improvement: typing.SupportsFloat | typing.SupportsIndex,
    confidence: typing.SupportsFloat | typing.SupportsIndex,
) -> PromoteIf: ...
def prune(
    workspace: Workspace,
    endpoint: str,
    older_than: datetime.timedelta | numpy.timedelta64 | str | None,
    larger_than: typing.SupportsInt | typing.SupportsIndex | None,
) -> list[Removal]: ...
def python_notifier(name: str, function: typing.Any, config: typing.Any, reference: str) -> Notifier: ...
def python_trainer(function: typing.Any, name: str, reference: str, found_again: bool, trusted: bool) -> Trainer: ...
def quality_input(metric: str) -> str:
    """
    What the metric is computed from: numbers, classes or probabilities.
    """

def removals(workspace: Workspace, endpoint: str) -> list[Removal]: ...
def restore(zip: os.PathLike | str | bytes, folder: os.PathLike | str | bytes) -> None: ...
def rows(n: typing.SupportsInt | typing.SupportsIndex) -> Window:
    """
    The window of the last n rows; n is at least 1.

    >>> rows(500)
    rows(500)
    """

def saved_controller(workspace: Workspace, endpoint: str) -> typing.Any:
    """
    The configuration that was saved for an endpoint's controller, or None.
    """

def select_labelled(latest: typing.SupportsInt | typing.SupportsIndex | None) -> Selection: ...
def set_log_level(level: str) -> None:
    """
    Which lines reach standard error: trace, debug, info, warning (the default), error or off.
    """

def stats_anderson_darling(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_bins(
    reference: typing.Any, current: typing.Any, bins: typing.SupportsInt | typing.SupportsIndex = 10
) -> tuple[
    numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]
]:
    """
    (edges, reference counts, current counts) over the reference's quantiles.
    """

def stats_block_length(reference: typing.Any, current: typing.Any) -> int: ...
def stats_chi2(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> TestResult: ...
def stats_compare(
    metric: str,
    truth: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    champion: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    champion_probability: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    challenger: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    challenger_probability: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    classes: typing.SupportsInt | typing.SupportsIndex,
    confidence: typing.SupportsFloat | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
) -> Comparison: ...
def stats_confusion(
    truth: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    prediction: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    classes: typing.SupportsInt | typing.SupportsIndex,
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> tuple[int, numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
    """
    (rows, weight by true and predicted class, weight predicted as none of the classes).
    """

def stats_count_values(
    reference: typing.Any, current: typing.Any
) -> tuple[list[str], numpy.typing.NDArray[numpy.float64], numpy.typing.NDArray[numpy.float64]]:
    """
    (values as text, reference counts, current counts); missing values are left out.
    """

def stats_cramer_von_mises(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_domain_classifier(
    reference: typing.Any,
    current: typing.Any,
    entity: str,
    most_rows: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
) -> DomainClassification: ...
def stats_energy(reference: typing.Any, current: typing.Any, permutations: Permutations) -> TestResult: ...
def stats_fisher(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> TestResult: ...
def stats_g_test(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> TestResult: ...
def stats_hellinger(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> TestResult: ...
def stats_is_numeric(values: typing.Any) -> bool: ...
def stats_js(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> TestResult: ...
def stats_kl(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    smoothing: typing.SupportsFloat | typing.SupportsIndex = 0.5,
) -> TestResult: ...
def stats_ks(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_kuiper(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_l_infinity(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> TestResult: ...
def stats_levene_mean(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_levene_median(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_mann_whitney(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_mmd(
    reference: typing.Any,
    current: typing.Any,
    linear: bool,
    bandwidth: typing.SupportsFloat | typing.SupportsIndex,
    standardise: bool,
    permutations: Permutations,
) -> TestResult: ...
def stats_pca_reconstruction(
    reference: typing.Any,
    current: typing.Any,
    variance: typing.SupportsFloat | typing.SupportsIndex,
    chunk: typing.SupportsInt | typing.SupportsIndex,
) -> PcaReconstruction: ...
def stats_permutation_test(
    test: str, reference: typing.Any, current: typing.Any, permutations: Permutations
) -> TestResult: ...
def stats_psi(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    smoothing: typing.SupportsFloat | typing.SupportsIndex = 0.5,
) -> TestResult: ...
def stats_quality(
    metric: str,
    truth: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    prediction: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    probability: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    classes: typing.SupportsInt | typing.SupportsIndex,
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    entities: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    options: QualityOptions,
) -> QualityValue: ...
def stats_quality_by(
    by: typing.Any,
    most: typing.SupportsInt | typing.SupportsIndex,
    metric: str,
    truth: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    prediction: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    probability: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    classes: typing.SupportsInt | typing.SupportsIndex,
    weights: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    entities: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    options: QualityOptions,
) -> SlicedQuality:
    """
    The metric of all rows and of each slice, the worst first.
    """

def stats_total_variation(
    reference: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    current: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
) -> TestResult: ...
def stats_wasserstein(reference: typing.Any, current: typing.Any) -> TestResult: ...
def stats_welch(reference: typing.Any, current: typing.Any) -> TestResult: ...
def subprocess_trainer(
    argv: collections.abc.Sequence[str],
    parameters: typing.Any,
    max_wait: datetime.timedelta | numpy.timedelta64 | str,
    poll_interval: datetime.timedelta | numpy.timedelta64 | str,
    max_output: typing.SupportsInt | typing.SupportsIndex,
    trusted: bool,
) -> Trainer: ...
def system_clock() -> Clock:
    """
    The clock of the machine; one a process.

    >>> system_clock().now().tzinfo
    datetime.timezone.utc
    """

def time_micros(time: typing.Any) -> int:
    """
    Microseconds since 1970 UTC.
    """

def undelivered(workspace: Workspace, endpoint: str) -> list[Delivery]: ...
def verify(workspace: Workspace) -> Verification: ...
def verify_folder(folder: os.PathLike | str | bytes) -> Verification: ...
def when_drift(
    share: typing.SupportsFloat | typing.SupportsIndex,
    over: Window | datetime.timedelta | numpy.timedelta64 | str,
    alpha: typing.SupportsFloat | typing.SupportsIndex | None,
    columns: collections.abc.Sequence[str],
    false_alarms: typing.SupportsFloat | typing.SupportsIndex,
) -> Rule: ...
def when_every(period: datetime.timedelta | numpy.timedelta64 | str) -> Rule: ...
def when_metric(
    name: str,
    over: Window | datetime.timedelta | numpy.timedelta64 | str,
    min_labels: typing.SupportsInt | typing.SupportsIndex,
    by: str,
    mature: typing.SupportsFloat | typing.SupportsIndex | None,
    horizon: datetime.timedelta | numpy.timedelta64 | str | None,
    past: typing.SupportsInt | typing.SupportsIndex | None,
) -> MetricCondition: ...
def when_yield_below(
    threshold: typing.SupportsFloat | typing.SupportsIndex | Threshold,
    over: Window | datetime.timedelta | numpy.timedelta64 | str,
    drop_tolerance: typing.SupportsFloat | typing.SupportsIndex | None,
    by: str,
    past: typing.SupportsInt | typing.SupportsIndex | None,
) -> Rule: ...
def why(workspace: Workspace, id: typing.Any, endpoint: str) -> Why: ...

__version__: str = "0.1.0"
