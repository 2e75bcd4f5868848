"""What becomes of a sample's own numbers before the network: its pipeline in C.

It computes in double, as the pipeline does, and the network in float.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.catalogue.data.pipeline import (
    AnyPipeline,
    ArrayPipeline,
    Encoder,
    Numbers,
    Pipeline,
    SeveralArrays,
    TextPipeline,
    Texts,
)
from netlang.language.shapes import Shape
from netlang.lowering.c.generator.writing import escaped
from netlang.lowering.c.inference import numbers
from netlang.lowering.c.inference.columns import Column, column_of, constants_of, encoded
from netlang.system.record import Record


class InputsInC(Record):
    """``statements`` fill the network's ``x`` from ``inputs``, which are ``count`` numbers of the C
    type ``real``; without any, these are what the network takes. ``constants`` are defined before.

    ``columns`` are those of a table, and ``required`` the inputs without which there is no answer,
    as training has learned nothing for them; ``floats`` have to be numbers that a float can hold.
    Else ``about`` says what the inputs are; those of a text are tokens, each the number of one of
    the ``symbols``. ``checks`` are statements that set ``lacks`` where inputs cannot be used.
    """

    count: int
    about: str = ""
    real: str = "float"
    statements: Sequence[str] = ()
    constants: str = ""
    columns: Sequence[Column] = ()
    required: Sequence[int] = ()
    floats: Sequence[int] = ()
    checks: Sequence[str] = ()
    symbols: tuple[str, ...] = ()


def inputs_of(pipeline: AnyPipeline | None, shape: Shape) -> InputsInC:
    """How the inputs of a network come about, which have this ``shape``."""
    match pipeline:
        case Pipeline():
            return _of_columns(pipeline.encoders)
        case ArrayPipeline() | SeveralArrays():
            arrays = pipeline.arrays if isinstance(pipeline, SeveralArrays) else (pipeline,)
            return _of_arrays(arrays)
        case TextPipeline():
            is_bytes = pipeline.by == "bytes"
            about = f"The inputs: {pipeline.context} tokens of a text, each the number of a"
            about += f" {'byte' if is_bytes else 'symbol'}. Where the network sees no later tokens,"
            about += " a shorter text may stand in front of any others, whose outputs say nothing."
            symbols = () if is_bytes else pipeline.symbols
            check = _check(0, 1, shape.size, len(pipeline.symbols))
            return InputsInC(shape.size, about, checks=[check], symbols=symbols)
    tokens = shape.vocabulary if isinstance(shape.vocabulary, int) else None
    check = _check(0, 1, shape.size, tokens)
    return InputsInC(shape.size, f"The inputs: a sample {[*shape.sizes]}.", checks=[check])


def _of_columns(encoders: Sequence[Encoder]) -> InputsInC:
    """The columns of a table, whose cells are doubles, as they are for the pipeline.

    Raises Unsupported for a column without C.
    """
    columns: list[Column] = []
    statements: list[str] = []
    first = at = 0  # the next of the inputs, and of the network's x
    for number, one in enumerate(encoders):
        columns.append(column_of(one, first))
        statements += [f"/* {escaped(one.name)} */", *encoded(one, number, first, at)]
        first += columns[-1].count
        at += len(one.input_names)
    both = [*zip(encoders, columns, strict=True)]
    return InputsInC(
        first,
        real="double",
        statements=statements,
        constants="".join(constants_of(one, number) for number, one in enumerate(encoders)),
        columns=columns,
        required=[column.first for one, column in both if one.filling() != one],
        floats=[column.first for one, column in both if isinstance(one, Numbers)],
        checks=[_of_tokens(one, column) for one, column in both if isinstance(one, Texts)],
    )


def _of_tokens(encoder: Texts, column: Column) -> str:
    """The statement that sees whether all tokens of a text are some of those that there are."""
    over = f"int i = {column.first}; i < {column.first + column.count}; i++"
    return f"for ({over}) lacks |= inputs[i] < 0 || inputs[i] > {len(encoder.symbols)};"


def _of_arrays(arrays: Sequence[ArrayPipeline]) -> InputsInC:
    """Arrays one behind the other, whose numbers may be scaled by channels or features."""
    count = sum(math.prod(one.shape) for one in arrays)
    if not any(map(_scales, arrays)):
        return InputsInC(count, _about(arrays), checks=_checks(arrays))
    constants = []
    for number, one in enumerate(arrays):
        if _scales(one):
            for name, values in (("shift", one.shift), ("scale", one.scale)):
                items = [*map(numbers.of_double, values)]
                constants.append(numbers.array("static const double", f"{name}{number}", items))
    statements = _each_array(arrays, "x", "inputs", "({from} - {shift}) / {scale}")
    return InputsInC(
        count,
        _about(arrays),
        statements=statements,
        constants="".join(constants),
        checks=_checks(arrays),
    )


def _checks(arrays: Sequence[ArrayPipeline]) -> list[str]:
    """The statements that see whether each array can be used."""
    lines, first = [], 0
    for one in arrays:
        count = math.prod(one.shape)
        steps = one.shape[0] if one.lengths else 1
        lines.append(_check(first, steps, count // steps, one.tokens))
        first += count
    return lines


def _check(first: int, steps: int, size: int, tokens: int | None) -> str:
    begin = f"inputs + {first}" if first else "inputs"
    return f"lacks |= !is_usable({begin}, {steps}, {size}, {tokens or 0});"


def given_back(array: ArrayPipeline) -> list[str]:
    """Statements that make the array's own numbers of a network's ``y``; none where they are."""
    formula = "{from} * {scale} + {shift}"
    return _each_array([array], "outputs", "y", formula) if _scales(array) else []


def _each_array(arrays: Sequence[ArrayPipeline], into: str, source: str, formula: str) -> list[str]:
    """A loop over the numbers of each array, which the ``formula`` makes of those of the source."""
    lines: list[str] = []
    first = 0
    for number, one in enumerate(arrays):
        count, scales = math.prod(one.shape), len(one.shift)
        by_step = bool(one.lengths) and one.tokens is None
        each = count // scales
        which = f"[i % {scales}]" if by_step else f"[i / {each}]" if each > 1 else "[i]"
        at, which = (f"{first} + i" if first else "i"), which if scales > 1 else "[0]"
        names = {"shift": f"shift{number}{which}", "scale": f"scale{number}{which}"}
        value = f"{source}[{at}]"
        if _scales(one):
            value = f"(float)({formula.format(**names, **{'from': value})})"
        lines.append(f"for (int i = 0; i < {count}; i++) {into}[{at}] = {value};")
        first += count
    return lines


def _about(arrays: Sequence[ArrayPipeline]) -> str:
    """What a sample has of each array."""
    texts = []
    for one in arrays:
        what = f"`{one.name}` {[*one.shape]}"
        what += f", tokens from 0 to {one.tokens - 1}" if one.tokens else ""
        texts.append(what + (", NAN behind the end of a sequence" if one.lengths else ""))
    return f"The inputs: {'; '.join(texts)}. Each row lies behind the one before."


def _scales(one: ArrayPipeline) -> bool:
    return any(one.shift) or any(scale != 1 for scale in one.scale)


FUNCTIONS = {
    "is_usable": """
/* Whether there are numbers alone, of tokens those that there are; behind a step, NAN ends all. */
static int is_usable(const float *x, int steps, int size, int tokens) {
    int has_ended = 0;
    for (int t = 0; t < steps; t++) {
        const int none = isnan(x[t * size]) ? 1 : 0;
        if (none ? !t : has_ended) return 0;
        has_ended = none;
        for (int i = 0; i < size; i++) {
            const float number = x[t * size + i];
            if ((isnan(number) ? 1 : 0) != none) return 0;
            if (none) continue;
            if (fabsf(number) > FLT_MAX) return 0;
            if (tokens && !(number >= 0 && number < (float)tokens)) return 0;
            if (tokens && (float)(int)number != number) return 0;
        }
    }
    return 1;
}
""",
}
