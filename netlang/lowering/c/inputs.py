"""The parts of a sample's row in C."""

from __future__ import annotations

from netlang.catalogue.layers import Input
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.rows import behind, cleared, length, row_sizes


@lowers(Input)
def input_(layer: Input, x: Shape) -> Routine:
    """Each row of the output is a run of the input's row, or several beside one another."""
    y = layer.infer(x)
    rows, last = row_sizes(y)
    whole, sample = length(x), length(y)
    forward, backward, alone = [], [cleared("dx", f"N * {whole}")], []
    done = 0  # numbers of the output that have their places
    for begin, end in layer.runs:
        size = f"{end - begin} * sizeof(float)"
        alone.append(f"memcpy({behind('y', done)}, {behind('x', begin)}, {size});")
        while begin < end:
            row, column = divmod(done, last)
            # Rows that lie one after another in this run are moved in a loop.
            full = (end - begin) // last if not column else 0
            count = last if full else min(end - begin, last - column)
            here = f"({row} + row) * PAD({last}) + {column}" if rows > 1 else f"{column}"
            there = f"{begin} + row * {last}"
            each = f"for (int row = 0; row < {max(full, 1)}; row++)"
            forward.append(
                f"{each} move_rows(N, {count}, x + {there}, {whole}, y + {here}, {sample});"
            )
            backward.append(
                f"{each} add_rows(N, {count}, dy + {here}, {sample}, dx + {there}, {whole});"
            )
            begin, done = begin + count * max(full, 1), done + count * max(full, 1)
    return Routine(
        forward="\n".join(forward), backward=("\n".join(backward),), alone="\n".join(alone)
    )
