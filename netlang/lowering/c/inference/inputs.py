"""What becomes of a sample's own numbers before the network: its pipeline in C.

It computes in double, as the pipeline does, and the network in float.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

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
from netlang.lowering.c.generator.writing import escaped
from netlang.lowering.c.inference import numbers
from netlang.lowering.lowerings import Unsupported
from netlang.system.record import Record


class Column(Record):
    """``count`` inputs that are called ``name``, the first of which is number ``first``.

    ``about`` is what a reader has to know of them. If ``categories`` are named, an input is the
    number of one of these; of ``tokens``, it is that plus 1.
    """

    name: str
    first: int
    count: int
    about: str
    categories: tuple[str, ...] = ()
    tokens: bool = False


class InputsInC(ABC):
    """``statements`` fill the network's ``x`` from ``inputs``, which are so many numbers of the C
    type ``real``; without any, these are what the network takes. ``constants`` are defined before.

    ``columns`` are those of a table, and ``required`` the inputs without which there is no answer,
    as training has learned nothing for them; ``floats`` have to be numbers that a float can hold.
    Else ``about`` says what the inputs are; those of a text are tokens, each the number of one of
    the ``symbols``.
    """

    real = "float"
    constants: str = ""
    columns: Sequence[Column] = ()
    required: Sequence[int] = ()
    floats: Sequence[int] = ()
    about: str = ""
    symbols: tuple[str, ...] = ()

    @property
    @abstractmethod
    def count(self) -> int: ...

    @property
    @abstractmethod
    def statements(self) -> Sequence[str]: ...


class AsTheyAre(InputsInC):
    """The network takes a sample's own numbers."""

    statements: Sequence[str] = ()

    def __init__(self, count: int, about: str, symbols: tuple[str, ...] = ()) -> None:
        self._count, self.about, self.symbols = count, about, symbols

    @property
    def count(self) -> int:
        return self._count


class OfArrays(InputsInC):
    """Arrays one behind the other, whose numbers are scaled by channels or features."""

    def __init__(self, arrays: Sequence[ArrayPipeline]) -> None:
        self.arrays = arrays

    @property
    def about(self) -> str:  # type: ignore[override]
        return _of_arrays(self.arrays)

    @property
    def count(self) -> int:
        return sum(math.prod(one.shape) for one in self.arrays)

    @property
    def statements(self) -> Sequence[str]:
        return _each_array(self.arrays, "x", "inputs", "({from} - {shift}) / {scale}")

    @property
    def constants(self) -> str:  # type: ignore[override]
        found = []
        for number, one in enumerate(self.arrays):
            if _scales(one):
                for name, values in (("shift", one.shift), ("scale", one.scale)):
                    items = [*map(numbers.of_double, values)]
                    found.append(numbers.array("static const double", f"{name}{number}", items))
        return "".join(found)


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
        which = f"[i % {scales}]" if by_step else f"[i / {count // scales}]"
        at, which = (f"{first} + i" if first else "i"), which if scales > 1 else "[0]"
        names = {"shift": f"shift{number}{which}", "scale": f"scale{number}{which}"}
        value = f"{source}[{at}]"
        if _scales(one):
            value = f"(float)({formula.format(**names, **{'from': value})})"
        lines.append(f"for (int i = 0; i < {count}; i++) {into}[{at}] = {value};")
        first += count
    return lines


def _of_arrays(arrays: Sequence[ArrayPipeline]) -> str:
    """What a sample has of each array."""
    texts = []
    for one in arrays:
        what = f"`{one.name}` {[*one.shape]}"
        what += f", tokens from 0 to {one.tokens - 1}" if one.tokens else ""
        texts.append(what + (", NAN behind the end of a sequence" if one.lengths else ""))
    return f"The inputs: {'; '.join(texts)}. Each row lies behind the one before."


def _scales(one: ArrayPipeline) -> bool:
    return any(one.shift) or any(scale != 1 for scale in one.scale)


class OfColumns(InputsInC):
    """The columns of a table, whose cells are doubles, as they are for the pipeline."""

    real = "double"

    def __init__(self, pipeline: Pipeline) -> None:
        self.encoders = pipeline.encoders

    @property
    def count(self) -> int:
        return sum(one.count for one in self.columns)

    @property
    def columns(self) -> Sequence[Column]:  # type: ignore[override]
        found: list[Column] = []
        for encoder in self.encoders:
            first = found[-1].first + found[-1].count if found else 0
            found.append(_column(encoder, first))
        return found

    @property
    def required(self) -> Sequence[int]:  # type: ignore[override]
        both = zip(self.encoders, self.columns, strict=True)
        return [column.first for one, column in both if one.filling() != one]

    @property
    def floats(self) -> Sequence[int]:  # type: ignore[override]
        both = zip(self.encoders, self.columns, strict=True)
        return [column.first for one, column in both if isinstance(one, Numbers)]

    @property
    def statements(self) -> Sequence[str]:
        lines: list[str] = []
        at = 0
        for number, (one, column) in enumerate(zip(self.encoders, self.columns, strict=True)):
            lines.append(f"/* {escaped(one.name)} */")
            lines += _encoded(one, number, column.first, at)
            at += len(one.input_names)
        return lines

    @property
    def constants(self) -> str:  # type: ignore[override]
        found = []
        for number, one in enumerate(self.encoders):
            if isinstance(one, Numbers) and isinstance(one.curve, Quantiles):
                items = [*map(numbers.of_double, one.curve.values)]
                found.append(numbers.array("static const double", f"quantiles{number}", items))
            elif isinstance(one, Categories) and _lists_learned(one):
                learned = [str(int(known)) for known in one.learned]
                found.append(numbers.array("static const char", f"learned{number}", learned))
        return "".join(found)


def _column(encoder: Encoder, first: int) -> Column:
    """What a sample has of a table's column.  Raises Unsupported for an encoder without C."""
    name = encoder.name
    match encoder:
        case Numbers():
            filled = None if encoder.fill is None else f"{encoder.fill:g}"
            return Column(name, first, 1, f"a number; {_of_missing(filled)}")
        case Codes():
            missing = "NAN counts as another" if encoder.filled else _of_missing(None)
            return Column(name, first, 1, f"a category; {missing}", encoder.names)
        case Categories():
            missing = _of_missing(encoder.fill)
            return Column(name, first, 1, f"a category; {missing}", encoder.names)
        case Texts():
            pairs = zip(encoder.symbols, encoder.learned, strict=True)
            known = tuple(symbol if learned else "" for symbol, learned in pairs)
            about = (
                f"the tokens of a text's first {encoder.length} {encoder.by}; NAN behind its end"
            )
            return Column(name, first, encoder.length, about, known, tokens=True)
    raise Unsupported(f"the input `{name}` has no counterpart in C yet")


def _of_missing(filled: str | None) -> str:
    return "NAN gives no answer" if filled is None else f"NAN counts as {filled}"


def _encoded(encoder: Encoder, number: int, source: int, at: int) -> list[str]:
    """The statements that fill ``x`` from ``at`` on for a column."""
    cell = f"inputs[{source}]"
    match encoder:
        case Numbers():
            return _number(encoder, number, cell, at)
        case Codes():
            return _code(encoder, number, cell, at)
        case Categories():
            return _category(encoder, number, cell, at)
    count = len(encoder.input_names)
    return [f"for (int i = 0; i < {count}; i++) x[{at} + i] = (float)inputs[{source} + i];"]


def _number(encoder: Numbers, number: int, cell: str, at: int) -> list[str]:
    value = cell
    if encoder.fill is not None:
        value = f"(isnan({cell}) ? {numbers.of_double(encoder.fill)} : {cell})"
    if encoder.shift:
        value = f"({value} - {_in_brackets(encoder.shift)})"
    if encoder.scale != 1:
        value = f"{value} / {numbers.of_double(encoder.scale)}"
    match encoder.curve:
        case SmoothClip():
            value = f"smoothly_clipped({value})"
        case Quantiles(values=values):
            value = f"normal_score({value}, quantiles{number}, {len(values)})"
    lines = [f"x[{at}] = (float)({value});"]
    if encoder.indicated:
        lines.append(f"x[{at + 1}] = {f'isnan({cell}) ? 1 : 0' if encoder.seen_gaps else '0'};")
    return lines


def _category(encoder: Categories, number: int, cell: str, at: int) -> list[str]:
    count = len(encoder.names)
    value = cell
    if encoder.fill is not None:
        value = f"(isnan({cell}) ? {encoder.names.index(encoder.fill)} : {cell})"
    is_one = f"{value} == i"
    if _lists_learned(encoder):
        is_one += f" && learned{number}[i]"
    lines = [f"for (int i = 0; i < {count}; i++) x[{at} + i] = {is_one} ? 1 : 0;"]
    if encoder.indicated:
        one = f"isnan({cell}) ? 1 : 0" if encoder.seen_gaps else "0"
        lines.append(f"x[{at + count}] = {one};")
    return lines


def _code(encoder: Codes, number: int, cell: str, at: int) -> list[str]:
    known = f"{cell} >= 0 && {cell} < {len(encoder.names)}"
    if _lists_learned(encoder):
        known += f" && learned{number}[(int){cell}]"
    return [f"x[{at}] = {known} ? (float)({cell} + 1) : 0;"]


def _lists_learned(encoder: Categories) -> bool:
    """Whether training lacked some of the names."""
    return not all(encoder.learned)


def _in_brackets(value: float) -> str:
    text = numbers.of_double(value)
    return f"({text})" if value < 0 else text


def inputs_of(pipeline: AnyPipeline | None, shape: Shape) -> InputsInC:
    """How the inputs of a network come about, which have this ``shape``."""
    match pipeline:
        case Pipeline():
            return OfColumns(pipeline)
        case ArrayPipeline() | SeveralArrays():
            arrays = pipeline.arrays if isinstance(pipeline, SeveralArrays) else (pipeline,)
            if any(map(_scales, arrays)):
                return OfArrays(arrays)
            return AsTheyAre(shape.size, _of_arrays(arrays))
        case TextPipeline():
            is_bytes = pipeline.by == "bytes"
            about = f"The inputs: {pipeline.context} tokens of a text, each the number of a"
            about += f" {'byte' if is_bytes else 'symbol'}. Where the network sees no later tokens,"
            about += " a shorter text may stand in front of any others, whose outputs say nothing."
            return AsTheyAre(shape.size, about, () if is_bytes else pipeline.symbols)
    return AsTheyAre(shape.size, f"The inputs: a sample {[*shape.sizes]}.")


FUNCTIONS = {
    "smoothly_clipped": """
/* Numbers near 0 nearly as they are, and none beyond 3. */
static double smoothly_clipped(double x) {
    x = x > 1e15 ? 1e15 : x < -1e15 ? -1e15 : x;
    return x / sqrt(1 + (x / 3) * (x / 3));
}
""",
    "normal_score": """
/* The number below which a normal distribution has the share p, from 1e-7 to 1 - 1e-7: Acklam's
   rational function, and a step of Halley's method. */
static double normal_quantile(double p) {
    static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,
                               -2.759285104469687e+02, 1.383577518672690e+02,
                               -3.066479806614716e+01, 2.506628277459239e+00};
    static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02,
                               -1.556989798598866e+02, 6.680131188771972e+01,
                               -1.328068155288572e+01};
    static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01,
                               -2.400758277161838e+00, -2.549732539343734e+00,
                               4.374664141464968e+00, 2.938163982698783e+00};
    static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01,
                               2.445134137142996e+00, 3.754408661907416e+00};
    double x;
    if (p < 0.02425 || p > 1 - 0.02425) {
        const double q = sqrt(-2 * log(p < 0.5 ? p : 1 - p));
        x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5])
            / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
        x = p < 0.5 ? x : -x;
    } else {
        const double q = p - 0.5, r = q * q;
        x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q
            / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
    }
    const double e = 0.5 * erfc(-x / sqrt(2.0)) - p;
    const double u = e * sqrt(2 * 3.14159265358979323846) * exp(x * x / 2);
    return x - u / (1 + x * u / 2);
}

/* The place of a number among quantiles, as the number of a normal distribution. Among equal ones
   it has the middle place. */
static double normal_score(double x, const double *quantiles, int count) {
    const int last = count - 1;
    if (isnan(x)) return x;
    if (quantiles[0] == quantiles[last]) return 0;
    x = x < quantiles[0] ? quantiles[0] : x > quantiles[last] ? quantiles[last] : x;
    int above = 0, below = last;
    while (quantiles[above] < x) above++;
    while (quantiles[below] > x) below--;
    const double low = quantiles[below], high = quantiles[above];
    double place = (above + below) / 2.0;
    if (low < high) place = below + (x - low) / (high - low);
    place /= last;
    return normal_quantile(place < 1e-7 ? 1e-7 : place > 1 - 1e-7 ? 1 - 1e-7 : place);
}
""",
}
