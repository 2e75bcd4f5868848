"""Attention that trains in C.

A few queries meet all keys at a time: their scores are in the cache together, and those of a whole
sequence never in memory. The backward pass computes them anew, from the logarithm of what the
exponentials of a query's scores add up to.
"""

from __future__ import annotations

import math

from netlang.catalogue.layers import Attention
from netlang.catalogue.randomness import keep_limit
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import Routine
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.c.positions import rotations, turned_heads
from netlang.lowering.c.projections import Projection
from netlang.lowering.c.rows import cleared, inside

_QUERIES = 16  # whose scores are in the cache together


@lowers(Attention)
def attention(layer: Attention, x: Shape, *others: Shape) -> Routine:
    """Behind x come the memory, if there is one, and how long padded sequences are, if they are."""
    has_lengths = bool(others) and not others[-1].sizes
    is_self = len(others) == has_lengths
    names = [f"x{index}" for index in range(1 + len(others))] if others else ["x"]
    asking, answering = names[0], names[0 if is_self else 1]
    (steps, features), (keys, width) = x.sizes, (x if is_self else others[0]).sizes
    heads, shared = layer.num_heads, layer.num_kv_heads or layer.num_heads
    size, blocks = features // heads, -(-steps // _QUERIES)
    q = Projection("q", "N * STEPS", "WIDTH", {"q": "WIDTH"}, layer.bias)
    kv = Projection("kv", "N * KEYS", "MEMORY", {"k": "KV", "v": "KV"}, layer.bias)
    out = Projection("out", "N * STEPS", "WIDTH", {"out": "WIDTH"}, layer.bias)
    turns = rotations(max(steps, keys), size, layer.base) if layer.rotary else {}
    text = _Text(layer, names[-1] if has_lengths else "", is_self, "".join(turns))
    given = "given" if text.ends_early else "dy"
    to_queries = q.backward("q", "dx", "add")
    to_keys = kv.backward("kv", "dx", "1" if is_self else "add")
    backward = [f"{to_queries}\n{to_keys}"] if is_self else [to_queries, to_keys]
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
            "ROWS": -(-steps // blocks),  # of scores at a time
            "scale": 1 / math.sqrt(size),
            "limit": keep_limit(1 - layer.dropout),
            "kept": 1 / (1 - layer.dropout),
        },
        reads=tuple(dict.fromkeys([asking, answering, *names[len(names) - has_lengths :]])),
        draws=heads * steps * keys if layer.dropout else 0,
        prepared={
            **q.prepared,
            **kv.prepared,
            **out.prepared,
            **turns,
        },
        sums={**q.sums, **kv.sums, **out.sums},
        keeps={
            "q": "(N * STEPS + ROWS) * PAD(WIDTH) + LANES",
            "kv": "N * KEYS * PAD(2 * KV) + LANES",
            "o": "N * STEPS * PAD(WIDTH)",
            "logs": "N * HEADS * STEPS",
            **({"given": "N * STEPS * PAD(WIDTH)"} if text.ends_early else {}),
        },
        scratch={
            "k_across": "SIZE * PAD(KEYS)",
            "v_across": "SIZE * PAD(KEYS)",
            "scores": "ROWS * PAD(KEYS)",
            "slopes": "ROWS * PAD(KEYS)",
            "some": "ROWS * PAD(SIZE)",
            "dk": "PAD(KEYS) * PAD(SIZE)",
            "dv": "PAD(KEYS) * PAD(SIZE)",
            "d_o": "(N * STEPS + ROWS) * PAD(WIDTH) + LANES",
        },
        forward=f"""
        {q.of(asking)}
        {kv.of(answering)}
        {text.forward(draws=layer.dropout > 0)}
        {out.into("y", "o")}
        {text.cleared_behind("y")}""",
        evaluated=f"""
        {q.of(asking)}
        {kv.of(answering)}
        {text.forward(draws=False)}
        {out.into("y", "o")}
        {text.cleared_behind("y")}"""
        if layer.dropout
        else "",
        inward=f"""
        {text.given}
        {out.backward(given, "d_o", "0")}
        {text.inward}""",
        gradients=f"""
        {inside(q.gradients("q", asking), 8)}
        {inside(kv.gradients("kv", answering), 8)}
        {inside(out.gradients(given, "o"), 8)}""",
        backward=tuple(backward),
    )


class _Text:
    """The statements between the projections.

    ``lengths`` is the input that says where sequences end, if one does. The queries end there, too,
    where the layer attends to its own input.
    """

    def __init__(self, layer: Attention, lengths: str, is_self: bool, turns: str) -> None:
        self.layer, self.turns, self.ends_early = layer, turns, bool(lengths) and is_self
        self.ends = f"(int){lengths}[s * PAD(1)]" if lengths else "KEYS"

    def forward(self, draws: bool) -> str:
        """``o`` from ``q`` and ``kv``."""
        dropped = self._mask("const real mask = {}; p[j] *= mask;") if draws else ""
        statements = f"""
        /* p = softmax(q kT / root) */
        for (int r = 0; r < rows; r++) {{
            real *const p = scores + r * PAD(KEYS);
            const int seen = {self._seen("t + r + 1")};
            real top = p[0], mass = 0;
            #pragma omp simd reduction(max : top)
            for (int j = 0; j < seen; j++) top = p[j] > top ? p[j] : top;
            #pragma omp simd reduction(+ : mass)
            for (int j = 0; j < seen; j++) {{
                p[j] = EXP(scale * (p[j] - top));
                mass += p[j];
            }}
            for (int j = seen; j < reach; j++) p[j] = 0;
            logs[(s * HEADS + h) * STEPS + t + r] = scale * top + LOG(mass);
            {dropped}
            masses[r] = mass;
        }}
        /* o = p v */
        product(ROWS, SIZE, reach, scores, PAD(KEYS), 1, v, PAD(2 * KV), some, PAD(SIZE), NULL, 0);
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < SIZE; i++)
                o[at + r * PAD(WIDTH) + i] = some[r * PAD(SIZE) + i] / masses[r];"""
        turned = self._turned(back=False)
        return f"""
        {turned}
        real masses[ROWS];
        {self._each_head(statements)}
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
        mask = self._mask("const real mask = {};") if self.layer.dropout else ""
        by_mask = " * mask" if self.layer.dropout else ""
        statements = f"""
        {_products("d_o", "v_across", "slopes")}
        /* dp = do vT, and ds = p (dp - sum of do o) */
        for (int r = 0; r < rows; r++) {{
            real *const p = scores + r * PAD(KEYS), *const ds = slopes + r * PAD(KEYS);
            const real *const one_o = o + at + r * PAD(WIDTH);
            const real *const one_d = d_o + at + r * PAD(WIDTH);
            const real all = logs[(s * HEADS + h) * STEPS + t + r];
            const int seen = {self._seen("t + r + 1")};
            real through = 0;
            for (int i = 0; i < SIZE; i++) through += one_d[i] * one_o[i];
            #pragma omp simd
            for (int j = 0; j < seen; j++) {{
                const real one = EXP(scale * p[j] - all);
                {mask}
                ds[j] = scale * one * (ds[j]{by_mask} - through);
                p[j] = one{by_mask};
            }}
            for (int j = seen; j < PAD(reach); j++) p[j] = ds[j] = 0;
        }}
        /* dv += pT do,  dk += dsT q,  dq = ds k */
        for (int j = 0; j < reach; j += LANES) {{
            product(LANES, SIZE, rows, scores + j, 1, PAD(KEYS), d_o + at, PAD(WIDTH),
                    dv + j * PAD(SIZE), PAD(SIZE), NULL, 1);
            product(LANES, SIZE, rows, slopes + j, 1, PAD(KEYS), q + at, PAD(WIDTH),
                    dk + j * PAD(SIZE), PAD(SIZE), NULL, 1);
        }}
        product(ROWS, SIZE, reach, slopes, PAD(KEYS), 1, k, PAD(2 * KV), some, PAD(SIZE), NULL, 0);
        move_rows(rows, SIZE, some, PAD(SIZE), q + at, PAD(WIDTH));"""
        before = f"""
        {_laid_across("v")}
        memset(dk, 0, PAD(KEYS) * PAD(SIZE) * sizeof(real));
        memset(dv, 0, PAD(KEYS) * PAD(SIZE) * sizeof(real));"""
        after = """
        move_rows(KEYS, SIZE, dk, PAD(SIZE), k, PAD(2 * KV));
        move_rows(KEYS, SIZE, dv, PAD(SIZE), v, PAD(2 * KV));"""
        return f"""
        {self._each_head(statements, before, after)}
        {self.cleared_behind("q")}
        {self._turned(back=True)}"""

    def cleared_behind(self, values: str) -> str:
        """0 for what stands behind the ends."""
        if not self.ends_early:
            return ""
        rest = f"{values} + (s * STEPS + ends) * PAD(WIDTH)"
        return f"""
        for (int s = 0; s < N; s++) {{
            const int ends = {self.ends};
            memset({rest}, 0, (STEPS - ends) * PAD(WIDTH) * sizeof(real));
        }}"""

    def _each_head(self, statements: str, before: str = "", after: str = "") -> str:
        """Statements for ``rows`` queries from step ``t`` on, which begin at ``at``, in head ``h``,
        with their ``scores``. Some heads share their keys and values.
        """
        return f"""
        for (int s = 0; s < N; s++)
            for (int g = 0; g < SHARED; g++) {{
                const int ends = {self.ends}, steps = {"ends" if self.ends_early else "STEPS"};
                real *const k = kv + s * KEYS * PAD(2 * KV) + g * SIZE, *const v = k + KV;
                {inside(_laid_across("k"), 16)}
                {inside(before, 16)}
                for (int h = g * (HEADS / SHARED); h < (g + 1) * (HEADS / SHARED); h++)
                    for (int t = 0; t < steps; t += ROWS) {{
                        const int rows = steps - t < ROWS ? steps - t : ROWS;
                        const int reach = {self._seen("t + rows")};
                        const int at = (s * STEPS + t) * PAD(WIDTH) + h * SIZE;
                        {inside(_products("q", "k_across", "scores"), 24)}
                        {inside(statements, 24)}
                    }}
                {inside(after, 16)}
            }}"""

    def _seen(self, last: str) -> str:
        """How many keys queries up to ``last`` see."""
        return f"{last} < ends ? {last} : ends" if self.layer.causal else "ends"

    def _mask(self, statement: str) -> str:
        unit = "((h * STEPS) + t + r) * KEYS + j"
        return statement.format(f"drawn(samples[s], key, units[{unit}]) < limit ? kept : 0")

    def _turned(self, back: bool) -> str:
        if not self.turns:
            return ""
        queries = "q", "q", self.turns, "STEPS", "HEADS", "SIZE", "PAD(WIDTH)"
        keys = "kv", "kv", self.turns, "KEYS", "SHARED", "SIZE", "PAD(2 * KV)"
        of_queries, of_keys = turned_heads(*queries, back), turned_heads(*keys, back)
        return f"{of_queries}\n{of_keys}"


def _laid_across(values: str) -> str:
    """The columns of ``k`` or ``v`` of one head as rows."""
    return f"""
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < KEYS; j++)
            {values}_across[i * PAD(KEYS) + j] = {values}[j * PAD(2 * KV) + i];"""


def _products(queries: str, across: str, scores: str) -> str:
    """Those of some queries with all keys that one of them sees."""
    return f"""
    for (int j = 0; j < reach; j += LANES)
        panel(TALL_1, ROWS, 1, SIZE, {queries} + at, PAD(WIDTH), 1, {across} + j, PAD(KEYS),
              {scores} + j, PAD(KEYS), NULL, 0);"""
