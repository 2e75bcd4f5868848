"""How exactly each layer does what it promises: ``python -m tests.catalogue.layers.table``.

It prints a row for each layer, with the worst relative error of its examples over three seeds, in
float64: of its backward pass against central differences, of both passes against torch's autograd
through an oracle, and of both against the layer that an export says, as it is trained and as it is
evaluated. ``float32`` is how far both passes are from those in float64 in 32 bits.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import torch
from torch import Tensor, nn

from netlang.catalogue.modules import Layer, Statistic
from netlang.engine.network import Network
from tests.catalogue.layers.oracles import ORACLES
from tests.catalogue.layers.test_conformance import (
    LAYERS,
    LOWERED,
    SEEDS,
    Samples,
    backward,
    differences,
    inputs,
    layer_of,
    relative,
)
from tests.graphs import behind_linears
from tests.lowering.pytorch.written import alone, weights, written

CHECKS = "differences", "autograd", "trained", "evaluated", "float32"

Case = tuple[type[Layer], str, Samples]


def against_differences(case: Case) -> float:
    layer, x = layer_of(*case[1:]), inputs(case[2])
    dy = torch.randn_like(layer.forward(*x))
    layer.zero_grad()
    dx = [one if one is None else one.clone() for one in backward(layer, dy)]

    def loss() -> Tensor:
        return (layer.forward(*x) * dy).sum()

    pairs = [(found, x[at]) for at, found in enumerate(dx) if found is not None]
    pairs.append((layer.gradients.clone(), layer.parameters))
    return max(relative(found, differences(loss, of)) for found, of in pairs)


def against_autograd(case: Case) -> float:
    layer, x = layer_of(*case[1:]), inputs(case[2])
    y = layer.forward(*x)
    dy = torch.randn_like(y)
    layer.zero_grad()
    dx = backward(layer, dy)
    ours = [gradient.clone() for _, gradient in layer.param()]
    twin_x = [one.clone().requires_grad_() for one in x]
    twins = [weight.clone().requires_grad_() for weight, _ in layer.param()]
    for name, weight in zip(layer.declared_weights(), twins, strict=True):
        vars(layer)[name] = weight
    twin_y = ORACLES[case[0].name](layer, *twin_x)
    options = {"allow_unused": True, "materialize_grads": True}
    theirs = torch.autograd.grad(twin_y, [*twin_x, *twins], dy, **options)
    found = zip([y, *dx, *ours], [twin_y.detach(), *theirs], strict=True)
    return max(relative(one, other) for one, other in found if one is not None)


def against_export(case: Case, training: bool) -> float:
    item, text, samples = case
    layer = layer_of(text, samples)
    if layer.draws and training:
        return float("nan")  # each draws its own
    graph = behind_linears(item.declared(layer.values), samples)
    exported, code = written(alone(graph))
    network, model = Network(graph, 0).to(torch.float64), code.Model().double()
    assert isinstance(network, Network)
    network.parameters.normal_()
    pairs = [*weights(network, exported, model)]
    network.train(training)
    model.train(training)
    x = torch.rand(5, *graph.input.sizes, dtype=torch.float64)
    if isinstance(tokens := graph.input.vocabulary, int):
        x = (x * tokens).floor()
    given = x.clone().requires_grad_()
    y, found = network.forward(x), model(given)
    dy = torch.rand_like(y)
    network.zero_grad()
    dx = network.backward(dy)
    if found.requires_grad:
        found.backward(dy)
    errors = [relative(y, found.detach())]
    if given.grad is not None:
        errors.append(relative(dx, given.grad))
    errors += [relative(a, torch.zeros_like(a) if b.grad is None else b.grad) for a, b in pairs]
    errors += _of_statistics(network, exported.modules, model)
    return max(errors)


def _of_statistics(network: Network, modules: dict[int, str], model: nn.Module) -> Iterator[float]:
    for number, place in modules.items():
        layer, theirs = network.modules[number], model.get_submodule(place)
        for name, one in layer.tensors().items():
            if isinstance(one, Statistic):
                yield relative(getattr(layer, name), getattr(theirs, name))


def in_float32(case: Case) -> float:
    layer, x = layer_of(*case[1:]), inputs(case[2])
    y = layer.forward(*x)
    dy = torch.randn_like(y)
    layer.zero_grad()
    exact = [y, *backward(layer, dy), layer.gradients.clone()]
    single = copy.deepcopy(layer).to(torch.float32)
    masks = getattr(single, "masks", None)
    if layer.draws and masks is None:
        single.masks = layer.masks  # type: ignore[attr-defined]
    y = single.forward(*(one.float() for one in x))
    single.zero_grad()
    found = [y, *backward(single, dy.float()), single.gradients]
    pairs = zip(found, exact, strict=True)
    return max(relative(a.double(), b) for a, b in pairs if a is not None and b is not None)


def worst(check: Callable[[Case], float], cases: Sequence[Case]) -> str:
    found = []
    for case in cases:
        for seed in SEEDS:
            torch.manual_seed(seed)
            found.append(check(case))
    known = [one for one in found if one == one]
    return f"{max(known):.0e}" if known else "-"


def main() -> None:
    lowered = {id(case) for case in LOWERED}
    of_layer = groupby(LAYERS, key=lambda case: case.values[0])
    print(f"| {'layer':20} | examples | {' | '.join(f'{one:>11}' for one in CHECKS)} |")
    print(f"|{'-' * 22}|{'-' * 10}|{'|'.join(['-' * 13] * len(CHECKS))}|")
    for item, found in of_layer:
        params = [*found]
        cases = [case.values for case in params]
        exported = [case.values for case in params if id(case) in lowered]
        row = [
            worst(against_differences, cases),
            worst(against_autograd, cases),
            worst(lambda case: against_export(case, True), exported),
            worst(lambda case: against_export(case, False), exported),
            worst(in_float32, cases),
        ]
        print(f"| {item.name:20} | {len(cases):8} | {' | '.join(f'{one:>11}' for one in row)} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
