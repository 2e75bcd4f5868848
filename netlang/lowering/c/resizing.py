"""Layers that make pictures and sequences larger in C, where a number is a vector of samples."""

from __future__ import annotations

from collections.abc import Sequence

from netlang.catalogue.layers import Pad, Upsample
from netlang.language.shapes import Shape
from netlang.lowering.c.convolutions import plane
from netlang.lowering.c.kernels import BLOCKS, Constants, Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import each_number, inside, strided


@lowers(Upsample)
def upsample(layer: Upsample, x: Shape) -> Routine:
    """Of a sequence, it is a picture of one row."""
    y = layer.infer(x)
    steps = [1.0, *layer.steps(x)][-2:]
    sizes = {
        "C": x.sizes[0],
        **plane("H", "W", x.sizes[1:]),
        **plane("ROWS", "COLUMNS", y.sizes[1:]),
    }
    if layer.mode == "nearest":
        return _nearest(sizes, steps)
    return _between(sizes, steps, layer.align_corners)


def _nearest(sizes: Constants, steps: list[float]) -> Routine:
    def each(statement: str) -> str:
        return _each_output(
            "const int r = least((int)(float)((real)p * step_h), H - 1);",
            f"""
            const int s = least((int)(float)((real)q * step_w), W - 1);
            const int at = (c * ROWS + p) * COLUMNS + q, place = (c * H + r) * W + s;
            {statement}""",
        )

    return Routine(
        layout=BLOCKS,
        constants={**sizes, "step_h": steps[0], "step_w": steps[1]},
        forward=each("y[at] = x[place];"),
        backward=(f"{_CLEAR}\n{each('dx[place] += dy[at];')}",),
    )


def _between(sizes: Constants, steps: list[float], align_corners: bool) -> Routine:
    """The places of outputs lie between two inputs; the nearer one is, the more of it."""
    places = [
        f"{one} * {step!r}" if align_corners else f"({one} + 0.5) * {step!r} - 0.5"
        for one, step in zip("pq", steps, strict=True)
    ]

    def each(pointer: str, array: str, statements: str) -> str:
        return _each_output(
            f"""
            const double u = fmin(fmax({places[0]}, 0), H - 1);
            const int r = (int)u, below = least(r + 1, H - 1);
            const real down = (real)(u - r);
            {pointer}row = {array} + (c * H + r) * W;
            {pointer}next = {array} + (c * H + below) * W;""",
            f"""
            const double v = fmin(fmax({places[1]}, 0), W - 1);
            const int s = (int)v, behind = least(s + 1, W - 1);
            const real right = (real)(v - s);
            const int at = (c * ROWS + p) * COLUMNS + q;
            {statements}""",
        )

    # A number that has no share is not read: it may be infinite, and 0 times that is no number.
    forward = """const vector here =
                right > 0 ? (1 - right) * row[s] + right * row[behind] : row[s];
            const vector there =
                right > 0 ? (1 - right) * next[s] + right * next[behind] : next[s];
            y[at] = down > 0 ? (1 - down) * here + down * there : here;"""
    backward = """row[s] += (1 - down) * (1 - right) * dy[at];
            if (right > 0) row[behind] += (1 - down) * right * dy[at];
            if (down > 0) next[s] += down * (1 - right) * dy[at];
            if (right > 0 && down > 0) next[behind] += down * right * dy[at];"""
    return Routine(
        layout=BLOCKS,
        constants=sizes,
        forward=each("const vector *const ", "x", forward),
        backward=(f"{_CLEAR}\n{each('vector *const ', 'dx', backward)}",),
    )


_CLEAR = "if (!add) memset(dx, 0, BLOCKS * C * H * W * sizeof(vector));"


def _each_output(of_row: str, of_column: str) -> str:
    """C's loops over the rows p and columns q of outputs in each channel c."""
    return f"""
        for (int c = 0; c < BLOCKS * C; c++)
            for (int p = 0; p < ROWS; p++) {{
                {inside(of_row, 16)}
                for (int q = 0; q < COLUMNS; q++) {{
                    {inside(of_column, 20)}
                }}
            }}"""


@lowers(Pad)
def pad(layer: Pad, x: Shape) -> Routine:
    y, sizes = layer.infer(x), x.sizes
    borders = layer.borders(len(sizes) - 1)
    borders = [(0, 0)] * (len(sizes) - len(borders)) + borders
    places = [
        _INNER[layer.mode].format(here=f"i{at} - {before}" if before else f"i{at}", size=size)
        if before or after
        else f"i{at}"
        for at, (size, (before, after)) in enumerate(zip(sizes, borders, strict=True))
    ]
    inner = f"b * {x.size} + {strided([_bracketed(one) for one in places], sizes)}"
    if layer.mode == "constant":
        return _bordered(x, y, borders, inner, layer.value)
    put = inside(each_number(y, f"dx[{inner}] += *from++;"), 12)
    return Routine(
        layout=BLOCKS,
        forward=f"vector *to = y;\n{each_number(y, f'*to++ = x[{inner}];')}",
        backward=(
            f"""
            const vector *from = dy;
            if (!add) memset(dx, 0, BLOCKS * {x.size} * sizeof(vector));
            {put}""",
        ),
    )


def _bordered(
    x: Shape, y: Shape, borders: Sequence[tuple[int, int]], inner: str, value: float
) -> Routine:
    """The numbers of ``x``, which are ``inner`` ones, within borders of one value."""
    outside: list[str] = []
    for at, (size, (before, after)) in enumerate(zip(x.sizes, borders, strict=True)):
        outside += [f"i{at} < {before}"] * bool(before)
        outside += [f"i{at} >= {before + size}"] * bool(after)
    put = f"*to++ = x[{inner}];"
    if outside:
        put = f"const int outside = {' || '.join(outside)};\n"
        put += f"*to++ = outside ? all(value) : x[{inner}];"
    places = [f"(i{at} + {n})" if n else f"i{at}" for at, (n, _) in enumerate(borders)]
    back = f"""
        const vector part = dy[b * {y.size} + {strided(places, y.sizes)}];
        *to = add ? *to + part : part;
        to++;"""
    return Routine(
        layout=BLOCKS,
        constants={"value": float(value)},
        forward=f"vector *to = y;\n{each_number(y, put)}",
        backward=(f"vector *to = dx;\n{each_number(x, back)}",),
    )


def _bracketed(place: str) -> str:
    return f"({place})" if " " in place else place


# The place that a border shows, of an axis of so many numbers.
_INNER = {
    "constant": "{here}",
    "reflect": "mirrored({here}, {size})",
    "replicate": "most(0, least({here}, {size} - 1))",
    "circular": "({here} + {size}) % {size}",
}
