"""The registry: named models and their versions."""

from __future__ import annotations

import os
from pathlib import Path

from . import _core
from ._core import AliasMove, Approval, LedgerRow, Package, Version, Why

__all__ = ["AliasMove", "Approval", "LedgerRow", "Registry", "Version", "Why"]


class Registry:
    """Named models and their versions: pending, approved, rejected, archived.

    Wherever a version is asked for, its name will do: "b1" is the latest approved of model b1, "b1@3" version 3,
    "b1@champion" the one that the alias points at.

    Raises NotFound (model, version, alias), Conflict (a state that forbids it), CorruptArtifact, PermissionDenied (the
    workspace trusts keys, and none of them signed the package).
    """

    def __init__(self, core: _core.Registry) -> None:
        self._core = core

    def register(self, package: Package | str | os.PathLike[str]) -> Version:
        """Stores a package, or the one at a path; its version is pending. The same again is the same version."""
        return self._core.register(package if isinstance(package, Package) else Package.open(Path(package)))

    def approve(self, version: Version | str, *, by: str, note: str = "") -> Version:
        """Allows a version to be deployed, and code that its package carries to be loaded."""
        version = self._one(version)
        return self._core.approve(version.model, version.number, by, note)

    def reject(self, version: Version | str, *, by: str, note: str = "") -> Version:
        """Never to be deployed. Conflict while it is live."""
        version = self._one(version)
        return self._core.reject(version.model, version.number, by, note)

    def archive(self, version: Version | str, *, by: str, note: str = "") -> Version:
        """Not to be deployed again. Conflict while it is live."""
        version = self._one(version)
        return self._core.archive(version.model, version.number, by, note)

    def version(self, model: str, number: int) -> Version:
        """One version as it is now."""
        return self._core.version(model, number)

    get = version

    def resolve(self, name: str) -> Version:
        """The version of that name."""
        return self._core.resolve(name)

    def latest_approved(self, model: str) -> Version | None:
        """The highest-numbered version that is approved."""
        return self._core.latest_approved(model)

    def versions(self, model: str = "") -> list[Version]:
        """The versions of a model, or of all."""
        return self._core.versions(model)

    def history(self, version: Version | str) -> list[Approval]:
        """Who changed its state, when and why; oldest first."""
        version = self._one(version)
        return self._core.history(version.model, version.number)

    def alias(
        self, model: str, alias: str, version: Version | str | int | None, *, by: str = "", note: str = ""
    ) -> None:
        """Points an alias of a model at one of its versions; None takes it away. Every move is kept."""
        if isinstance(version, str):
            version = self.resolve(version)
        if isinstance(version, Version):
            if version.model != model:
                raise _core.InvalidArgument(
                    f'alias: a version of "{version.model}" given, one of model "{model}" wanted'
                )
            version = version.number
        self._core.alias(model, alias, version, by, note)

    def aliases(self, model: str) -> dict[str, int]:
        """Where each alias of a model points."""
        return self._core.aliases(model)

    def alias_history(self, model: str) -> list[AliasMove]:
        """Every move of the model's aliases; oldest first."""
        return self._core.alias_history(model)

    def lineage(self, version: Version | str) -> list[Version]:
        """The version, the one that its package names as parent, and so on to the root.

        What made each is in its ``lineage``: samples, code, trainer, parameters, seed. A parent that is not registered
        here ends the line.
        """
        version = self._one(version)
        return self._core.lineage(version.model, version.number)

    def package(self, version: Version | str) -> Package:
        """The stored package, verified, with its signatures."""
        return self._core.package(self._one(version))

    def export(self, version: Version | str, path: str | os.PathLike[str]) -> None:
        """Writes the stored package as a zip, for ``register`` of another workspace."""
        self._core.export_package(self._one(version), Path(path))

    def _one(self, version: Version | str) -> Version:
        return self.resolve(version) if isinstance(version, str) else version
