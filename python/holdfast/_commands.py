"""What the holdfast command can do; needs Typer."""

from __future__ import annotations

import enum
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import holdfast as hf

from . import _core
from ._command_parts import By, EndpointOption, Folder, open_workspace, user
from ._registry_commands import name_of, registry
from ._status import endpoints_table, markdown_table, story, text_table

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    help="Keeps a model good after it ships.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(registry, name="registry")

BEGIN, END = "<!-- holdfast:status -->", "<!-- /holdfast:status -->"
DRIFT_STATUS = {"drift": 10, "insufficient": 11}
FOUND_STATUS = 10
WIDEST = 60  # of a table's cell at a shell


class FailOn(str, enum.Enum):
    """What a drift report fails on."""

    drift = "drift"
    insufficient = "insufficient"


class FamilyCorrection(str, enum.Enum):
    """How the tests of a drift report share their error."""

    bonferroni = "bonferroni"
    holm = "holm"
    bh = "bh"
    by = "by"


def print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"holdfast {hf.__version__}")
        raise typer.Exit()


@app.callback()
def holdfast(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Say which, and exit.")
    ] = False,
) -> None:
    pass


def read_frame(path: Path) -> pd.DataFrame:
    """A CSV or Parquet file, by its ending."""
    import pandas as pd

    if not path.is_file():
        raise hf.NotFound(f'"{path}": no such file')
    try:
        return pd.read_parquet(path) if path.suffix in (".parquet", ".pq") else pd.read_csv(path)
    except ValueError as error:  # pandas' parsers', and Unicode's
        raise hf.CorruptArtifact(f'"{path}": not readable as a table: {error}') from error


@app.command()
def drift(
    reference: Annotated[Path, typer.Argument(help="CSV or Parquet: the data as it should be.")],
    current: Annotated[Path, typer.Argument(help="CSV or Parquet: the data as it is.")],
    html: Annotated[Path | None, typer.Option(help="Write the report as one HTML page.")] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            help="drift: exit with 10 where it drifted. insufficient: also with 11 where rows do not suffice to tell."
        ),
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Also compare the rows of each value of this column; may be repeated.")
    ] = None,
    correction: Annotated[
        FamilyCorrection, typer.Option(help="How the tests share their error.")
    ] = FamilyCorrection.bonferroni,
) -> None:
    """Compare two tables, column by column."""
    report = hf.drift(read_frame(reference), read_frame(current), by=by or (), correction=correction.value)
    if html is not None:
        report.save_html(str(html))
    typer.echo(drift_text(report))
    if fail_on is not None and (report.verdict == "drift" or report.verdict == fail_on.value):
        raise typer.Exit(DRIFT_STATUS[report.verdict])


def drift_row(test: _core.ColumnDrift) -> list[str]:
    return [
        test.column,
        test.test,
        f"{test.effect:.3g}",
        f"{test.interval.lower:.3g} .. {test.interval.upper:.3g}",
        f"{test.tolerance:.3g}",
        test.verdict,
    ]


def drift_text(report: hf.DriftReport) -> str:
    header = ["column", "test", "effect", "interval", "tolerance", "verdict"]
    rows = [drift_row(test) for test in report.tests]
    lines = [text_table(header, rows)] if rows else []
    if report.slices:
        rows = [[part.name, *drift_row(test)] for part in report.slices if (test := part.strongest)]
        lines += ["", text_table(["slice", *header], rows), ""]
    lines += [f"left out: {column}: {why}" for column, why in report.left_out.items()]
    return "\n".join(
        [*lines, f"{report.verdict}: {report.reference_rows} reference rows, {report.current_rows} current"]
    )


@app.command()
def package(
    model: Annotated[Path, typer.Argument(help="The model's file.")],
    name: Annotated[str, typer.Option(help="Of the model.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .zip, or a folder that is not there yet.")],
    reference: Annotated[
        Path | None, typer.Option(help="CSV or Parquet of rows that the model was not trained on.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="The column of the truth in it.")] = None,
    evaluate: Annotated[list[str] | None, typer.Option(help="A metric to compute on it; may be given again.")] = None,
    trusted: Annotated[bool, typer.Option(help="Load a file that carries code.")] = False,
) -> None:
    """Package a model file with its reference profile."""
    if evaluate and target is None:
        raise hf.InvalidArgument("--evaluate given without --target: the column of the truth wanted")
    rows = (
        None
        if reference is None
        else reference_rows(read_frame(reference), target, hf.load_model(model, trusted=trusted).signature)
    )
    made = hf.package(model, name, reference=rows, evaluate=evaluate or [], trusted=trusted)
    made.save(output)
    typer.echo(f"{output}: {made.name} {made.identity}")
    for metric, value in made.metrics.items():
        typer.echo(f"  {metric} {value.value:.6g} on {value.rows} rows")


def reference_rows(frame: pd.DataFrame, target: str | None, signature: hf.Signature) -> tuple[Any, Any]:
    """Features by the signature's names, where it knows any, and the truth; without one, zeros that nothing reads."""
    if target is not None and target not in frame.columns:
        raise hf.NotFound(f'--target "{target}": no such column; there are {", ".join(map(str, frame.columns))}')
    features = frame if target is None else frame.drop(columns=target)
    names = list(signature.features)
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise hf.NotFound(
            f"reference: column {missing[0]!r} of the model is missing; there are {', '.join(map(str, frame.columns))}"
        )
    truth = [0] * len(frame) if target is None else frame[target]
    return (features[names] if names else features), truth


@app.command()
def rollback(
    workspace: Folder,
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the ledger.")],
    by: By = None,
) -> None:
    """Take the live version out: back to the one before it."""
    with open_workspace(workspace) as opened:
        slot = opened.endpoint(endpoint)
        slot.rollback(reason, by=by or user())
        live = slot.ledger()[-1]
        typer.echo(f"{endpoint}: {live.model}@{live.version} is live")


@app.command()
def status(
    workspace: Folder,
    markdown: Annotated[
        Path | None, typer.Option(help=f"Rewrite the table in this file, between {BEGIN} and {END}.")
    ] = None,
) -> None:
    """Show what is live, and how its loop stands."""
    with open_workspace(workspace) as opened:
        header, rows = endpoints_table(opened)
        stories = [story(opened, name) for name in opened.endpoints()]
    if markdown is None:
        # What the table cuts is told in full below it.
        short = [[cell if len(cell) <= WIDEST else cell[: WIDEST - 3] + "..." for cell in row] for row in rows]
        typer.echo("\n\n".join([text_table(header, short), *stories]))
    else:
        rewrite(markdown, markdown_table(header, rows))


@app.command()
def why(
    workspace: Folder,
    id: Annotated[str, typer.Argument(help="The interaction's.")],
    endpoint: Annotated[
        str | None, typer.Option(help="The endpoint's name; may be left out where one alone has such an interaction.")
    ] = None,
) -> None:
    """Tell everything that led to one answer, and whether it would be given again."""
    with open_workspace(workspace) as opened:
        typer.echo(str(opened.why(id, endpoint=endpoint)))


@app.command()
def output(
    workspace: Folder, job: Annotated[str, typer.Argument(help="The job's id, as `holdfast status` tells it.")]
) -> None:
    """Print what a job's trainer printed or raised: its own words, which may hold secrets."""
    with open_workspace(workspace) as opened:
        typer.echo(opened.job_output(job), nl=False)


@app.command()
def garbage(
    workspace: Folder,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    grace: Annotated[str, typer.Option(help="What was written in this last while stays.")] = "1h",
) -> None:
    """Remove artifacts that nothing needs, and temporary files that killed processes left."""
    with open_workspace(workspace) as opened:
        found = opened.collect_garbage(dry_run=dry_run, grace=grace)
    for file in found.files:
        typer.echo(file.relative_to(workspace) if file.is_relative_to(workspace) else file)
    files = f"{len(found.files)} file{'' if len(found.files) == 1 else 's'}"
    typer.echo(f"{files}, {found.bytes} bytes {'to remove' if dry_run else 'removed'}")


@app.command()
def verify(workspace: Folder) -> None:
    """Check every row against every artifact; exits with 10 where something is wrong."""
    if not (workspace / "holdfast.db").is_file():
        raise hf.NotFound(f'"{workspace}": no workspace there')
    found = _core.verify_folder(workspace)
    typer.echo(str(found))
    if not found:
        raise typer.Exit(FOUND_STATUS)


@app.command()
def backup(
    workspace: Folder, output: Annotated[Path, typer.Argument(metavar="ZIP", help="The file to write.")]
) -> None:
    """Write a workspace into one zip, while others use it."""
    with open_workspace(workspace) as opened:
        opened.backup(output)
    typer.echo(f"{output}: {output.stat().st_size} bytes")


@app.command()
def restore(
    zip: Annotated[Path, typer.Argument(help="What backup wrote.")],
    workspace: Annotated[Path, typer.Argument(help="A folder that is not there yet, or empty.")],
) -> None:
    """Make a workspace of a backup; it is verified first."""
    hf.restore(zip, workspace)
    typer.echo(f"{workspace}: restored and verified")


@app.command("import")
def import_rows(
    workspace: Folder,
    data: Annotated[Path, typer.Argument(help="CSV or Parquet: what another system logged.")],
    id: Annotated[str, typer.Option(help="The column of ids.")],
    time: Annotated[str, typer.Option(help="The column of event times.")],
    endpoint: EndpointOption = None,
    prediction: Annotated[str | None, typer.Option(help="The column of predictions.")] = None,
    probability: Annotated[list[str] | None, typer.Option(help="One a class; may be given again.")] = None,
    target: Annotated[str | None, typer.Option(help="The column of the truth.")] = None,
    label_time: Annotated[str | None, typer.Option(help="When the truth was known.")] = None,
    entity: Annotated[str | None, typer.Option(help="Whom a row is about.")] = None,
    version: Annotated[
        str | None, typer.Option(help="What answered, such as housing@2; housing alone: latest approved.")
    ] = None,
) -> None:
    """Bring in interactions that another system logged; doing it again adds nothing."""
    columns = hf.Columns(
        id=id,
        time=time,
        prediction=prediction,
        probability=probability,
        target=target,
        label_time=label_time,
        entity=entity,
    )
    with open_workspace(workspace) as opened:
        which = None if version is None else opened.registry.resolve(name_of([version], latest=True))
        loaded = opened.interactions.load(data, endpoint=endpoint, columns=columns, version=which)
    typer.echo(f"{loaded.rows} rows read, {loaded.new} new, {loaded.labels} labels")


@app.command("export")
def export_rows(
    workspace: Folder,
    output: Annotated[Path, typer.Argument(metavar="PARQUET", help="The file to write.")],
    endpoint: EndpointOption = None,
    since: Annotated[str | None, typer.Option(help="A time, or a while before now: 7d.")] = None,
    until: Annotated[str | None, typer.Option(help="A time, or a while before now.")] = None,
    labelled: Annotated[bool, typer.Option(help="Only those with a label.")] = False,
) -> None:
    """Write an endpoint's interactions to a Parquet file."""
    with open_workspace(workspace) as opened:
        rows = opened.interactions.to_parquet(output, endpoint=endpoint, since=since, until=until, labelled=labelled)
    typer.echo(f"{output}: {rows} rows")


def rewrite(path: Path, table: str) -> None:
    """Puts the table between the two markers of a file, whole or not at all."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise hf.InvalidArgument(f'"{path}": no table to rewrite, a line {BEGIN} and after it a line {END} wanted')
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            file.write(f"{before}{BEGIN}\n{table}\n{END}{after}")
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, path.stat().st_mode & 0o7777)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
