"""Layers that make pictures and sequences larger in C."""

from __future__ import annotations

from netlang.catalogue.layers import Pad, Upsample
from netlang.language.shapes import Shape
from netlang.lowering.c.convolutions import plane
from netlang.lowering.c.kernels import Constants, ForwardOnly
from netlang.lowering.c.lowerings import computes
from netlang.lowering.c.rows import nested, strided


@computes(Upsample)
def upsample(layer: Upsample, x: Shape) -> ForwardOnly:
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


def _nearest(sizes: Constants, steps: list[float]) -> ForwardOnly:
    return ForwardOnly(
        constants={**sizes, "step_h": steps[0], "step_w": steps[1]},
        forward="""
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {
                    const int r = least((int)((float)p * step_h), H - 1);
                    const int s = least((int)((float)q * step_w), W - 1);
                    y[(c * ROWS + p) * COLUMNS + q] = x[(c * H + r) * W + s];
                }""",
    )


def _between(sizes: Constants, steps: list[float], align_corners: bool) -> ForwardOnly:
    """The places of outputs lie between two inputs; the nearer one is, the more of it."""
    places = [
        f"{one} * {step!r}" if align_corners else f"({one} + 0.5) * {step!r} - 0.5"
        for one, step in zip("pq", steps, strict=True)
    ]
    return ForwardOnly(
        constants=sizes,
        forward=f"""
        for (int c = 0; c < C; c++)
            for (int p = 0; p < ROWS; p++)
                for (int q = 0; q < COLUMNS; q++) {{
                    const double u = fmin(fmax({places[0]}, 0), H - 1);
                    const double v = fmin(fmax({places[1]}, 0), W - 1);
                    const int r = (int)u, below = least(r + 1, H - 1);
                    const int s = (int)v, behind = least(s + 1, W - 1);
                    const float down = (float)(u - r), right = (float)(v - s);
                    const float *const row = x + (c * H + r) * W;
                    const float *const next = x + (c * H + below) * W;
                    y[(c * ROWS + p) * COLUMNS + q] =
                        (1 - down) * ((1 - right) * row[s] + right * row[behind])
                        + down * ((1 - right) * next[s] + right * next[behind]);
                }}""",
    )


@computes(Pad)
def pad(layer: Pad, x: Shape) -> ForwardOnly:
    sizes = x.sizes
    borders = layer.borders(len(sizes) - 1)
    first = len(sizes) - len(borders)
    places, outside = [], []
    for at, size in enumerate(sizes):
        before, after = borders[at - first] if at >= first else (0, 0)
        here = f"i{at} - {before}" if before else f"i{at}"
        if before or after:
            place = _INNER[layer.mode].format(here=here, size=size)
            outside += [f"{here} < 0"] * bool(before) + [f"{here} >= {size}"] * bool(after)
        else:
            place = here
        places.append(f"({place})" if place != f"i{at}" else place)
    value = f"x[{strided(places, sizes)}]"
    if layer.mode == "constant" and outside:
        value = f"{' || '.join(outside)} ? value : {value}"
    return ForwardOnly(
        constants={"value": float(layer.value)},
        forward=f"float *to = y;\n{nested(layer.infer(x).sizes)} *to++ = {value};",
    )


# The place that a border shows, of an axis of so many numbers.
_INNER = {
    "constant": "{here}",
    "reflect": "{size} - 1 - abs({size} - 1 - abs({here}))",
    "replicate": "most(0, least({here}, {size} - 1))",
    "circular": "({here} + {size}) % {size}",
}
