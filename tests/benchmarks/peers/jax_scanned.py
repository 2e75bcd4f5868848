"""JAX with optax: an epoch is one compiled function, its steps a ``lax.scan``.

Steps of convolutions are called one by one, as XLA's are many times slower within a loop on a CPU.
What was tried and is no faster: indexing the data within the scan, unrolling it, drawing masks
step by step, other generators of random bits, and permuting by JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from tests.benchmarks.peers.jax_networks import (
    Passage,
    as_in_the_file,
    laid_out,
    network,
    statistics,
)
from tests.benchmarks.pieces import in_pieces
from tests.benchmarks.workloads import LEARNING_RATE, Floats, Workload

Arrays = Sequence[Array]
Criterion = Callable[[Array, Array], Array]
State = tuple[Arrays, Arrays, Any]  # weights, statistics of batch norms, and the optimizer's own
Epoch = Callable[[State, Array, Any, Array, Array], tuple[State, Array]]


def squares(y: Array, t: Array) -> Array:
    return jnp.sum((y - t) ** 2)


def cross_entropy(y: Array, t: Array, eps: float = 1e-2) -> Array:
    return -jnp.sum(t * jnp.log(y + eps) + (1 - t) * jnp.log(1 - y + eps)) / len(y)


def of_classes(y: Array, t: Array) -> Array:
    return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(y, t))


CRITERIA: dict[str, Criterion] = {
    "model1": squares,
    "model2": cross_entropy,
    "residual": cross_entropy,
}


def trainer(workload: Workload) -> Scanned:
    return Stepwise(workload) if workload.takes_pictures else Scanned(workload)


class Scanned:
    """One call for an epoch, to which weights and the optimizer's state are given away."""

    def __init__(self, workload: Workload) -> None:
        self.samples, self.draw = workload.samples, np.random.default_rng(2)
        self.key = jax.random.key(0)
        inputs, labels = (jnp.asarray(part) for part in workload.data())
        self.inputs, self.targets = inputs, labels
        if workload.takes_pictures:
            self.inputs = jnp.moveaxis(inputs, 1, -1)
        if workload.twin in CRITERIA:
            self.targets = jax.nn.one_hot(labels, workload.classes)
        weights = laid_out(workload.weights())
        make = {"SGD": optax.sgd, "Adam": optax.adam}[workload.optimizer]
        optimizer = make(LEARNING_RATE)
        self.state: State = (weights, statistics(workload), optimizer.init(weights))
        self.calls = self.calls_of_an_epoch(workload)
        self.work = compiled(replace(workload, samples=self.samples // self.calls), optimizer)

    def calls_of_an_epoch(self, workload: Workload) -> int:
        return 1

    def train(self, epochs: int) -> None:
        for _ in range(epochs):
            order = self.draw.permutation(self.samples)
            for numbers in order.reshape(self.calls, -1):
                self.state, self.key = self.work(
                    self.state, self.key, numbers, self.inputs, self.targets
                )
        jax.block_until_ready(self.state)

    def weights(self) -> list[Floats]:
        weights, *_ = self.state
        return as_in_the_file(weights)


class Stepwise(Scanned):
    """One call for a step."""

    def calls_of_an_epoch(self, workload: Workload) -> int:
        return workload.steps


def compiled(workload: Workload, optimizer: optax.GradientTransformation) -> Epoch:
    """All steps with these samples: (state, key, order, inputs, targets) -> (state, key)."""
    forward, criterion = network(workload), CRITERIA.get(workload.twin, of_classes)
    keep, steps = 1 - workload.dropout, (workload.steps, workload.batch)

    def loss(
        weights: Arrays, measured: Arrays, x: Array, t: Array, masks: Arrays
    ) -> tuple[Array, Arrays]:
        passage = Passage(weights, measured, masks)
        return criterion(forward(passage, x), t), passage.measured

    def step(state: State, batch: tuple[Array, Array, Arrays]) -> tuple[State, None]:
        weights, measured, kept = state
        gradients, measured = jax.grad(loss, has_aux=True)(weights, measured, *batch)
        updates, kept = optimizer.update(gradients, kept, weights)
        return (optax.apply_updates(weights, updates), measured, kept), None

    @partial(jax.jit, donate_argnums=(0, 1))
    def whole(
        state: State, key: Array, order: Array, inputs: Array, targets: Array
    ) -> tuple[State, Array]:
        key, *drawn = jax.random.split(key, 1 + len(workload.dropouts))
        masks = [
            jax.random.bernoulli(one, keep, (*steps, width)) / keep
            for one, width in zip(drawn, workload.dropouts, strict=True)
        ]
        order = order.reshape(steps)
        batches = inputs[order], targets[order], masks
        if workload.steps > 1:
            state, _ = jax.lax.scan(step, state, batches)
        else:
            state, _ = step(state, jax.tree.map(lambda every: every[0], batches))
        return state, key

    made: Epoch = whole
    return made


class Evaluated:
    """The network as one call."""

    def __init__(self, workload: Workload) -> None:
        forward, weights = network(workload), laid_out(workload.weights())
        measured = statistics(workload)
        inputs = jnp.asarray(workload.data()[0])
        if workload.takes_pictures:
            inputs = jnp.moveaxis(inputs, 1, -1)
        whole = jax.jit(lambda weights, x: forward(Passage(weights, measured, None), x))
        self.predict = in_pieces(lambda x: np.asarray(whole(weights, x)), inputs)
