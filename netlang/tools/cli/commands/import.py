"""``netlang import`` writes a network of another framework as a .net file."""

from __future__ import annotations

from pathlib import Path

import click

from netlang.imports.formats import FORMATS, Wish
from netlang.imports.importing import Imported, import_file
from netlang.language.diagnostics.shell import shell_word
from netlang.system.files import write_whole
from netlang.tools.cli.named.sources import reported
from netlang.tools.cli.named.written_files import writing
from netlang.tools.cli.output.printing import report_diagnostics, visible_path


def _shape(ctx: click.Context, option: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    """``3,224,224``, with commas or with an ``x`` between the sizes."""
    if text is None:
        return None
    sizes = [one.strip() for one in text.strip("[]() ").replace("x", ",").split(",")]
    if not all(one.isdecimal() and int(one) > 0 for one in sizes):
        raise click.BadParameter(f"{text!r} is no shape, such as 3,224,224")
    return tuple(map(int, sizes))


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "kind",
    type=click.Choice([*FORMATS], case_sensitive=False),
    help="What FILE is, if its ending does not say it.",
)
@click.option(
    "--input",
    "shape",
    metavar="SIZES",
    callback=_shape,
    help="The shape of a sample, such as 3,224,224, if FILE does not say it.",
)
@click.option(
    "--solver",
    type=click.Path(path_type=Path),
    help="Train as this file of Caffe says: optimizer, schedule, clipping.",
)
@click.option("--all-outputs", is_flag=True, help="Keep outputs that only help training, too.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    help="Write this .net file, and not to the terminal.",
)
@click.option("--force", is_flag=True, help="Write it even if it is there already.")
def command(
    file: Path,
    kind: str | None,
    shape: tuple[int, ...] | None,
    solver: Path | None,
    all_outputs: bool,
    output: Path,
    force: bool,
) -> None:
    """Write a network of another framework as a .net file.

    FILE is an .onnx, Keras's .keras or JSON, Caffe's .prototxt or Darknet's .cfg. What comes
    several times there becomes a block or a repeat. Layers that netlang lacks are listed, each with
    its place in FILE.

    With -o, the weights of an .onnx are kept beside the .net file, which begins with them; both
    networks are then run on the same random samples, and compared.

    \b
    Example:
        netlang import deploy.prototxt -o googlenet.net
        netlang summary googlenet.net
    """
    is_file = str(output) != "-"
    if is_file and output.suffix.lower() != ".net":
        raise click.UsageError(
            f"-o names {visible_path(str(output))}, and a file for netlang ends in .net"
        )
    if is_file and output.exists() and not force:
        what = f"{visible_path(str(output))} is there already, and stays as it is"
        raise click.ClickException(f"{what}: `--force` writes it anew, `-o` another file")
    with reported():
        weights, wish = output.with_suffix(".safetensors"), Wish(all_outputs, solver)
        found = import_file(file, kind, shape, wish, weights.name if is_file else "")
    if is_file:
        with writing(output):
            write_whole(output, found.text)
        click.echo(f"wrote {visible_path(str(output))}: {found.summary}")
        if found.model:
            with writing(weights):
                write_whole(weights, found.model.to_bytes())
            tried = f"; {found.beside.text}" if found.beside else ""
            click.echo(f"wrote {visible_path(str(weights))}: the weights{tried}")
    else:
        click.echo(found.text, nl=False)
    for remark in found.graph.remarks:
        click.echo(f"note: {remark}", err=True)
    _end(found, output)


def _end(found: Imported, output: Path) -> None:
    if found.lacking:
        report_diagnostics(found.lacking)
        raise click.exceptions.Exit(1)
    name = visible_path(str(output))
    if str(output) != "-":
        click.echo(f"Now look at it: netlang summary {shell_word(name)}")
    else:
        click.echo(found.summary, err=True)
