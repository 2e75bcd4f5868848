"""Attention: every position of a sequence takes from others what fits its query."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.dropout import Dropout
from netlang.catalogue.layers.ends import Ends
from netlang.catalogue.layers.heads import check_heads, heads_apart, heads_together
from netlang.catalogue.layers.kept import Kept
from netlang.catalogue.layers.positions import rotated, rotations
from netlang.catalogue.layers.sequences import check_sequence
from netlang.catalogue.modules import DrawRequest, Layer, Sight, Weight
from netlang.language.shapes import Shape, ShapeError, solved, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


class Attention(
    Layer,
    known_as=(
        "MultiheadAttention",
        "MultiHeadDotProductAttention",
        "SelfAttention",
        "CrossAttention",
    ),
    like=("ScaledDotProductAttention",),
):
    """y = out(softmax(q kᵀ / √d) v), in ``num_heads`` heads of d features side by side.

    q is a linear function of the input x, k and v are others of the memory: of the second input
    (cross-attention), or of x itself (self-attention). In a ``causal`` one, position t takes from
    the positions up to t alone. With ``num_kv_heads``, several heads share keys and values.

    Shape: [N, T, embed_dim], memory [N, S, kdim] -> [N, T, embed_dim].  Weights: ``q_weight``
    and ``out_weight`` [embed_dim, embed_dim], ``k_weight`` and ``v_weight`` [kv, kdim], where kv is
    num_kv_heads·d; ``q_bias``, ``k_bias``, ``v_bias``, ``out_bias``, which begin as 0.

    Source: Vaswani et al. 2017; for groups of heads, Ainslie et al. 2023. With p = softmax(s) and
    o = p v, dv = pᵀ do and ds = p ⊙ (do vᵀ - Σ do ⊙ o).
    """

    embed_dim: Size = arg(
        doc="size of the input's last dimension", known_as=("d_model", "dim", "width", "key_dim")
    )
    num_heads: Size = arg(
        doc="heads side by side", known_as=("heads", "n_head", "n_heads", "nhead")
    )
    dropout: float = arg(
        default=0.0,
        at_least=0.0,
        below=1.0,
        doc="probability that a position is dropped from what another takes",
        known_as=("p", "attn_dropout", "attn_drop", "dropout_p", "dropout_rate"),
    )
    bias: bool = arg(
        default=True, doc="whether something is added to q, k, v and y", known_as=("use_bias",)
    )
    kdim: Size | None = arg(
        default=None,
        doc="size of the memory's last dimension; none: embed_dim",
        known_as=("vdim", "memory_dim"),
    )
    causal: bool = arg(
        default=False,
        doc="whether a position sees those up to itself alone",
        known_as=("is_causal", "use_causal_mask"),
    )
    num_kv_heads: Size | None = arg(
        default=None,
        doc="heads of keys and values, each for several of queries; none: as many as num_heads",
        known_as=("kv_heads", "n_kv_heads", "num_key_value_heads"),
    )
    rotary: bool = arg(default=False, doc="whether q and k turn with the position, as in `Rotary`")
    base: float = arg(
        default=10000.0,
        above=1.0,
        doc="of the rotary turns: the larger, the slower",
        known_as=("rope_theta",),
    )

    arity = (1, 2)
    examples = (
        ("Attention(4, 2)", (3, 4)),
        ("Attention(4, 2, causal=true)", (5, 4)),
        ("Attention(4, 2, causal=true, rotary=true, bias=false)", (3, 4)),
        ("Attention(8, 4, num_kv_heads=2)", (3, 8)),
        ("Attention(6, 3)", (2, 6), (4, 6)),
        ("Attention(4, 2, kdim=3, num_kv_heads=1, rotary=true)", (2, 4), (5, 3)),
    )

    def tensors(self) -> dict[str, Weight]:
        features, memory = self.embed_dim, self._memory_dim
        kv = self._kv_heads * (features // self.num_heads)
        shapes = {
            "q": (features, features),
            "k": (kv, memory),
            "v": (kv, memory),
            "out": (features, features),
        }
        weights = {f"{name}_weight": Weight(shape, self._initial) for name, shape in shapes.items()}
        if self.bias:
            for name, shape in shapes.items():
                weights[f"{name}_bias"] = Weight(shape[:1], self._begin_bias, decay=False)
        return weights

    def _initial(self, values: Tensor, generator: Generator) -> None:
        most = math.sqrt(6 / sum(values.shape))
        values.uniform_(-most, most, generator=generator)

    def _begin_bias(self, values: Tensor, generator: Generator) -> None:
        values.zero_()

    def prepare(self) -> None:
        self.dropping = Dropout.declared({"p": self.dropout})
        self._of_queries, self._of_keys = Kept(rotations), Kept(rotations)

    @property
    def _kv_heads(self) -> int:
        return self.num_heads if self.num_kv_heads is None else self.num_kv_heads

    @property
    def _memory_dim(self) -> int:
        return self.embed_dim if self.kdim is None else self.kdim

    def honours_lengths(self, *x: Shape) -> bool:
        return True

    def infer(self, x: Shape, *others: Shape) -> Shape:
        for index, one in enumerate((x, *others)):
            is_memory = index == len(others)
            size = self._memory_dim if is_memory else self.embed_dim
            check_sequence(one, size, index)
            if not unify(one.last, size) and others:
                raise _of_another_width(one, size, index)
            if not unify(one.last, size):
                argument = "kdim" if is_memory and self.kdim else "embed_dim"
                raise ShapeError(one.with_last(size), argument, one.last, input=index)
        check_heads(x, self.embed_dim, self.num_heads, turns=self.rotary)
        heads, shared = solved(self.num_heads), solved(self._kv_heads)
        if isinstance(heads, int) and isinstance(shared, int) and heads % shared:
            reason = f"has {shared} heads of keys, which do not divide its {heads} heads"
            raise ShapeError(x, reason=reason, help="let each be for as many heads as any other")
        return x

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim:
            return Sight()
        if source < len(x) - 1:
            return Sight(dim)
        positions, keys = x[0].sizes[0], x[-1].sizes[0]
        if self.causal:
            return Sight(dim, tuple(range(min(at + 1, keys)) for at in range(positions)))
        return Sight()

    def drawn(self, *x: Shape) -> tuple[int, ...]:
        return self.num_heads, x[0].sizes[0], x[-1].sizes[0]

    @property
    def alike(self) -> bool:
        return self.needs_positions

    @property
    def needs_positions(self) -> bool:
        return not (self.causal or self.rotary)

    @property
    def draws(self) -> bool:
        return self.dropout > 0

    def drawing(self) -> Mapping[str, Layer]:
        return {"dropping": self.dropping} if self.draws else {}

    def draw(self, request: DrawRequest) -> None:
        self.dropping.draw(request)

    def macs(self, *x: Shape) -> int:
        (positions, features), (keys, memory) = x[0].sizes, x[-1].sizes
        kv = self._kv_heads * (features // self.num_heads)
        made = 2 * positions * features * features + 2 * keys * memory * kv
        return made + 2 * positions * keys * features

    def forward(self, x: Tensor, *others: Tensor) -> Tensor:
        lengths = others[-1] if others and others[-1].dim() == 1 else None
        memory = others[0] if len(others) > (lengths is not None) else None
        source = x if memory is None else memory
        q = heads_apart(self._linear("q", x), self.num_heads)
        k = heads_apart(self._linear("k", source), self._kv_heads)
        v = heads_apart(self._linear("v", source), self._kv_heads)
        if self.rotary:
            q = rotated(q, *self._of_queries(q, self.base))
            k = rotated(k, *self._of_keys(k, self.base))
        q = q / math.sqrt(q.shape[-1])
        ends = Ends(source, lengths)
        p = self._softmax(self._grouped(q) @ k.mT, x.shape[1], ends)
        dropped = self.dropping.train(self.training).forward(p)
        o = heads_together((self._grouped(dropped) @ v).view(q.shape))
        mask, self.dropping.saved = self.dropping.saved, None  # it goes with what is saved here
        self.saved = x, memory, ends, q, k, v, p, mask, o
        y = self._linear("out", o)
        return ends.filled(y) if memory is None else y

    def backward(self, dy: Tensor) -> Any:
        x, memory, ends, q, k, v, p, mask, o = self.saved
        source = x if memory is None else memory
        do = self._linear_back("out", o, ends.filled(dy) if memory is None else dy)
        # Σ do ⊙ o over the features of a head is Σ dp ⊙ p over the keys, and takes less memory.
        through = heads_apart(do * o, self.num_heads).sum(-1, keepdim=True)
        do = self._grouped(heads_apart(do, self.num_heads))
        dv = self._grouped(p if mask is None else p * mask).mT @ do
        dp = (do @ v.mT).view(p.shape)
        if mask is not None:
            dp.mul_(mask)
        ds = self._grouped(dp.sub_(through).mul_(p))
        dq = (ds @ k).view(q.shape) / math.sqrt(q.shape[-1])
        dk = ds.mT @ self._grouped(q)
        if self.rotary:
            (cos_q, sin_q), (cos_k, sin_k) = (
                self._of_queries(dq, self.base),
                self._of_keys(dk, self.base),
            )
            dq, dk = rotated(dq, cos_q, -sin_q), rotated(dk, cos_k, -sin_k)
        dx = self._linear_back("q", x, heads_together(dq))
        dsource = self._linear_back("k", source, heads_together(dk))
        dsource += self._linear_back("v", source, heads_together(dv))
        found: tuple[Tensor | None, ...] = (dx, dsource) if memory is not None else (dx + dsource,)
        found += (None,) * (ends.lengths is not None)
        return found if len(found) > 1 else found[0]

    def _softmax(self, scores: Tensor, positions: int, ends: Ends) -> Tensor:
        """The weight of each key for each query: 0 where it is hidden from it. It overwrites
        ``scores``.  Shape: [N, kv_heads, *, S] -> [N, num_heads, T, S].
        """
        scores = scores.view(len(scores), self.num_heads, positions, scores.shape[-1])
        hidden = self._hidden(scores, ends)
        if hidden is None:
            return torch.softmax(scores, -1)
        scores.masked_fill_(hidden, torch.finfo(scores.dtype).min)
        p = torch.softmax(scores, -1)
        return p if ends.lengths is None else p.masked_fill_(hidden, 0)  # all may be hidden

    def _hidden(self, scores: Tensor, ends: Ends) -> Tensor | None:
        """Which keys are hidden from which queries; None if none is.  Shape: [*, *, *, S], bool."""
        positions, keys = (torch.arange(size, device=scores.device) for size in scores.shape[-2:])
        later = keys > positions.unsqueeze(1) if self.causal else None
        if ends.behind is None:
            return later
        padding = ends.behind[:, None, None]
        return padding if later is None else padding | later

    def _grouped(self, x: Tensor) -> Tensor:
        """The rows of the heads that share keys and values, one below the other.

        Shape: [N, num_heads, T, *] -> [N, kv_heads, num_heads/kv_heads·T, *].
        """
        shared = self.num_heads // self._kv_heads
        return x.reshape(len(x), self._kv_heads, shared * x.shape[2], x.shape[3])

    def _linear(self, name: str, x: Tensor) -> Tensor:
        """What the weights of that name make of ``x``.  Shape: [N, *, in] -> [N, *, out]."""
        y: Tensor = x @ getattr(self, f"{name}_weight").t()
        return y.add_(getattr(self, f"{name}_bias")) if self.bias else y

    def _linear_back(self, name: str, x: Tensor, dy: Tensor) -> Tensor:
        """The gradient at ``x``, from ``dy`` at what ``_linear`` gave; it adds the weights'."""
        rows = dy.reshape(-1, dy.shape[-1])
        getattr(self, f"{name}_weight_grad").addmm_(rows.t(), x.reshape(-1, x.shape[-1]))
        if self.bias:
            getattr(self, f"{name}_bias_grad").add_(rows.sum(0))
        weight: Tensor = getattr(self, f"{name}_weight")
        return dy @ weight


def _of_another_width(x: Shape, features: int, index: int) -> ShapeError:
    """What to raise if one of two inputs has not so many features as the arguments say."""
    what, argument = ("memory", "kdim") if index else ("first input", "embed_dim")
    reason = f"takes {features} features in its {what}, and gets {x}"
    help = f"write `{argument}={x.last}`, or change what comes before it"
    return ShapeError(x.with_last(features), reason=reason, help=help, input=index)
