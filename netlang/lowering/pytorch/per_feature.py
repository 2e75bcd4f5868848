"""Layers that have weights for each feature in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import LinearPerFeature, PeriodicEmbedding
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.initial import initialised
from netlang.lowering.pytorch.lowerings import lowers


@lowers(PeriodicEmbedding)
def periodic_embedding(layer: PeriodicEmbedding, x: Shape) -> TorchModule:
    bias = ", bias=True" if layer.with_bias else ""
    text = f"PeriodicEmbedding({layer.num_features}, {layer.k}, {layer.sigma}{bias})"
    return TorchModule(text, uses=(_PERIODIC,))


@lowers(LinearPerFeature)
def linear_per_feature(layer: LinearPerFeature, x: Shape) -> TorchModule:
    init = layer.init
    linear = initialised("nn.Linear(inputs, outputs, bias=bias)", init)
    sizes = f"{layer.num_features}, {layer.in_features}, {layer.out_features}"
    bias = "" if layer.with_bias else ", bias=False"
    if init == "uniform":
        return TorchModule(f"LinearPerFeature({sizes}{bias})", uses=(_LINEAR,))
    text = f"LinearPerFeature({sizes}{bias}, init={init})"
    return TorchModule(text, uses=(*linear.uses, _LINEAR))


_PERIODIC = TorchDefinition(
    '''\
class PeriodicEmbedding(nn.Module):
    """Makes of each feature cosines and sines of k frequencies; with a bias cosines alone."""

    def __init__(self, features, k, sigma, bias=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(features, k) * sigma)
        self.bias = None
        if bias:
            drawn = torch.empty(features, k).uniform_(-math.pi, math.pi)
            self.bias = nn.Parameter(drawn)

    def forward(self, x):
        turns = 2 * math.pi * x.unsqueeze(-1) * self.weight
        if self.bias is not None:
            return (turns + self.bias).cos()
        return torch.cat([turns.cos(), turns.sin()], -1)
'''
)

_LINEAR = TorchDefinition(
    '''\
class LinearPerFeature(nn.Module):
    """Has a linear layer for the vector of each feature, whose weights begin as init says."""

    def __init__(self, features, inputs, outputs, bias=True, init=lambda layer: layer):
        super().__init__()
        layers = [init(nn.Linear(inputs, outputs, bias=bias)) for _ in range(features)]
        self.weight = nn.Parameter(torch.stack([one.weight.detach() for one in layers]))
        self.bias = None
        if bias:
            self.bias = nn.Parameter(torch.stack([one.bias.detach() for one in layers]))

    def forward(self, x):
        y = torch.einsum("...fi,foi->...fo", x, self.weight)
        return y if self.bias is None else y + self.bias
'''
)
