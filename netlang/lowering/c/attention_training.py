"""Attention that trains in C.

A few queries meet all keys at a time: their scores are in the cache together. Those of a short
sequence are kept for the backward pass; of a long one they are never in memory, but computed anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.catalogue.layers import Attention
from netlang.catalogue.randomness import keep_limit
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.positions import rotations, turned_heads
from netlang.lowering.c.projections import Projection
from netlang.lowering.c.rows import cleared, inside

_TILE = 8  # keys, whose scores are in registers together
_MOST_KEPT = 4  # keys for each number of a query: more scores are not kept


@lowers(Attention)
def attention(layer: Attention, x: Shape, *others: Shape) -> Routine:
    """Behind x come the memory, if there is one, and how long padded sequences are, if they are."""
    has_lengths = bool(others) and not others[-1].sizes
    is_self = len(others) == has_lengths
    names = [f"x{index}" for index in range(1 + len(others))] if others else ["x"]
    asking, answering = names[0], names[0 if is_self else 1]
    (steps, features), (keys, width) = x.sizes, (x if is_self else others[0]).sizes
    heads, shared = layer.num_heads, layer.num_kv_heads or layer.num_heads
    size = features // heads
    q = Projection("q", "N * STEPS", "WIDTH", {"q": "WIDTH"}, layer.bias)
    kv = Projection("kv", "N * KEYS", "MEMORY", {"k": "KV", "v": "KV"}, layer.bias)
    # Of its own input it makes queries, keys and values at once. Gradients are summed in the same
    # arrays whether it does or not: weights that are shared may be used in both ways.
    qkv = Projection("qkv", "N * STEPS", "WIDTH", {**q.parts, **kv.parts}, layer.bias)
    made = [qkv] if is_self else [q, kv]
    out = Projection("out", "N * STEPS", "WIDTH", {"out": "WIDTH"}, layer.bias)
    turns = rotations(max(steps, keys), size, layer.base) if layer.rotary else {}
    keeps = not layer.dropout and keys <= _MOST_KEPT * size
    text = _Text(layer, made, names[-1] if has_lengths else "", "".join(turns), keeps)
    given = "given" if text.ends_early else "dy"
    inputs = list(zip(made, (asking, answering), strict=False))
    filled = "\n        ".join(one.of(x) for one, x in inputs)
    to_q = q.gradients(text.q, asking, text.q_row)
    to_kv = kv.gradients(text.kv, answering, text.kv_row)
    each_query = "N * HEADS * PAD(STEPS)"
    backward = [one.backward(one.name, "dx", "add") for one in made]
    if has_lengths:
        backward.append(cleared("dx", "N * PAD(1)"))
    return Routine(
        constants={
            "STEPS": steps,
            "WIDTH": features,
            "KEYS": keys,
            "MEMORY": width,
            "HEADS": heads,
            "SHARED": shared,  # heads of keys and values
            "SIZE": size,  # of a head
            "KV": shared * size,
            "TILE": _TILE,
            "MET": -(-keys // _TILE) * _TILE,  # keys, with those that fill up the last tile
            "scale": 1 / math.sqrt(size),
            "limit": keep_limit(1 - layer.dropout),
            "kept": 1 / (1 - layer.dropout),
        },
        reads=tuple(dict.fromkeys([asking, answering, *names[len(names) - has_lengths :]])),
        draws=heads * steps * keys if layer.dropout else 0,
        prepared={
            **{name: array for one in (*made, out) for name, array in one.prepared.items()},
            **turns,
        },
        sums={name: array for one in (q, kv, out) for name, array in one.sums.items()},
        keeps={
            **{one.name: f"({one.rows} + LANES + TILE) * {one.row} + LANES" for one in made},
            "o": "N * STEPS * PAD(WIDTH)",
            **({"kept_scores": "N * HEADS * PAD(STEPS) * MET"} if keeps else {"tops": each_query}),
            "shares": each_query,
            **({"given": "N * STEPS * PAD(WIDTH)"} if text.ends_early else {}),
        },
        scratch={
            "across": "SIZE * LANES",
            "some_scores": "MET * LANES",
            "slopes": "MET * LANES",
            "some": "LANES * PAD(SIZE)",
            "dk": "MET * PAD(SIZE)",
            "dv": "MET * PAD(SIZE)",
            "d_o": "(N * STEPS + LANES) * PAD(WIDTH) + LANES",
        },
        forward=f"""
        {filled}
        {text.forward()}
        {out.into("y", "o")}
        {text.cleared_behind("y")}""",
        evaluated=f"""
        {filled}
        {text.evaluated()}
        {out.into("y", "o")}
        {text.cleared_behind("y")}"""
        if layer.dropout or keeps
        else "",
        inward=f"""
        {text.given}
        {out.backward(given, "d_o", "0")}
        {text.inward}""",
        gradients=f"""
        {inside(to_q, 8)}
        {inside(to_kv, 8)}
        {inside(out.gradients(given, "o"), 8)}""",
        backward=tuple(backward),
    )


class _Text:
    """The statements between the projections. Some queries, as many as a vector has numbers, stand
    side by side: a vector has a number of each of them.

    ``made`` are the queries, keys and values. ``lengths`` is the input that says where sequences
    end, if one does. The queries end there, too, where the layer attends to its own input.
    ``turns`` are the rotations, if there are any. It ``keeps`` what it makes of scores, or not.
    """

    def __init__(
        self, layer: Attention, made: Sequence[Projection], lengths: str, turns: str, keeps: bool
    ) -> None:
        self.q, self.q_row, self.kv, self.kv_row = made[0].name, made[0].row, "kv", made[-1].row
        if is_self := len(made) == 1:
            self.kv = f"({self.q} + WIDTH)"  # behind the queries
        self.layer, self.turns, self.ends_early = layer, turns, bool(lengths) and is_self
        self.ends = f"(int){lengths}[s * PAD(1)]" if lengths else "KEYS"
        self.drops, self.keeps = layer.dropout > 0, keeps

    def forward(self) -> str:
        """``o`` from ``q`` and ``kv``."""
        return self._forward(self.keeps, self._dropped("p[i]") if self.drops else "")

    def evaluated(self) -> str:
        """The same where nothing is drawn, and no scores are kept."""
        return self._forward(keeps=False, dropped="")

    def _forward(self, keeps: bool, dropped: str) -> str:
        hidden = f"p[i] = {self._seen('p[i]', '-INFINITY')};"
        statements = f"""
        {self._products(f"{self.q} + at", self.q_row, "k", "scores")}
        /* p = e^(s - top), and softmax(s) = p / mass */
        {_each_key(hidden, first="open") if self.layer.causal else ""}
        for (int i = reach * LANES; i < met * LANES; i++) scores[i] = -INFINITY;
        vector highest = all(-INFINITY), mass = {{0}};
        for (int j = 0; j < met; j += 4) {{
            const real *const p = scores + j * LANES;
            const vector one = larger(load(p), load(p + LANES));
            const vector other = larger(load(p + 2 * LANES), load(p + 3 * LANES));
            highest = larger(highest, larger(one, other));
        }}
        real ALIGNED top[LANES];
        store(top, highest);
        {self._exponentials("mass += load(p);")}
        {"" if self.keeps else "store(tops + query, highest);"}
        store(shares + query, 1 / mass);
        {_each_key(dropped) if dropped else ""}
        /* o = softmax(s) v */
        product(LANES, SIZE, reach, scores, 1, LANES, v, {self.kv_row}, some, PAD(SIZE), NULL, 0);
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < SIZE; i++)
                o[at_o + r * PAD(WIDTH) + i] = some[r * PAD(SIZE) + i] * shares[query + r];"""
        return f"""
        {self._turned(back=False)}
        {self._each_head(statements, keeps)}
        {self.cleared_behind("o")}"""

    @property
    def given(self) -> str:
        """The gradient of the output, of which nothing behind the ends counts."""
        if not self.ends_early:
            return ""
        copied = "memcpy(given, dy, N * STEPS * PAD(WIDTH) * sizeof(real));"
        return f"{copied}\n{self.cleared_behind('given')}"

    @property
    def inward(self) -> str:
        """The gradients of ``q`` and ``kv``, in their place, from ``d_o``."""
        statements = f"""
        /* softmax(s) = p / mass, so: do /= mass, dp = do vT, ds = p (dp - sum of p dp / mass) */
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < SIZE; i++) d_o[at_o + r * PAD(WIDTH) + i] *= shares[query + r];
        {"" if self.keeps else self._scores_anew}
        {self._products("d_o + at_o", "PAD(WIDTH)", "v", "slopes")}
        {_each_key(self._dropped("ds[i]")) if self.drops else ""}
        vector through = sum_of_products(reach, (vector *)scores, (vector *)slopes, 0);
        through *= load(shares + query);
        {_each_key(together="store(ds, scale * load(p) * (load(ds) - through));")}
        {_each_key(self._dropped("p[i]")) if self.drops else ""}
        memset(slopes + reach * LANES, 0, (met - reach) * LANES * sizeof(real));
        /* dv += pT do,  dk += dsT q,  dq = ds k */
        product_of(TILE, met, SIZE, rows, scores, LANES, 1, d_o + at_o, PAD(WIDTH), dv, PAD(SIZE),
                   NULL, 1);
        product_of(TILE, met, SIZE, rows, slopes, LANES, 1, {self.q} + at, {self.q_row}, dk,
                   PAD(SIZE), NULL, 1);
        product(LANES, SIZE, reach, slopes, 1, LANES, k, {self.kv_row}, some, PAD(SIZE), NULL, 0);
        move_rows(rows, SIZE, some, PAD(SIZE), {self.q} + at, {self.q_row});"""
        before = """
        memset(dk, 0, KEYS * PAD(SIZE) * sizeof(real));
        memset(dv, 0, KEYS * PAD(SIZE) * sizeof(real));"""
        after = f"""
        move_rows(KEYS, SIZE, dk, PAD(SIZE), k, {self.kv_row});
        move_rows(KEYS, SIZE, dv, PAD(SIZE), v, {self.kv_row});"""
        return f"""
        {self._each_head(statements, self.keeps, before, after)}
        {self.cleared_behind(self.q, self.q_row)}
        {self._turned(back=True)}"""

    def cleared_behind(self, values: str, row: str = "PAD(WIDTH)") -> str:
        """0 for what stands behind the ends."""
        if not self.ends_early:
            return ""
        rest = f"{values} + (s * STEPS + ends) * {row}"
        return f"""
        for (int s = 0; s < N; s++) {{
            const int ends = {self.ends};
            memset({rest}, 0, (STEPS - ends) * {row} * sizeof(real));
        }}"""

    def _each_head(self, statements: str, keeps: bool, before: str = "", after: str = "") -> str:
        """Statements for ``rows`` queries from step ``t`` on, which begin at ``at``, in head ``h``,
        with their ``scores`` for the first keys: all of them see ``open`` ones, one of them
        ``reach``, and ``met`` fill up a tile. Some heads share their keys and values.
        """
        reach = "least(t + rows, ends)" if self.layer.causal else "ends"
        scores = "kept_scores + query * MET" if keeps else "some_scores"
        return f"""
        for (int s = 0; s < N; s++)
            for (int g = 0; g < SHARED; g++) {{
                const int ends = {self.ends}, steps = {"ends" if self.ends_early else "STEPS"};
                real *const k = {self.kv} + s * KEYS * {self.kv_row} + g * SIZE, *const v = k + KV;
                {inside(before, 16)}
                for (int h = g * (HEADS / SHARED); h < (g + 1) * (HEADS / SHARED); h++)
                    for (int t = 0; t < steps; t += LANES) {{
                        const int rows = steps - t < LANES ? steps - t : LANES, reach = {reach};
                        const int met = (reach + TILE - 1) / TILE * TILE;
                        const int open = {"least(t, reach)" if self.layer.causal else "reach"};
                        const int at = (s * STEPS + t) * {self.q_row} + h * SIZE;
                        const int at_o = (s * STEPS + t) * PAD(WIDTH) + h * SIZE;
                        const int query = (s * HEADS + h) * PAD(STEPS) + t;
                        real *const scores = {scores};
                        (void)open, (void)scores;
                        {inside(statements, 24)}
                    }}
                {inside(after, 16)}
            }}"""

    @property
    def _scores_anew(self) -> str:
        return f"""
        {self._products(f"{self.q} + at", self.q_row, "k", "scores")}
        real ALIGNED top[LANES];
        memcpy(top, tops + query, sizeof top);
        {self._exponentials()}"""

    def _exponentials(self, together: str = "") -> str:
        """Those of scores that a query sees, and 0 for the others."""
        one = "EXP_BELOW_0(scale * (p[i] - top[i]))"
        each_seen = f"const real one = {one}; p[i] = {self._seen('one', '0')};"
        of_some = _each_key(each_seen, together, first="open") if self.layer.causal else ""
        return f"""
        {_each_key(f"p[i] = {one};", together, behind="open")}
        {of_some}
        memset(scores + reach * LANES, 0, (met - reach) * LANES * sizeof(real));"""

    def _products(self, queries: str, row: str, keys: str, scores: str) -> str:
        """Those of some queries, which are laid side by side, with all keys that one of them
        sees.
        """
        return f"""
        for (int i = 0; i < SIZE; i++)
            #pragma GCC unroll 16
            for (int r = 0; r < LANES; r++) across[i * LANES + r] = ({queries})[r * {row} + i];
        product_of(TILE, met, LANES, SIZE, {keys}, {self.kv_row}, 1, across, LANES, {scores}, LANES,
                   NULL, 0);"""

    def _seen(self, value: str, hidden: str) -> str:
        """``value`` where query ``i`` of some sees key ``j``."""
        return f"t + i >= j ? {value} : {hidden}" if self.layer.causal else value

    def _dropped(self, value: str) -> str:
        unit = "units[((h * STEPS) + t + i) * KEYS + j]"
        return f" {value} *= i < rows && drawn(samples[s], key, {unit}) < limit ? kept : 0;"

    def _turned(self, back: bool) -> str:
        if not self.turns:
            return ""
        queries = self.q, self.q, self.turns, "STEPS", "HEADS", "SIZE", self.q_row
        keys = self.kv, self.kv, self.turns, "KEYS", "SHARED", "SIZE", self.kv_row
        of_queries, of_keys = turned_heads(*queries, back), turned_heads(*keys, back)
        return f"{of_queries}\n{of_keys}"


def _each_key(each: str = "", together: str = "", first: str = "0", behind: str = "reach") -> str:
    """A statement for the score of ``each`` query ``i`` and key ``j``, from the ``first`` key on,
    and one for all of them.
    """
    over_queries = f"""
            #pragma omp simd
            for (int i = 0; i < LANES; i++) {{
                {each}
            }}"""
    return f"""
        for (int j = {first}; j < {behind}; j++) {{
            real *const p = scores + j * LANES, *const ds = slopes + j * LANES;
            (void)p, (void)ds;{over_queries if each else ""}
            {together}
        }}""".strip()
