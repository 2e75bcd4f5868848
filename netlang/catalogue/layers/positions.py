"""Positions: layers that say where in its sequence a token stands.

An exported file has copies of these functions, which use nothing but torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.layers.heads import check_heads, heads_apart, heads_together
from netlang.catalogue.layers.kept import Kept
from netlang.catalogue.layers.sequences import check_sequence
from netlang.catalogue.modules import Layer, Sight, Weight
from netlang.language.shapes import Shape, ShapeError, Unknown, solved, unify
from netlang.system.lazy import torch

if TYPE_CHECKING:
    from torch import Generator, Tensor


def angles(x: torch.Tensor, base: float) -> torch.Tensor:
    """That of position t and of features 2i and 2i + 1 is t / base^(2i/d).

    Shape: [*, T, d] -> [T, d/2], rounded up, in float64.
    """
    positions = torch.arange(x.shape[-2], device=x.device).double()
    features = torch.arange(0, x.shape[-1], 2, device=x.device).double()
    return positions.unsqueeze(1) * base ** (features / -x.shape[-1])


def sinusoids(x: torch.Tensor) -> torch.Tensor:
    """For each position, the sines and the cosines of its angles side by side.

    Shape: [N, T, D] -> [T, D], of the dtype of ``x``.
    """
    turns = angles(x, 10000.0)
    waves = torch.stack([turns.sin(), turns.cos()], -1).flatten(-2)
    return waves[:, : x.shape[-1]].to(x.dtype)


def rotations(x: torch.Tensor, base: float) -> tuple[torch.Tensor, torch.Tensor]:
    """The cosines and the sines of the angles.  Shape: [*, T, d] -> [T, d/2] each, of the dtype of
    ``x``.
    """
    turns = angles(x, base)
    return turns.cos().to(x.dtype), turns.sin().to(x.dtype)


def rotated(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Features 2i and 2i + 1 of each position, turned by the angle of this cosine and this sine.

    Shape: [*, T, d] -> [*, T, d].
    """
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = [even * cos - odd * sin, even * sin + odd * cos]
    return torch.stack(turned, -1).flatten(-2)


class PositionalEmbedding(
    Layer,
    known_as=(
        "PositionEmbedding",
        "SinusoidalPositionalEncoding",
        "SinePositionEncoding",
    ),
    like=("PositionalEncoding", "PositionEncoding"),
    elsewhere={
        name: {"form": '"sinusoidal"'}
        for name in (
            "PositionalEncoding",
            "PositionEncoding",
            "SinusoidalPositionalEncoding",
            "SinePositionEncoding",
        )
    },
):
    """y = x + P: each position adds a vector of its own.

    ``"learned"`` vectors are weights, drawn from N(0, std), smaller than those of tokens, which
    ``Embedding`` draws from N(0, 1);
    ``"sinusoidal"`` ones are waves, P[t, 2i] = sin(t / 10000^(2i/D)) and
    P[t, 2i+1] = cos(t / 10000^(2i/D)), and no weights.

    Shape: [N, T, embedding_dim] -> [N, T, embedding_dim], for T up to max_length.  Weights:
    ``weight`` [max_length, embedding_dim].  Source: Vaswani et al. 2017, section 3.5.
    """

    max_length: Size = arg(
        doc="the most positions that a sequence may have",
        known_as=("sequence_length", "max_len", "block_size", "num_positions", "num_embeddings"),
    )
    embedding_dim: Size = arg(
        doc="size of each input's last dimension", known_as=("dim", "d_model", "embed_dim")
    )
    form: str = arg(
        default="learned",
        choices=("learned", "sinusoidal"),
        doc="where the vectors come from",
        known_as=("kind", "mode", "encoding"),
    )
    std: float = arg(
        default=0.3, at_least=0.0, doc="standard deviation of the weights at the beginning"
    )

    examples = (
        ("PositionalEmbedding(3, 4)", (3, 4)),
        ("PositionalEmbedding(5, 2)", (3, 2)),
        ('PositionalEmbedding(4, 5, form="sinusoidal")', (4, 5)),
    )

    def tensors(self) -> dict[str, Weight]:
        if self.form == "sinusoidal":
            return {}
        return {"weight": Weight((self.max_length, self.embedding_dim), self._initial)}

    def _initial(self, values: Tensor, generator: Generator) -> None:
        values.normal_(0.0, self.std, generator=generator)

    def prepare(self) -> None:
        self._sinusoids = Kept(sinusoids)
        self.weight: Tensor
        self.weight_grad: Tensor

    def infer(self, x: Shape) -> Shape:
        check_sequence(x, self.embedding_dim)
        if not unify(x.last, self.embedding_dim):
            raise ShapeError(x.with_last(self.embedding_dim), "embedding_dim", x.last)
        most, positions = solved(self.max_length), x.dim(0)
        if isinstance(most, Unknown):
            unify(most, positions)
        elif isinstance(positions, int) and positions > most:
            raise ShapeError(x.with_dim(0, most), "max_length", positions)
        return x

    def forward(self, x: Tensor) -> Tensor:
        if self.form == "sinusoidal":
            return x + self._sinusoids(x)
        return x + self.weight[: x.shape[1]]

    def backward(self, dy: Tensor) -> Tensor:  # dy/dx = 1
        self.accumulate(dy)
        return dy

    def accumulate(self, dy: Tensor) -> None:  # dP += Σ dy over the samples
        if self.form == "learned":
            self.weight_grad[: dy.shape[1]].add_(dy.sum(0))


class Rotary(Layer, known_as=("RoPE", "RotaryEmbedding", "RotaryPositionalEmbedding")):
    """Pairs of features turn with the position: y = R(t) x.

    In each head of d features, (x₂ᵢ, x₂ᵢ₊₁) at position t turn by the angle t / base^(2i/d). So
    products of such vectors depend on how far apart they stand. ``Attention(..., rotary=true)``
    turns its queries and its keys like this.

    Shape: [N, T, D] -> [N, T, D].  Source: Su et al. 2021; R(t) is orthogonal, dx = R(-t) dy.
    """

    num_heads: Size = arg(default=1, doc="heads that the features are divided into")
    base: float = arg(
        default=10000.0, above=1.0, doc="the larger, the slower they turn", known_as=("theta",)
    )

    examples = (("Rotary", (3, 4)), ("Rotary(2, base=100)", (5, 8)))

    def prepare(self) -> None:
        self._rotations = Kept(rotations)

    def infer(self, x: Shape) -> Shape:
        heads = solved(self.num_heads)
        check_sequence(x, Unknown(), least=2 * heads if isinstance(heads, int) else 2)
        check_heads(x, x.dim(1), self.num_heads, turns=True)
        return x

    def forward(self, x: Tensor) -> Tensor:
        heads = heads_apart(x, self.num_heads)
        self.saved = cos, sin = self._rotations(heads, self.base)
        return heads_together(rotated(heads, cos, sin))

    def backward(self, dy: Tensor) -> Tensor:  # it turns back
        cos, sin = self.saved
        return heads_together(rotated(heads_apart(dy, self.num_heads), cos, -sin))

    def sight(self, dim: int, *x: Shape, source: int = 0) -> Sight:
        if dim == 0:
            return Sight(dim)
        pairs = [at - at % 2 for at in range(x[0].sizes[dim])]  # a head has an even number
        return Sight(dim, tuple(range(pair, pair + 2) for pair in pairs))
