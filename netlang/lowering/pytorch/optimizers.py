"""The optimizers in PyTorch."""

from __future__ import annotations

from netlang.catalogue.optimizers import (
    LBFGS,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Lion,
    Muon,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
)
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchOptimizer
from netlang.lowering.pytorch.lowerings import lowers


@lowers(SGD)
@lowers(LBFGS)
@lowers(RMSprop)
@lowers(Adagrad)
@lowers(Adadelta)
@lowers(Adam)
@lowers(AdamW)
@lowers(NAdam)
@lowers(RAdam)
def of_torch(optimizer: Optimizer) -> TorchOptimizer:
    """The optimizer of the same name; arguments that have their defaults go without saying, but
    for the learning rate.
    """
    return TorchOptimizer(f"optim.{optimizer.name}", _arguments(optimizer))


@lowers(Lion)
def lion(optimizer: Lion) -> TorchOptimizer:
    return TorchOptimizer("Lion", _arguments(optimizer), (TorchDefinition(_LION),))


@lowers(Muon)
def muon(optimizer: Muon) -> TorchOptimizer:
    uses = (TorchDefinition(_MUON, uses=(OPTIMIZERS,)),)
    return TorchOptimizer("Muon", _arguments(optimizer), uses, by_shape=True)


def _arguments(optimizer: Optimizer) -> dict[str, str]:
    """What torch takes: both betas as one argument."""
    changed = {one.name for one in optimizer.arguments if optimizer.values[one.name] != one.default}
    found = {}
    for name in optimizer.step_arguments:
        value = optimizer.values[name]
        if name == "beta1" and changed & {"beta1", "beta2"}:
            found["betas"] = f"({value!r}, {optimizer.values['beta2']!r})"
        elif name == "lr" or (name in changed and name not in ("beta2", "decay_biases")):
            found[name] = literal(value)
    return found


_LION = '''\
class Lion(optim.Optimizer):
    """Each weight moves by lr, against the sign of a running mean (Chen et al. 2023)."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        arguments = {"lr": lr, "betas": betas, "weight_decay": weight_decay}
        super().__init__(params, arguments)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr = group["betas"], group["lr"]
            for w in group["params"]:
                if w.grad is None:
                    continue
                m = self.state[w].setdefault("m", torch.zeros_like(w))
                w.mul_(1 - lr * group["weight_decay"])
                w.sub_(lr * torch.sign(beta1 * m + (1 - beta1) * w.grad))
                m.mul_(beta2).add_(w.grad, alpha=1 - beta2)
'''

OPTIMIZERS = TorchDefinition('''\
class Optimizers(optim.Optimizer):
    """Optimizers that step together, each of weights of its own."""

    def __init__(self, *optimizers):
        self.optimizers = optimizers
        groups = [group for one in optimizers for group in one.param_groups]
        super().__init__(groups, {})  # the same groups, so that a schedule reaches all

    def step(self):
        for one in self.optimizers:
            one.step()
''')

_MUON = '''\
class Muon(Optimizers):
    """Torch's Muon of matrices, and AdamW of all other weights."""

    def __init__(self, weights, adam_lr=3e-4, weight_decay=0.1, **arguments):
        groups = [*weights]
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        matrices, others = [], []
        for group in groups:
            for w in group["params"]:
                (matrices if w.ndim == 2 else others).append({**group, "params": [w]})
        made = []
        if matrices:
            made.append(optim.Muon(matrices, weight_decay=weight_decay, **arguments))
        if others:
            made.append(optim.AdamW(others, lr=adam_lr, weight_decay=weight_decay))
        super().__init__(*made)
'''
