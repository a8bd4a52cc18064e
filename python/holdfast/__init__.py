"""Holdfast keeps a model good after it ships.

It loads a model, serves it, remembers what it answered, notices when it goes wrong, decides with reasons whether to
retrain, has a new model trained, proves it better, gets it approved, swaps it in, and takes it out again when it
disappoints: all in the host's own process, with one folder for its memory.
"""

from __future__ import annotations

from . import drift_tests, performance, select, stats, when
from ._care import Finding, Removal, Verification, restore
from ._convert import convert
from ._core import (
    Clock,
    Columns,
    Conflict,
    CorruptArtifact,
    DeadlineExceeded,
    Error,
    InternalError,
    InvalidArgument,
    IoError,
    LeaseLost,
    Model,
    NotFound,
    PermissionDenied,
    QueueFull,
    Schema,
    Signature,
    SimulatedClock,
    Table,
    TensorSpec,
    Unavailable,
    Unsupported,
    UsedAfterFork,
    Window,
    __version__,
    callable_model,
    rows,
    system_clock,
)
from ._drift import DriftReport, drift
from ._interchange import Loaded
from ._loop import Controller, Explanation, StepResult, TrainingJob, explain
from ._package import Package, load_model, package
from ._policy import Decision, Observation, PromoteIf, Reason, Rule, Selection, all_of, any_of, promote_if
from ._profile import Profile
from ._workspace import Answer, Approval, Endpoint, Interactions, LedgerRow, Monitor, Registry, Version, Workspace

__all__ = [
    "Answer",
    "Approval",
    "Clock",
    "Columns",
    "Conflict",
    "Controller",
    "CorruptArtifact",
    "DeadlineExceeded",
    "Decision",
    "DriftReport",
    "Endpoint",
    "Error",
    "Explanation",
    "Finding",
    "Interactions",
    "InternalError",
    "InvalidArgument",
    "IoError",
    "LeaseLost",
    "LedgerRow",
    "Loaded",
    "Model",
    "Monitor",
    "NotFound",
    "Observation",
    "Package",
    "PermissionDenied",
    "Profile",
    "PromoteIf",
    "QueueFull",
    "Reason",
    "Registry",
    "Removal",
    "Rule",
    "Schema",
    "Selection",
    "Signature",
    "SimulatedClock",
    "StepResult",
    "Table",
    "TensorSpec",
    "TrainingJob",
    "Unavailable",
    "Unsupported",
    "UsedAfterFork",
    "Verification",
    "Version",
    "Window",
    "Workspace",
    "__version__",
    "all_of",
    "any_of",
    "callable_model",
    "convert",
    "drift",
    "drift_tests",
    "explain",
    "load_model",
    "package",
    "performance",
    "promote_if",
    "restore",
    "rows",
    "select",
    "stats",
    "system_clock",
    "when",
]
