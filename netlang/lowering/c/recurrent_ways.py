"""One way of a recurrent layer through its sequence in C, forwards or in reverse.

All samples of a chunk take a step together, and their rows lie side by side: [T, N, *]. So the
gradients of the weights are products of many rows, those of several steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import dedent

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.lowering.c.kernels import Array
from netlang.lowering.c.recurrent_cells import Cell
from netlang.lowering.c.rows import inside
from netlang.system.record import Record


class Rows(Record):
    """Rows of ``size`` numbers, one for each sample and each step: where the first lies, and how
    far it is from there to the next sample and to the next step.
    """

    array: str
    size: str
    sample: str
    step: str

    @classmethod
    def of_value(cls, array: str, size: str) -> Rows:
        """Those of a value of the network."""
        return cls(array, size, f"T * PAD({size})", f"PAD({size})")

    @classmethod
    def of_last(cls, array: str, size: str) -> Rows:
        """Those of a value that has the last step alone."""
        return cls(array, size, f"PAD({size})", "0")

    @classmethod
    def by_step(cls, array: str, size: str) -> Rows:
        """Those of an array of the layer's own, where the samples of a step are side by side."""
        return cls(array, size, f"PAD({size})", f"N * PAD({size})")


class Way(Record):
    """A way takes rows ``x`` and fills its part of the rows ``y``, in which the states of all ways
    are side by side. Backwards it takes that part of ``dy``, and fills ``dx`` or adds to it. If it
    is ``at_end``, ``y`` and ``dy`` have the last state alone.

    ``length`` is how many steps sample ``s`` has, as C, if that is not T: others are padding.
    ``mask`` is the factor of number ``i`` of ``y`` at step ``t``, if some are dropped in training.
    """

    layer: RNN | GRU | LSTM
    cell: Cell
    number: int  # of the layer's own layers
    reverse: bool
    x: Rows
    y: Rows
    dx: Rows
    dy: Rows
    at_end: bool
    length: str = ""
    mask: str = ""

    @property
    def keeps(self) -> dict[str, str]:
        """The states before and after all steps, and what the cell keeps, which the gradients at
        its sums replace.
        """
        states = {self._name(array): "(T + 1) * N * PAD(H)" for array in self._states.values()}
        return {**states, self._name("kept"): "T * N * (KEPT * PAD(H) + LANES)"}

    @property
    def prepared(self) -> dict[str, Array]:
        """The weights and biases as ``gate_sums`` takes them, and the weights' rows, padded."""
        (w, size), (u, _) = self._weights
        across, start = self._name("across"), self._name("start")
        b, b_state = self._name("bias_ih"), self._name("bias_hh")
        of_weights = f"""
            for (int g = 0; g < G; g++)
                for (int j = 0; j < H; j++) {{
                    real *const to = {across} + j / LANES * LANES * ({size} + H) * G
                                     + g * LANES + j % LANES;
                    for (int k = 0; k < {size}; k++)
                        to[k * G * LANES] = {w}[(g * H + j) * {size} + k];
                    for (int k = 0; k < H; k++)
                        to[({size} + k) * G * LANES] = {u}[(g * H + j) * H + k];
                }}"""
        of_biases = f"""
            for (int j = 0; j < H; j++) {{
                real *const to = {start} + j / LANES * LANES * SUMS + j % LANES;
                for (int g = 0; g < G; g++) to[g * LANES] = {b_state}[g * H + j];
                for (int g = 0; g < SHARED; g++) to[g * LANES] += {b}[g * H + j];
                for (int g = SHARED; g < G; g++) to[(g + APART) * LANES] = {b}[g * H + j];
            }}"""
        found = {across: Array(f"PAD(H) * ({size} + H) * G", _text(of_weights))}
        if self.layer.bias:
            found[start] = Array("PAD(H) * SUMS", _text(of_biases))
        for weight, columns in self._weights:
            found[_along(weight)] = _padded(_along(weight), columns, weight, into_rows=True)
        return found

    @property
    def sums(self) -> dict[str, Array]:
        """The gradients of the weights' rows, padded, and the totals at all sums."""
        found = {}
        for weight, columns in self._weights:
            along = f"{_along(weight)}_grad"
            found[along] = _padded(along, columns, f"{weight}_grad", into_rows=False)
        total, b, b_state = self._name("total"), self._name("bias_ih"), self._name("bias_hh")
        of_biases = f"""
            {{
                move_rows(G, H, {total}, PAD(H), {b_state}_grad, H);
                move_rows(SHARED, H, {total}, PAD(H), {b}_grad, H);
                move_rows(G - SHARED, H, {total} + (SHARED + APART) * PAD(H), PAD(H),
                          {b}_grad + SHARED * H, H);
            }}"""
        return found | (
            {total: Array("SUMS * PAD(H)", _text(of_biases))} if self.layer.bias else {}
        )

    def forward(self, keeping: bool) -> str:
        """All steps, ``keeping`` what the backward pass needs or not."""
        made = [
            *_defined(self.cell.forward),
            *(f"after_{one}[at + v + i] = {self._live(one)};" for one in self._states),
        ]
        if keeping:
            kept = enumerate(self.cell.keeps.values())
            made += (f"row[{n} * PAD(H) + i] = {value};" for n, value in kept)
        zero = "T * N * PAD(H)" if self.reverse else "0"
        zeros = (
            f"memset({self._name(array)} + {zero}, 0, N * PAD(H) * sizeof(real));"
            for array in self._states.values()
        )
        start = f"{self._name('start')} + v * SUMS" if self.layer.bias else "NULL"
        pointers = [one(state) for state in self._states for one in (self._before, self._after)]
        of_sample = [*self._old(part=" + v").values()]
        if keeping:
            pointers.append(self._kept)
            of_sample.append(f"{self._row} + v;")
        return _text(f"""
        /* {self._title}. W x + b and U h + b' of a tile stay in registers: of some samples, LANES
           numbers of each gate. Then comes the cell. The last tile may begin in the one before, and
           every second step begins where the one before has left its weights in the cache. */
        {{
            enum {{ I = {self.x.size}, SAMPLE = {self.x.sample}, STEP = {self.x.step} }};
            {inside(_lines(pointers), 12)}
            {inside(_lines(zeros), 12)}
            for (int step = 0; step < T; step++) {{
                const int t = {self._step};
                for (int turn = 0; turn < PAD(H); turn += LANES)
                    for (int tile = 0; tile < TILES; tile++) {{
                        const int v = step % 2 ? PAD(H) - LANES - turn : turn;
                        const int first = tile < TILES - 1 ? tile * TALL : N - TALL;
                        real sums[TALL][SUMS][LANES] ALIGNED;
                        gate_sums(TALL, G, SHARED, I, H, {self.x.array} + first * SAMPLE + t * STEP,
                                  SAMPLE, before_h + (t * N + first) * PAD(H), PAD(H),
                                  {self._name("across")} + v * (I + H) * G, {start}, sums[0][0]);
                        for (int s = first; s < first + TALL; s++) {{
                            const int at = (t * N + s) * PAD(H);
                            real (*const sum)[LANES] = sums[s - first];
                            {inside(_lines(of_sample), 28)}
        #pragma omp simd
                            for (int i = 0; i < LANES; i++) {{
                                {inside(_lines(made), 32)}
                            }}
                        }}
                    }}
                {"" if self.at_end else inside(self._to_y(keeping), 16)}
            }}
            {self._to_y(keeping) if self.at_end else ""}
        }}""")

    def inward(self) -> str:
        """All steps, from the last to the first: by the gradients at the states after a step those
        at its sums, in the place of what was kept, and by these those at the states before it.
        """
        (u, _), cell = self._weights[1], self.cell
        old = self._old(backwards=True)
        dh = f"dold[i] + dout[i] * {self.mask}" if self.mask else "dold[i] + dout[i]"
        dh = f"is_last ? {dh} : dold[i]" if self.at_end else dh
        body = [f"const real dh = {self._live(dh)};"]
        body += [f"const real dc = {self._live('dold_c[i]')};"] if cell.dold_c else []
        body += (f"const real {name} = row[{n} * PAD(H) + i];" for n, name in enumerate(cell.keeps))
        body += _defined(cell.backward)
        body += (f"row[{n} * PAD(H) + i] = {value};" for n, value in enumerate(cell.of_sums))
        body += [f"dold[i] = {cell.dold};"] if cell.dold else []
        body += [f"dold_c[i] = {cell.dold_c};"] if cell.dold_c else []
        zeros = (f"memset(dstates{end}, 0, N * PAD(H) * sizeof(real));" for end in self._ends)
        is_last = f"const int is_last = t == {self._last};" if self.at_end else ""
        pointers = (f"real *const dold{end} = dstates{end} + s * PAD(H);" for end in self._ends)
        return _text(f"""
        /* {self._title}, from the last step to the first */
        {{
            enum {{ SAMPLE = {self.dy.sample}, STEP = {self.dy.step} }};
            {inside(_lines(map(self._before, old)), 12)}
            {self._kept}
            const real *const u = {_rows_of(u, "H")};
            {inside(_lines(zeros), 12)}
            for (int step = T - 1; step >= 0; step--) {{
                const int t = {self._step};
                for (int s = 0; s < N; s++) {{
                    {inside(_lines(old.values()), 20)}
                    {self._row};
                    {inside(_lines(pointers), 20)}
                    const real *const dout = {self.dy.array} + s * SAMPLE + t * STEP{self._part};
                    {is_last}
        #pragma omp simd
                    for (int i = 0; i < H; i++) {{
                        {inside(_lines(body), 24)}
                    }}
                    for (int g = 0; g < SUMS; g++)  /* products run through the padding, too */
                        memset(row + g * PAD(H) + H, 0, (PAD(H) - H) * sizeof(real));
                }}
                product(N, H, G * PAD(H), kept + t * N * ROW, ROW, 1, u, PAD(H),
                        dstates, PAD(H), NULL, {"1" if cell.dold else "0"});
                {inside(self._to_x("0"), 16) if self.number else ""}
            }}
        }}""")

    def to_input(self) -> str:
        """The gradient at the inputs, of the first layer."""
        return _text(f"""
        /* {self._title}: dx = dp W */
        for (int t = 0; t < T; t++) {{
            {inside(self._to_x("add"), 12)}
        }}""")

    def gradients(self) -> str:
        """The gradients of the weights, by those at the sums of all steps."""
        (w, size), (u, _) = self._weights
        total = self._name("total")
        has_rows = self.x.step == f"N * PAD({size})"
        copied = f"""
            for (int s = 0; s < N; s++)
                for (int i = 0; i < steps; i++)
                    move_rows(1, I, {self.x.array} + s * SAMPLE + (t + i) * STEP, 0,
                              rows + (i * N + s) * PAD(I), 0);"""
        cleared = f"if (!add) memset({total}, 0, SUMS * PAD(H) * sizeof(real));"
        summed = f"""
            for (int r = 0; r < steps * N; r++)
        #pragma omp simd
                for (int i = 0; i < SUMS * PAD(H); i++)
                    {total}[i] += sums[r * ROW + i];"""
        return _text(f"""
        /* {self._title}: dW = dpT x, dU = dqT h, some steps at a time */
        {{
            enum {{ I = {size}, SAMPLE = {self.x.sample}, STEP = {self.x.step} }};
            {self._before("h")}
            {self._kept}
            real *const dw = {_rows_of(w, "I", "_grad")};
            real *const du = {_rows_of(u, "H", "_grad")};
            {cleared if self.layer.bias else ""}
            for (int t = 0; t < T; t += STEPS) {{
                const int steps = T - t < STEPS ? T - t : STEPS;
                const real *const sums = kept + t * N * ROW;
                {"" if has_rows else inside(_text(copied), 16)}
                const real *const inputs = {f"{self.x.array} + t * STEP" if has_rows else "rows"};
                product(SHARED * PAD(H), I, steps * N, sums, 1, ROW, inputs, PAD(I), dw, PAD(I),
                        NULL, add || t > 0);
                if (APART)
                    product(PAD(H), I, steps * N, sums + G * PAD(H), 1, ROW, inputs, PAD(I),
                            dw + SHARED * PAD(H) * PAD(I), PAD(I), NULL, add || t > 0);
                product(G * PAD(H), H, steps * N, sums, 1, ROW, before_h + t * N * PAD(H), PAD(H),
                        du, PAD(H), NULL, add || t > 0);
                {inside(_text(summed), 16) if self.layer.bias else ""}
            }}
        }}""")

    @property
    def _title(self) -> str:
        return f"Layer {self.number + 1}, {'backwards' if self.reverse else 'forwards'}"

    def _name(self, array: str) -> str:
        """As the catalogue calls the weights of the way: ``states_l0_reverse``."""
        return self.layer.ways[self.number][self.reverse].name(array)

    @property
    def _weights(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """W and U, each with how many columns it has."""
        return (self._name("weight_ih"), self.x.size), (self._name("weight_hh"), "H")

    @property
    def _states(self) -> dict[str, str]:
        """The arrays of both states of a cell, or of its only one."""
        return {"h": "states", "c": "cells"} if self.layer.states > 1 else {"h": "states"}

    @property
    def _ends(self) -> tuple[str, ...]:
        return ("", "_c")[: self.layer.states]

    @property
    def _part(self) -> str:
        """Where its part of a row of the output begins."""
        return " + H" if self.reverse else ""

    @property
    def _step(self) -> str:
        """Where it is after ``step`` steps."""
        return "T - 1 - step" if self.reverse else "step"

    @property
    def _last(self) -> str:
        """The last step of a sample that it takes."""
        return "0" if self.reverse else f"{self.length or 'T'} - 1"

    def _live(self, value: str) -> str:
        """0 behind the end of the sequence."""
        return f"t < {self.length} ? {value} : 0" if self.length else value

    def _before(self, state: str) -> str:
        """Where the states before all steps begin: h, or a cell's c."""
        behind = " + N * PAD(H)" if self.reverse else ""
        return f"real *const before_{state} = {self._name(self._states[state])}{behind};"

    def _after(self, state: str) -> str:
        """Where the states after all steps begin."""
        behind = "" if self.reverse else " + N * PAD(H)"
        return f"real *const after_{state} = {self._name(self._states[state])}{behind};"

    @property
    def _kept(self) -> str:
        return f"real *const kept = {self._name('kept')};"

    @property
    def _row(self) -> str:
        """What is kept of a sample's step."""
        return "real *const row = kept + (t * N + s) * ROW"

    def _old(self, backwards: bool = False, part: str = "") -> dict[str, str]:
        """By state: where the old one of a sample is, of those that the cell takes."""
        return {
            state: f"const real *const old{end} = before_{state} + (t * N + s) * PAD(H){part};"
            for state, end in zip(self._states, self._ends, strict=True)
            if self.cell.takes(f"old{end}", backwards)
        }

    def _to_y(self, keeping: bool) -> str:
        """Fill the part of ``y`` of step t, or that of all samples' last steps."""
        if self.at_end:
            to = f"{self.y.array}{self._part} + s * {self.y.sample}"
            state = f"after_h + (({self._last}) * N + s) * PAD(H)"
            return f"for (int s = 0; s < N; s++) memcpy({to}, {state}, H * sizeof(real));"
        to = f"{self.y.array}{self._part} + t * {self.y.step}, {self.y.sample}"
        if self.mask and keeping:
            return _text(f"""
            for (int s = 0; s < N; s++)
                for (int i = 0; i < H; i++)
                    {self.y.array}[(t * N + s) * PAD(WIDTH){self._part} + i] =
                        after_h[(t * N + s) * PAD(H) + i] * {self.mask};""")
        is_there = self.y.array.startswith(f"{self._name('states')} ")
        return "" if is_there else f"move_rows(N, H, after_h + t * N * PAD(H), PAD(H), {to});"

    def _to_x(self, add: str) -> str:
        """The gradient at the inputs of step t; a way in reverse adds to that of the other."""
        (w, size), _ = self._weights
        return _text(f"""
        const real *const w = {_rows_of(w, size)};
        const real *const sums = {self._name("kept")} + t * N * ROW;
        real *const to = {self.dx.array} + t * {self.dx.step};
        product(N, {size}, SHARED * PAD(H), sums, ROW, 1, w, PAD({size}), to,
                {self.dx.sample}, NULL, {"1" if self.reverse else add});
        if (APART)
            product(N, {size}, PAD(H), sums + G * PAD(H), ROW, 1,
                    w + SHARED * PAD(H) * PAD({size}), PAD({size}), to, {self.dx.sample}, NULL, 1);
        """)


def _along(weight: str) -> str:
    """The array of its rows, padded."""
    return weight.replace("weight", "along")


def _rows_of(weight: str, columns: str, grad: str = "") -> str:
    """The rows of a weight or of its gradient, where each gate has PAD(H) of PAD(columns)."""
    return f"{_is_padded(columns)} ? {weight}{grad} : {_along(weight)}{grad}"


def _is_padded(columns: str) -> str:
    return " && ".join(dict.fromkeys(["IS_PADDED(H)", f"IS_PADDED({columns})"]))


def _padded(along: str, columns: str, weight: str, into_rows: bool) -> Array:
    """These rows, if they are not there: filled from the weight, or emptied into it."""
    padded = f"{along} + g * PAD(H) * PAD({columns}), PAD({columns})"
    rows = padded, f"{weight} + g * H * {columns}, {columns}"
    source, target = reversed(rows) if into_rows else rows
    move = f"move_rows(H, {columns}, {source}, {target});"
    return Array(
        f"G * PAD(H) * PAD({columns})",
        f"for (int g = 0; g < G; g++) {move}",
        f"!({_is_padded(columns)})",
    )


def _defined(values: Mapping[str, str]) -> list[str]:
    return [f"const real {name} = {value};" for name, value in values.items()]


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _text(text: str) -> str:
    """The text from the left, without empty lines."""
    return _lines(line for line in dedent(text).splitlines() if line.strip())
