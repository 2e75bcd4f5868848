"""Reductions, and the ends of sequences, in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Last, Max, Mean
from netlang.catalogue.layers.ends import FillPadding, Lengths
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchExpression, TorchModule
from netlang.lowering.pytorch.lowerings import lowers


@lowers(Lengths)
def lengths(layer: Lengths, x: Shape) -> TorchExpression:
    steps = "x" if len(x.sample) == 1 else f"x[{', '.join([':, :', *['0'] * (len(x.sample) - 1)])}]"
    return TorchExpression(f"(~{steps}.isnan()).sum(1).clamp(min=1)")


@lowers(FillPadding)
def fill_padding(layer: FillPadding, x: Shape) -> TorchExpression:
    return TorchExpression("x.masked_fill(x.isnan(), 0)")


@lowers(Mean)
def mean(layer: Mean, x: Shape) -> TorchExpression | TorchModule:
    if x.padded and layer.honours_lengths(x):
        return TorchModule("MeanOverTime()", uses=(_MEAN,))
    return TorchExpression(f"x.mean({layer.dim})")


@lowers(Max)
def max_(layer: Max, x: Shape) -> TorchExpression | TorchModule:
    if x.padded and layer.honours_lengths(x):
        return TorchModule("MaxOverTime()", uses=(_MAX,))
    return TorchExpression(f"x.max({layer.dim}).values")  # `amax` parts a gradient among equals


@lowers(Last)
def last(layer: Last, x: Shape) -> TorchExpression:
    if x.padded and layer.honours_lengths(x):
        return TorchExpression("x0[torch.arange(len(x0)), x1 - 1]")
    return TorchExpression(f"x.select({layer.dim}, -1)")


BEHIND = TorchDefinition(
    '''\
def behind(x, lengths):
    """Which numbers of x [N, T, *] are behind the ends of the sequences."""
    past = torch.arange(x.shape[1], device=x.device) >= lengths.unsqueeze(1)
    return past.view(*past.shape, *[1] * (x.dim() - 2)).expand(x.shape)
'''
)

_MEAN = TorchDefinition(
    '''\
class MeanOverTime(nn.Module):
    """The mean of each sequence, without what is behind its end."""

    def forward(self, x, lengths):
        total = x.masked_fill(behind(x, lengths), 0).sum(1)
        return total / lengths.view(-1, *[1] * (total.dim() - 1))
''',
    uses=(BEHIND,),
)

_MAX = TorchDefinition(
    '''\
class MaxOverTime(nn.Module):
    """The maximum of each sequence, without what is behind its end."""

    def forward(self, x, lengths):
        return x.masked_fill(behind(x, lengths), -math.inf).max(1).values
''',
    uses=(BEHIND,),
)
