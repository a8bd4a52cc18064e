"""holdfast registry: versions of models, and their aliases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import holdfast as hf

from ._command_parts import By, Folder, open_workspace, user
from ._status import aliases_table, text_table, version_story, versions_table

registry = typer.Typer(help="Versions of models, and their aliases.", no_args_is_help=True)

Which = Annotated[
    list[str], typer.Argument(metavar="MODEL@VERSION", help="Such as housing@2 or housing@champion; housing 2 will do.")
]
ModelOption = Annotated[str, typer.Option(help="Of this model alone.")]
Note = Annotated[str, typer.Option(help="Why.")]


def name_of(words: list[str], *, latest: bool = False) -> str:
    """What Registry.resolve takes; with ``latest`` also a model alone, which is its latest approved version."""
    name = "@".join(words)
    model, at, which = name.partition("@")
    if not model or (at and not which) or not (at or latest):
        raise typer.BadParameter(f"{' '.join(words)!r} given, MODEL@VERSION such as housing@2 wanted")
    return name


@registry.callback()
def registry_of(context: typer.Context, workspace: Folder) -> None:
    context.obj = workspace


@registry.command("list")
def list_versions(context: typer.Context, model: ModelOption = "") -> None:
    """List the versions, with state and metrics."""
    with open_workspace(context.obj) as workspace:
        typer.echo(text_table(*versions_table(workspace, model)))


@registry.command()
def show(context: typer.Context, version: Which) -> None:
    """Show one version: package, signatures, metrics, lineage, and who decided what. MODEL alone: latest approved."""
    with open_workspace(context.obj) as workspace:
        typer.echo(version_story(workspace, workspace.registry.resolve(name_of(version, latest=True))))


@registry.command()
def register(
    context: typer.Context, package: Annotated[Path, typer.Argument(help="A package: folder or zip.")]
) -> None:
    """Register a package; it is pending until it is approved. Makes the workspace where there is none."""
    opened = hf.Package.open(package)
    with hf.Workspace(context.obj) as workspace:
        version = workspace.registry.register(opened)
        typer.echo(f"{version.model}@{version.number} {version.state}")


def decide(folder: Path, words: list[str], what: str, by: str | None, note: str) -> None:
    name = name_of(words)
    with open_workspace(folder) as workspace:
        changed = getattr(workspace.registry, what)(name, by=by or user(), note=note)
        typer.echo(f"{changed.model}@{changed.number} {changed.state}")


@registry.command()
def approve(context: typer.Context, version: Which, by: By = None, note: Note = "") -> None:
    """Approve a version: it may be deployed, and code that it carries be loaded."""
    decide(context.obj, version, "approve", by, note)


@registry.command()
def reject(context: typer.Context, version: Which, by: By = None, note: Note = "") -> None:
    """Reject a version."""
    decide(context.obj, version, "reject", by, note)


@registry.command()
def archive(context: typer.Context, version: Which, by: By = None, note: Note = "") -> None:
    """Archive a version: it is not deployed again."""
    decide(context.obj, version, "archive", by, note)


@registry.command()
def alias(
    context: typer.Context,
    version: Annotated[str, typer.Argument(metavar="MODEL@VERSION", help="Such as housing@2.")],
    alias: Annotated[str, typer.Argument(help="Its other name, such as champion.")],
    by: By = None,
    note: Note = "",
) -> None:
    """Point an alias at a version; where it pointed elsewhere it moves."""
    name = name_of([version])
    with open_workspace(context.obj) as workspace:
        found = workspace.registry.resolve(name)
        workspace.registry.alias(found.model, alias, found, by=by or user(), note=note)
        typer.echo(f"{found.model}@{alias} is {found.model}@{found.number}")


@registry.command()
def unalias(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="MODEL@ALIAS", help="Such as housing@champion.")],
    by: By = None,
    note: Note = "",
) -> None:
    """Take an alias away."""
    model, _, alias = name_of([name]).rpartition("@")
    with open_workspace(context.obj) as workspace:
        if alias not in workspace.registry.aliases(model):
            raise hf.NotFound(f'model "{model}": alias "{alias}" not found')
        workspace.registry.alias(model, alias, None, by=by or user(), note=note)
        typer.echo(f"{name} is no more")


@registry.command()
def aliases(context: typer.Context, model: ModelOption = "") -> None:
    """List the aliases: where each points, since when, by whom and why."""
    with open_workspace(context.obj) as workspace:
        typer.echo(text_table(*aliases_table(workspace, model)))
