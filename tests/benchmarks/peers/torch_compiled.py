"""PyTorch compiled, by what is fastest on a CPU of all that ``torch.compile`` can take.

Where it can be, that is the whole step as one graph of inductor's, with gradients and optimizer.
Compiling the model with its loss and ``optimizer.step`` apart leaves autograd's own engine between
two graphs, and is several times slower on small networks. Three things make the difference:
gradients by ``torch.func.grad``, so that there is one graph; all weights in one vector, so that the
graph has few inputs to check and the optimizer is one loop; and inductor's C++ wrapper.

It cannot be where a norm keeps running statistics, which ``torch.func.grad`` refuses, nor for
recurrent layers: these stay as they are between two graphs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad

from tests.benchmarks.peers import torch_nn
from tests.benchmarks.peers.torch_networks import weights
from tests.benchmarks.peers.torch_nn import Criterion, Fused, Stepwise
from tests.benchmarks.workloads import LEARNING_RATE, Floats, Workload

Step = Callable[[Tensor, Tensor], None]
Update = Callable[[Tensor], None]
Gradient = Callable[[Tensor, Tensor, Tensor], Tensor]  # of weights, inputs and targets


def fastest(workload: Workload) -> Stepwise:
    if workload.batch_norms or workload.twin == "gru":
        return CompiledLoss(workload)
    return Compiled(workload)


class CompiledLoss(Fused):
    """Network and loss are compiled, forwards and backwards; the optimizer is the fused one."""

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        torch.compiler.reset()
        model, criterion = self.model, self.criterion
        self.loss = torch.compile(lambda x, t: criterion(model(x), t), dynamic=False)

    def step(self, x: Tensor, t: Tensor) -> None:
        self.optimizer.zero_grad()
        self.loss(x, t).backward()
        self.optimizer.step()


class Compiled(Stepwise):
    """A step is one call of a function that changes weights and the optimizer's state in place."""

    def __init__(self, workload: Workload) -> None:
        super().__init__(workload)
        torch.compiler.reset()
        self.vector = nn.utils.parameters_to_vector(self.model.parameters()).detach()
        gradient = grad(loss_of_vector(self.model, self.criterion))
        update = OPTIMIZERS[workload.optimizer](self.vector)
        self.compiled = compiled_step(self.vector, gradient, update)

    def step(self, x: Tensor, t: Tensor) -> None:
        self.compiled(x, t)

    def weights(self) -> list[Floats]:
        nn.utils.vector_to_parameters(self.vector, self.model.parameters())
        return [weight.numpy().copy() for weight in weights(self.model)]


def loss_of_vector(
    module: nn.Module, criterion: Criterion
) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """The loss as a function of all weights in a row."""
    shapes = {name: parameter.shape for name, parameter in module.named_parameters()}
    sizes = [shape.numel() for shape in shapes.values()]

    def loss(vector: Tensor, x: Tensor, t: Tensor) -> Tensor:
        parts = zip(shapes.items(), vector.split(sizes), strict=True)
        weights = {name: part.view(shape) for (name, shape), part in parts}
        return criterion(functional_call(module, weights, (x,)), t)

    return loss


def compiled_step(vector: Tensor, gradient: Gradient, update: Update) -> Step:
    @torch.no_grad()
    def whole(x: Tensor, t: Tensor) -> None:
        update(gradient(vector, x, t))

    options: dict[str, Any] = {"cpp_wrapper": True}
    return torch.compile(whole, fullgraph=True, dynamic=False, options=options)


def sgd(vector: Tensor) -> Update:
    def update(gradient: Tensor) -> None:
        vector.sub_(gradient, alpha=LEARNING_RATE)

    return update


def adam(vector: Tensor) -> Update:
    mean, square, steps = torch.zeros_like(vector), torch.zeros_like(vector), torch.zeros(())

    def update(gradient: Tensor) -> None:
        steps.add_(1)
        mean.lerp_(gradient, 1 - 0.9)
        square.mul_(0.999).addcmul_(gradient, gradient, value=1 - 0.999)
        root = (square / (1 - 0.999**steps)).sqrt() + 1e-8
        vector.sub_(LEARNING_RATE * (mean / (1 - 0.9**steps)) / root)

    return update


OPTIMIZERS: dict[str, Callable[[Tensor], Update]] = {"SGD": sgd, "Adam": adam}


class Evaluated(torch_nn.Evaluated):
    """The network as one graph, with its weights as constants."""

    def runner(self, model: nn.Module) -> Callable[[Tensor], Floats]:
        torch.compiler.reset()
        model.requires_grad_(False)
        return super().runner(torch.compile(model, dynamic=False, options={"freezing": True}))
