"""``netlang import`` writes a network of another framework as a .net file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from netlang.imports.formats import FORMATS, Wish
from netlang.imports.importing import Imported, import_file, import_weights
from netlang.language.diagnostics.shell import shell_word
from netlang.language.diagnostics.wording import SHOWN, counted, listed
from netlang.language.syntax import read
from netlang.system.files import write_whole
from netlang.tools.cli.named.sources import compiled, reported
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
    "--into",
    metavar="NET",
    type=click.Path(path_type=Path),
    help="Take weights from FILE, a state_dict, for this .net file.",
)
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
    into: Path | None,
    output: Path,
    force: bool,
) -> None:
    """Write a network of another framework as a .net file.

    FILE is an .onnx, Keras's .keras or JSON, Caffe's .prototxt, Darknet's .cfg, or a state_dict of
    PyTorch in .safetensors. What comes several times there becomes a block or a repeat. Layers that
    are not in netlang are listed, each with its place in FILE.

    With -o, the weights of an .onnx or a state_dict are kept beside the .net file, which begins
    with them. An .onnx and what is written of it are run on the same random samples, and compared.

    A state_dict does not say its whole network. --into names a .net file that does: then its
    weights alone are written, in a file beside it or called as -o says.

    \b
    Example:
        netlang import deploy.prototxt -o googlenet.net
        netlang import resnet18.onnx -o resnet18.net
        netlang import weights.safetensors --into mine.net
    """
    if into:
        _take_weights(file, into, output, force)
        return
    is_file = str(output) != "-"
    if is_file and output.suffix.lower() != ".net":
        raise click.UsageError(
            f"-o names {visible_path(str(output))}, and a file for netlang ends in .net"
        )
    weights, wish = _weights_of(output, file), Wish(all_outputs, solver)
    if is_file:
        _check_free(output, force)
    with reported():
        found = import_file(file, kind, shape, wish, weights.name if is_file else "")
    if is_file and found.model:
        _check_free(weights, force)  # before the .net file is written that begins with them
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


def _weights_of(network: Path, file: Path) -> Path:
    """What the weights are called beside a .net file, which is never as the FILE they are from."""
    found = network.with_suffix(".safetensors")
    return found.with_suffix(".model.safetensors") if _are_one(found, file) else found


def _are_one(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _check_free(output: Path, force: bool) -> None:
    """Raise ClickException where something is there that is not to be lost."""
    if output.exists() and not force:
        what = f"{visible_path(str(output))} is there already, and stays as it is"
        raise click.ClickException(f"{what}: `--force` writes it anew, `-o` another file")


def _take_weights(file: Path, into: Path, output: Path, force: bool) -> None:
    """Write the weights in FILE as those of the .net file ``into``."""
    weights = _weights_of(into, file) if str(output) == "-" else output
    if weights.suffix != ".safetensors" or _are_one(weights, file):
        raise click.UsageError("with --into, -o names another .safetensors file")
    _check_free(weights, force)
    with reported():
        program = compiled(read(into), (), is_begun=True)
        found, data = import_weights(file, program)
    with writing(weights):
        write_whole(weights, data)
    layers = counted(found.layers, "layer")
    click.echo(f"wrote {visible_path(str(weights))}: {len(found.tensors)} tensors of {layers}")
    if found.surplus:
        click.echo(f"left out: {listed(found.surplus, SHOWN)}", err=True)
    name = os.path.relpath(weights, into.parent)
    click.echo(f'Now begin with it: write `start = "{name}"` in {visible_path(str(into))}')


def _end(found: Imported, output: Path) -> None:
    if found.lacking:
        report_diagnostics(found.lacking)
        raise click.exceptions.Exit(1)
    name = visible_path(str(output))
    if str(output) != "-":
        click.echo(f"Now look at it: netlang summary {shell_word(name)}")
    else:
        click.echo(found.summary, err=True)
