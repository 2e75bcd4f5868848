"""A network of several members in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers.members import (
    EachMember,
    MeanOfMembers,
    MemberLinear,
    OwnLinear,
    mean_of_members,
)
from netlang.language.shapes import Shape
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchExpression, TorchModule
from netlang.lowering.pytorch.initial import initialised
from netlang.lowering.pytorch.lowerings import lowers


@lowers(EachMember)
def each_member(layer: EachMember, x: Shape) -> TorchExpression:
    return TorchExpression(f"x.repeat_interleave({layer.members}, 0)")


@lowers(MemberLinear)
def member_linear(layer: MemberLinear, x: Shape) -> TorchModule:
    more = f"{layer.members}, signs=True" if layer.signs else f"{layer.members}"
    linear = _linear(layer)
    return TorchModule(f"MemberLinear({linear.text}, {more})", uses=(*linear.uses, _MEMBER))


@lowers(OwnLinear)
def own_linear(layer: OwnLinear, x: Shape) -> TorchModule:
    linear = _linear(layer)
    text = f"OwnLinear(*[{linear.text} for _ in range({layer.members})])"
    return TorchModule(text, uses=(*linear.uses, _OWN))


@lowers(MeanOfMembers)
def mean(layer: MeanOfMembers, x: Shape) -> TorchModule:
    parts = [*zip(layer.by, layer.sizes, layer.classes, strict=True)]
    text = f"MeanOfMembers({layer.members}, {literal(parts)})"
    return TorchModule(text, uses=(TorchDefinition.of(mean_of_members), _MEAN))


def _linear(layer: MemberLinear | OwnLinear) -> TorchModule:
    bias = "" if layer.with_bias else ", bias=False"
    return initialised(f"nn.Linear({layer.in_features}, {layer.out_features}{bias})", layer.init)


_MEMBER = TorchDefinition(
    '''\
class MemberLinear(nn.Module):
    """A linear layer that all members share, where each has factors and a bias of its own.

    A sample is as many rows as there are members.
    """

    def __init__(self, linear, members, signs=False):
        super().__init__()
        self.weight, self.bias = linear.weight, None
        if linear.bias is not None:
            self.bias = nn.Parameter(linear.bias.detach().repeat(members, 1))
        first = torch.ones(members, linear.in_features)
        if signs:
            first = first.bernoulli_(0.5) * 2 - 1
        self.r = nn.Parameter(first)
        self.s = nn.Parameter(torch.ones(members, linear.out_features))

    def forward(self, x):
        rows = x.unflatten(0, (-1, len(self.r)))

        def each(one):
            return one.view(len(one), *[1] * (rows.dim() - 3), -1)

        y = ((rows * each(self.r)) @ self.weight.T) * each(self.s)
        return (y if self.bias is None else y + each(self.bias)).flatten(0, 1)
'''
)

_OWN = TorchDefinition(
    '''\
class OwnLinear(nn.Module):
    """Linear layers, one for each member; a sample is as many rows as there are members."""

    def __init__(self, *layers):
        super().__init__()
        self.weight = nn.Parameter(torch.stack([one.weight.detach() for one in layers]))
        self.bias = None
        if layers[0].bias is not None:
            self.bias = nn.Parameter(torch.stack([one.bias.detach() for one in layers]))

    def forward(self, x):
        rows = x.unflatten(0, (-1, len(self.weight)))
        y = torch.einsum("nm...i,moi->nm...o", rows, self.weight)
        if self.bias is not None:
            y = y + self.bias.view(len(self.bias), *[1] * (y.dim() - 3), -1)
        return y.flatten(0, 1)
'''
)

_MEAN = TorchDefinition(
    '''\
class MeanOfMembers(nn.Module):
    """What all members of a sample say together; a loss compares each with the target."""

    def __init__(self, members, parts):
        super().__init__()
        self.members, self.parts = members, parts

    def forward(self, x):
        means, begin = [], 0
        for by, size, classes in self.parts:
            part = x.flatten(1)[:, begin : begin + size]
            part = part.reshape(-1, self.members, size // classes, classes)
            means.append(mean_of_members(part, by).flatten(1))
            begin += size
        y = torch.cat(means, 1).view(-1, *x.shape[1:])
        if self.training:
            y.of_members = x
        return y
'''
)
