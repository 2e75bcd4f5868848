"""The columns of a table in C: what a cell is, and which inputs of the network it becomes."""

from __future__ import annotations

from netlang.catalogue.data.pipeline import Categories, Codes, Encoder, Numbers, Texts
from netlang.catalogue.data.pipeline.scales import Quantiles, SmoothClip
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


def column_of(encoder: Encoder, first: int) -> Column:
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


def encoded(encoder: Encoder, number: int, source: int, at: int) -> list[str]:
    """The statements that fill ``x`` from ``at`` on for a column, which is the table's ``number``th
    and begins with the input ``source``.
    """
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


def constants_of(encoder: Encoder, number: int) -> str:
    """The constants that the statements of ``encoded`` read; often none."""
    if isinstance(encoder, Numbers) and isinstance(encoder.curve, Quantiles):
        items = [*map(numbers.of_double, encoder.curve.values)]
        return numbers.array("static const double", f"quantiles{number}", items)
    if isinstance(encoder, Categories) and _lists_learned(encoder):
        learned = [str(int(known)) for known in encoder.learned]
        return numbers.array("static const char", f"learned{number}", learned)
    return ""


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
