"""Who trains, and who predicts: one line for each contestant, and what it has to be able to do."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol, cast

from tests.benchmarks.workloads import Floats, Workload


class Trainer(Protocol):
    """A workload's network in training, made from the workload with all its data and weights."""

    def train(self, epochs: int) -> None:
        """So many passes over the samples, each in an order of its own; done when it returns."""

    def weights(self) -> list[Floats]:
        """The weights as they are now, shaped and ordered as the workload's parameters."""


class Predictor(Protocol):
    """A workload's network with the weights of its start, and dropout off."""

    def predict(self) -> Floats:
        """Its outputs for all samples of the workload."""


class CannotTake(Exception):
    """A contestant cannot take part, for the reason that it gives."""


def is_one_sample(workload: Workload) -> bool:
    return workload.samples == 1


def takes_pictures(workload: Workload) -> bool:
    return workload.takes_pictures


def is_linear(workload: Workload) -> bool:
    return workload.is_linear


@dataclass(frozen=True)
class Contestant:
    """``name`` heads a column; ``module`` has a ``maker``, which makes a ``Trainer`` or a
    ``Predictor`` of a workload that it ``takes``, or raises ``CannotTake``.
    """

    name: str
    module: str
    maker: str
    packages: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    takes: Callable[[Workload], bool] = lambda workload: True

    @property
    def missing(self) -> list[str]:
        """What it needs and is not installed."""
        packages = [package for package in self.packages if find_spec(package) is None]
        return packages + [program for program in self.programs if not shutil.which(program)]

    def trainer(self, workload: Workload) -> Trainer:
        return cast(Trainer, self._made(workload))

    def predictor(self, workload: Workload) -> Predictor:
        return cast(Predictor, self._made(workload))

    def _made(self, workload: Workload) -> object:
        maker = getattr(importlib.import_module(f"tests.benchmarks.{self.module}"), self.maker)
        return maker(workload)


NETLANG = (
    Contestant("tensor", "netlang_engine", "Tensor"),
    Contestant("native", "netlang_engine", "Native", programs=("cc",)),
)

PEERS = (
    Contestant("torch.nn", "peers.torch_nn", "Eager"),
    Contestant("fused", "peers.torch_nn", "Fused"),
    Contestant("channels last", "peers.torch_nn", "ChannelsLast", takes=takes_pictures),
    Contestant("compiled", "peers.torch_compiled", "fastest", programs=("c++",)),
    Contestant("JAX", "peers.jax_scanned", "trainer", packages=("jax", "optax")),
)

PRODUCTS = Contestant("torch.mm", "bound", "mm", takes=is_linear)
BOUND = Contestant("bound", "bound", "bound", programs=("cc",))
PEAK = Contestant("at peak", "bound", "at_peak", programs=("cc",))

CONTESTANTS = (*NETLANG, *PEERS, PRODUCTS, BOUND)
BY_NAME = {contestant.name: contestant for contestant in CONTESTANTS}

PREDICTORS = (
    Contestant("tensor", "netlang_engine", "OnTensors"),
    Contestant("native", "netlang_engine", "InC", programs=("cc",)),
    Contestant("exported C", "exported_c", "Exported", programs=("cc",), takes=is_one_sample),
    Contestant("torch.nn", "peers.torch_nn", "Evaluated"),
    Contestant("channels last", "peers.torch_nn", "EvaluatedChannelsLast", takes=takes_pictures),
    Contestant("compiled", "peers.torch_compiled", "Evaluated", programs=("c++",)),
    Contestant("JAX", "peers.jax_scanned", "Evaluated", packages=("jax", "optax")),
    Contestant("onnxruntime", "peers.onnx_runtime", "Runtime", packages=("onnx", "onnxruntime")),
)
