"""Convolutions of a lone picture by Winograd's transform: windows of 3 x 3 next to each other.

16 products make 2 x 2 places, and not 36. ``prelude/winograd.c`` has the mathematics, for many
samples. Here a vector has neighbouring tiles of 2 x 2 places in a row.
"""

from __future__ import annotations

from collections.abc import Mapping

from netlang.lowering.c.kernels import Array, Routine
from netlang.lowering.c.rows import MOST_LANES, inside

_CHANNELS = 16  # on each side: with fewer, it takes longer than it saves
_TILES = 16  # go through the cache together


def is_by_threes(windows: Mapping[str, int]) -> bool:
    """Whether windows are those of Winograd's transform, by what C calls their numbers."""
    named = "KERNEL", "STRIDE", "DILATION"
    return all([windows[f"{one}_{axis}"] for one in named] == [3, 1, 1] for axis in "HW")


def pays_for_one(sizes: Mapping[str, int]) -> bool:
    """Whether it is faster than to multiply all weights with what they see."""
    tiles = ((sizes["ROWS"] + 1) // 2) * ((sizes["COLUMNS"] + 1) // 2)
    return (
        is_by_threes(sizes)
        and min(sizes["DEPTH"], sizes["EACH"]) >= _CHANNELS
        and tiles >= MOST_LANES
    )


def winograd_of_one(sizes: Mapping[str, int], bias: bool) -> Routine:
    """y = A' [(G g G') * (B' d B)] A, of each tile, with the sum over channels where * is."""
    down, across = (sizes["ROWS"] + 1) // 2, (sizes["COLUMNS"] + 1) // 2
    start = "bias[g * EACH + o]" if bias else "0"
    return Routine(
        backward=(),
        constants={
            **sizes,
            "DOWN": down,
            "ACROSS": across,
            "STRIP": min(down, -(-_TILES // across)),
        },
        prepared={"of_threes": _OF_THREES},
        scratch={
            "parted": "GROUPS * DEPTH * 4 * (DOWN + 1) * (ACROSS + 1) + LANES",
            "seen": "16 * DEPTH * PAD(STRIP * ACROSS)",
            "sums": "16 * EACH * PAD(STRIP * ACROSS)",
            "spare": "2 * ACROSS",
        },
        forward=f"""
        /* y[o][p] = b[o] + the sum of w[o][c][i] x[c][p + i - padding], by Winograd's transform */
        enum {{
            LINE = ACROSS + 1,
            PART = (DOWN + 1) * LINE,
            TILES = STRIP * ACROSS,  /* of some rows, which go through the cache together */
            APART = PAD(TILES)
        }};
        /* numbers in even rows and columns of the picture with its borders, in even rows and odd
           columns, and so on: what neighbouring tiles see lies side by side */
        memset(parted, 0, GROUPS * DEPTH * 4 * PART * sizeof(real));
        for (int c = 0; c < GROUPS * DEPTH; c++)
            for (int r = PADDING_H; r < 2 * DOWN + 2 && r < H + PADDING_H; r++)
                for (int odd = 0; odd < 2; odd++) {{
                    const int first = (odd + PADDING_W) % 2, at = (first + PADDING_W) / 2;
                    const int count = least(LINE - at, up(W - first, 2));
                    const real *const from = x + (c * H + r - PADDING_H) * PAD(W) + first;
                    real *const to = parted + (4 * c + r % 2 * 2 + odd) * PART + r / 2 * LINE + at;
                    #pragma omp simd
                    for (int s = 0; s < count; s++) to[s] = from[2 * s];
                }}
        for (int g = 0; g < GROUPS; g++)
            for (int strip = 0; strip < DOWN; strip += STRIP) {{
                const int rows = least(STRIP, DOWN - strip);
                for (int c = 0; c < DEPTH; c++)
                    for (int p = 0; p < rows; p++) {{
                        const real *const d =
                            parted + (g * DEPTH + c) * 4 * PART + (strip + p) * LINE;
                        real *const v = seen + c * APART + p * ACROSS;
                        #pragma omp simd
                        for (int t = 0; t < ACROSS; t++) {{
                            {inside(_seen(), 28)}
                        }}
                    }}
                for (int k = 0; k < 16; k++)
                    product(EACH, TILES, DEPTH, of_threes + (16 * g + k) * EACH * DEPTH, DEPTH, 1,
                            seen + k * DEPTH * APART, APART, sums + k * EACH * APART, APART,
                            NULL, 0);
                for (int o = 0; o < EACH; o++)
                    for (int p = 0; p < rows; p++) {{
                        const real *const m = sums + o * APART + p * ACROSS;
                        const real start = {start};
                        const int row = 2 * (strip + p);
                        real *const upper = y + ((g * EACH + o) * ROWS + row) * PAD(COLUMNS);
                        real *const lower = row + 1 < ROWS ? upper + PAD(COLUMNS) : spare;
                        #pragma omp simd
                        for (int t = 0; t < ACROSS; t++) {{
                            {inside(_MADE, 28)}
                        }}
                    }}
            }}""",
    )


# G g G' for each output and channel.
_OF_THREES = Array(
    "GROUPS * 16 * EACH * DEPTH",
    """for (int i = 0; i < GROUPS * EACH * DEPTH; i++) {
        const real *const g = weight + 9 * i;
        const int group = i / (EACH * DEPTH), of_group = i % (EACH * DEPTH);
        real half[4][3];
        for (int j = 0; j < 3; j++) {
            half[0][j] = g[j], half[3][j] = g[6 + j];
            half[1][j] = (g[j] + g[3 + j] + g[6 + j]) / 2;
            half[2][j] = (g[j] - g[3 + j] + g[6 + j]) / 2;
        }
        for (int j = 0; j < 4; j++) {
            real *const to = of_threes + (16 * group + 4 * j) * EACH * DEPTH + of_group;
            const real a = half[j][0], b = half[j][1], c = half[j][2];
            to[0] = a, to[EACH * DEPTH] = (a + b + c) / 2;
            to[2 * EACH * DEPTH] = (a - b + c) / 2, to[3 * EACH * DEPTH] = c;
        }
    }""",
)

# What rows of B' d are: one row of d, and another that is added or taken away.
_ROWS = (0, "-", 2), (1, "+", 2), (2, "-", 1), (1, "-", 3)


def _seen() -> str:
    """B' d B of a tile, where v[k * DEPTH * APART + t] is number k of 16."""
    lines = ""
    for i, (one, sign, other) in enumerate(_ROWS):
        row = [f"{_of_tile(one, j)} {sign} {_of_tile(other, j)}" for j in range(4)]
        lines += "".join(f"const real d{i}{j} = {each};\n" for j, each in enumerate(row))
    for i in range(4):
        for j, (one, sign, other) in enumerate(_ROWS):
            lines += f"v[{4 * i + j} * DEPTH * APART + t] = d{i}{one} {sign} d{i}{other};\n"
    return lines


def _of_tile(row: int, column: int) -> str:
    """The number in this place of what a tile sees."""
    part = 2 * (row % 2) + column % 2
    place = [f"{part} * PART"] * bool(part) + ["LINE"] * (row // 2) + ["t"]
    return f"d[{' + '.join([*place, *['1'] * (column // 2)])}]"


# A' m A of a tile.
_MADE = """
real above[4], below[4];
_Pragma("GCC unroll 4") for (int j = 0; j < 4; j++) {
    const real *const of_column = m + j * EACH * APART + t;
    const real one = of_column[4 * EACH * APART], two = of_column[8 * EACH * APART];
    above[j] = of_column[0] + one + two;
    below[j] = one - two - of_column[12 * EACH * APART];
}
upper[2 * t] = start + above[0] + above[1] + above[2];
upper[2 * t + 1] = start + above[1] - above[2] - above[3];
lower[2 * t] = start + below[0] + below[1] + below[2];
lower[2 * t + 1] = start + below[1] - below[2] - below[3];"""
