"""How raw data become a network's inputs: the function ``inputs`` of an exported file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from netlang.catalogue.data.pipeline import (
    AnyPipeline,
    ArrayPipeline,
    Categories,
    Codes,
    Encoder,
    Numbers,
    Pipeline,
    SeveralArrays,
    TextPipeline,
    Texts,
)
from netlang.catalogue.data.pipeline.scales import Quantiles, SmoothClip
from netlang.language.shapes import Shape
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python import arrays, cells
from netlang.lowering.python.copies import Text, call_of
from netlang.lowering.python.text import element, literal, statement
from netlang.system.record import Record


class InputsText(Record):
    """``source`` defines ``inputs(samples)``, which ``uses`` functions. ``samples`` is what it
    takes, in words. Where some get no answer, it defines ``lacking(samples)``, too.
    """

    source: str
    samples: str
    uses: tuple[Callable[..., Any], ...] = ()
    may_lack: bool = False


def inputs_text(pipeline: AnyPipeline | None, shape: Shape, drops: bool) -> InputsText:
    """How ``pipeline`` makes inputs of ``shape``; a row that lacks cells gets none if it ``drops``
    such rows.  Raises Unsupported.
    """
    sizes = ", ".join(map(str, shape.sizes))
    match pipeline:
        case Pipeline():
            return _of_table(pipeline, sizes, drops)
        case ArrayPipeline():
            return _of_array(pipeline, sizes)
        case SeveralArrays():
            return _of_arrays(pipeline, sizes)
        case TextPipeline():
            return InputsText(_of_text(pipeline), "texts")
        case None:
            taken = call_of(arrays.array_of, "samples", '""', literal(shape.sizes))
            lines = [statement(4, "return ", f"{taken}.astype(np.float32)")]
            source = _defined("samples, as they are", sizes, lines)
            return InputsText(source, "an array of samples", (arrays.array_of,))
    raise Unsupported(f"what makes inputs, {type(pipeline).__name__}, has no counterpart yet")


def _defined(what: str, sizes: str, lines: Iterable[str]) -> str:
    head = f'"""What the network takes, for {what}.  Shape: [N, {sizes}]."""'
    return "\n".join(["def inputs(samples):", f"    {head}", *lines]) + "\n"


def _of_table(pipeline: Pipeline, sizes: str, drops: bool) -> InputsText:
    taking = pipeline.filling() if drops else pipeline
    calls, uses = [], list[Callable[..., Any]]([cells.by_name])
    for encoder in taking.encoders:
        text, own = _column(encoder)
        calls.append(element(8, text))
        uses += own
    lines = [_BY_NAME, "    parts = [", *calls, "    ]"]
    lines.append("    return np.concatenate(parts, 1).astype(np.float32)")
    source = _defined("columns by their names", sizes, lines)
    if drops:
        source += "\n\n" + "\n".join(_lacking(taking)) + "\n"
    return InputsText(source, "columns by their names", tuple(uses), drops)


_BY_NAME = "    columns = by_name(samples, COLUMNS)"


def _column(encoder: Encoder) -> tuple[str, list[Callable[..., Any]]]:
    """The call that makes inputs of a column, and the functions that it uses."""
    name = literal(encoder.name)
    match encoder:
        case Numbers():
            options: dict[str, object] = {"shift": encoder.shift, "scale": encoder.scale}
            options |= {"fill": encoder.fill, "gaps": _gaps(encoder)}
            used: list[Callable[..., Any]] = [cells.numbers]
            match encoder.curve:
                case SmoothClip():
                    options["bent"] = Text("clipped_smoothly")
                    used.append(cells.clipped_smoothly)
                case Quantiles(values=values):
                    options["bent"] = Text(f"lambda x: normal_scores(x, {literal(values)})")
                    used.append(cells.normal_scores)
            return call_of(cells.numbers, "columns", name, **options), used
        case Codes():
            fill = "" if encoder.filled else None
            options = {"new": _new(encoder), "fill": fill}
            names = literal(encoder.names)
            return call_of(cells.codes, "columns", name, names, **options), [cells.codes]
        case Categories():
            options = {"new": _new(encoder), "fill": encoder.fill, "gaps": _gaps(encoder)}
            names = literal(encoder.names)
            return call_of(cells.categories, "columns", name, names, **options), [cells.categories]
        case Texts():
            each = zip(encoder.symbols, encoder.learned, strict=True)
            symbols = literal([symbol if known else None for symbol, known in each])
            about = literal(encoder.by), encoder.length, symbols
            fill = "" if encoder.filled else None
            return call_of(cells.tokens, "columns", name, *about, fill=fill), [cells.tokens]
    raise Unsupported(f"the column `{encoder.name}` has no counterpart in Python yet")


def _gaps(encoder: Numbers | Categories) -> float | None:
    """What says that a cell is missing: nothing, or 0 where training had no such cell."""
    return (1.0 if encoder.seen_gaps else 0.0) if encoder.indicated else None


def _new(encoder: Categories) -> tuple[str, ...] | list[str]:
    """The names that no training row had."""
    return [name for name, known in encoder.pairs if not known] or ()


def _lacking(pipeline: Pipeline) -> Iterator[str]:
    yield "def lacking(samples):"
    yield '    """Which rows lack a cell, as no row did in training: they get no answer."""'
    yield _BY_NAME
    yield "    lacks = ["
    for encoder in pipeline.encoders:
        name = literal(encoder.name)
        match encoder:
            case Numbers():
                yield f"        np.isnan(numbers(columns, {name}, fill=np.nan)[:, 0]),"
            case Categories(names=names):
                yield element(8, f'places(columns, {name}, {literal(names)}, "")[1]')
            case _:
                yield f'        np.array(columns[{name}], object) == "",'
    yield "    ]"
    yield "    return np.any(lacks, 0)"


def _of_array(pipeline: ArrayPipeline, sizes: str) -> InputsText:
    lines = [_taken(pipeline, alone=True)]
    if scaling := scaling_of(pipeline):
        lines.append(statement(4, "x = ", f"(x - {scaling[0]}) / {scaling[1]}"))
    lines.append("    return x.astype(np.float32)")
    samples = "an array of samples"
    if pipeline.lengths:
        samples += f', or `{{"{pipeline.name}": ..., "{pipeline.lengths}": ...}}` with how long '
        samples += "each is"
    source = _defined("an array of samples", sizes, lines)
    return _with_ends(source, samples, [pipeline], alone=True)


def _of_arrays(pipeline: SeveralArrays, sizes: str) -> InputsText:
    lines = ["    parts = []"]
    for one in pipeline.arrays:
        lines.append(_taken(one, alone=False))
        if scaling := scaling_of(one):
            lines.append(statement(4, "x = ", f"(x - {scaling[0]}) / {scaling[1]}"))
        lines.append(f"    parts.append(x.reshape(len(x), {math.prod(one.shape)}))")
    lines += [
        "    if len({*map(len, parts)}) > 1:",
        '        raise ValueError("the arrays have unequal numbers of samples")',
        "    return np.concatenate(parts, 1).astype(np.float32)",
    ]
    source = _defined("arrays by their names", sizes, lines)
    return _with_ends(source, "a dictionary of arrays", pipeline.arrays, alone=False)


def _taken(pipeline: ArrayPipeline, alone: bool) -> str:
    """The statement that takes an array out of the samples."""
    options = {"lengths": pipeline.lengths, "tokens": pipeline.tokens, "alone": alone}
    about = literal(pipeline.name), literal(pipeline.shape)
    return statement(4, "x = ", call_of(arrays.array_of, "samples", *about, **options))


def _with_ends(
    source: str, samples: str, pipelines: Sequence[ArrayPipeline], alone: bool
) -> InputsText:
    """What takes arrays, and says which samples have a sequence without a step: they get no
    answer.
    """
    ending = [one for one in pipelines if one.lengths]
    if not ending:
        return InputsText(source, samples, (arrays.array_of,))
    lines = ["def lacking(samples):", '    """Which samples have no step: they get no answer."""']
    for one in ending:
        lines.append(_taken(one, alone))
        lines.append("    found = has_none(x)" if one is ending[0] else "    found |= has_none(x)")
    text = "\n".join([*lines, "    return found"])
    uses = arrays.array_of, arrays.has_none
    return InputsText(f"{source}\n\n{text}\n", samples, uses, may_lack=True)


def scaling_of(pipeline: ArrayPipeline) -> tuple[str, str] | None:
    """The shift and the scale of an array, as expressions that go with its samples; None where its
    numbers stay as they are.
    """
    pairs = pipeline.shift, pipeline.scale
    if not any(pipeline.shift) and {*pipeline.scale} == {1.0}:
        return None
    behind = 0 if pipeline.by_step else len(pipeline.shape) - 1
    shift, scale = (_along(values, behind) for values in pairs)
    return shift, scale


def _along(values: Sequence[float], axes: int) -> str:
    """Values as an array, with so many axes of 1 behind it."""
    if len(values) == 1:
        return repr(values[0])
    array = f"np.array({literal(values)})"
    return f"{array}.reshape({', '.join(map(str, (-1, *[1] * axes)))})" if axes else array


def _of_text(pipeline: TextPipeline) -> str:
    both = _OF_BYTES if pipeline.by == "bytes" else _OF_CHARACTERS
    return both + _WINDOW.replace("{context}", str(pipeline.context))


_OF_CHARACTERS = '''\
def tokens_of(text):
    """The number of each symbol of a text."""
    if new := sorted({*text} - {*SYMBOLS}):
        raise ValueError(f"the text that the network has learned from has no {new[0]!r}")
    return [SYMBOLS.index(symbol) for symbol in text]


def text_of(tokens):
    """The text of these tokens."""
    return "".join(SYMBOLS[token] for token in tokens)
'''

_OF_BYTES = '''\
def tokens_of(text):
    """The bytes of a text."""
    return list(text.encode())


def text_of(tokens):
    """The text of these bytes."""
    return bytes(tokens).decode(errors="replace")
'''

_WINDOW = '''

def inputs(samples):
    """What the network takes, for texts or tokens: the last ones of each, and 0 behind them.

    Shape: [N, {context}].
    """
    found = np.zeros((len(samples), CONTEXT), np.float32)
    for row, sample in zip(found, samples):
        own = (tokens_of(sample) if isinstance(sample, str) else sample)[-CONTEXT:]
        row[: len(own)] = own
    return found
'''
