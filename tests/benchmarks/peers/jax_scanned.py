"""JAX with optax: an epoch is one compiled function, its steps a ``lax.scan``.

What was tried and is no faster: indexing the data within the scan, unrolling it, drawing masks
step by step, other generators of random bits, and permuting by JAX.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array

from tests.benchmarks.workloads import LEARNING_RATE, Floats, Workload

Layer = tuple[Array, Array]  # weight [in, out], bias [out]
Layers = Sequence[Layer]
Forward = Callable[[Layers, Array, Array], Array]
State = tuple[Layers, Any]
Epoch = Callable[[State, Array, Any, Array, Array], tuple[State, Array]]
relu = jax.nn.relu


def linear(layer: Layer, x: Array) -> Array:
    weight, bias = layer
    return x @ weight + bias


def model1(layers: Layers, x: Array, masks: Array) -> Array:
    x = relu(linear(layers[0], x))
    x = relu(linear(layers[1], x) * masks[0])
    x = relu(linear(layers[2], x))
    return jnp.tanh(linear(layers[3], x))


def model2(layers: Layers, x: Array, masks: Array) -> Array:
    x = relu(linear(layers[0], x))
    x = jax.nn.elu(linear(layers[1], x) * masks[0])
    x = relu(linear(layers[2], x) * masks[1])
    return jax.nn.softmax(linear(layers[3], x))


def classifier(layers: Layers, x: Array, masks: Array) -> Array:
    *hidden, last = layers
    for layer in hidden:
        x = relu(linear(layer, x))
    return linear(last, x)


def residual(layers: Layers, x: Array, masks: Array) -> Array:
    first, *hidden, last = layers
    x = relu(linear(first, x))
    for one, two in zip(hidden[::2], hidden[1::2], strict=True):
        x = relu(x + linear(two, relu(linear(one, x))))
    return jax.nn.softmax(linear(last, x))


def squares(y: Array, t: Array) -> Array:
    return jnp.sum((y - t) ** 2)


def cross_entropy(y: Array, t: Array, eps: float = 1e-2) -> Array:
    return -jnp.sum(t * jnp.log(y + eps) + (1 - t) * jnp.log(1 - y + eps)) / len(y)


def softmax_cross_entropy(y: Array, t: Array) -> Array:
    return jnp.mean(optax.softmax_cross_entropy_with_integer_labels(y, t))


FORWARD: dict[str, Forward] = {
    "model1": model1,
    "model2": model2,
    "classifier": classifier,
    "residual": residual,
}
CRITERIA: dict[str, Callable[[Array, Array], Array]] = {
    "model1": squares,
    "model2": cross_entropy,
    "classifier": softmax_cross_entropy,
    "residual": cross_entropy,
}
DROPOUTS = {"model1": 1, "model2": 2}  # layers of them, each behind 25 units


class Scanned:
    """One call for an epoch, to which weights and the optimizer's state are given away."""

    def __init__(self, workload: Workload) -> None:
        self.samples, self.draw = workload.samples, np.random.default_rng(2)
        self.key = jax.random.key(0)
        inputs, labels = (jnp.asarray(part) for part in workload.data())
        self.inputs, self.targets = inputs, labels
        if workload.twin != "classifier":
            self.targets = jax.nn.one_hot(labels, workload.widths[-1])
        weights = [jnp.asarray(weight) for weight in workload.weights()]
        layers = [(w.T, b) for w, b in zip(weights[::2], weights[1::2], strict=True)]
        make = {"SGD": optax.sgd, "Adam": optax.adam}[workload.optimizer]
        optimizer = make(LEARNING_RATE)
        self.state: State = (layers, optimizer.init(layers))
        self.epoch = epoch(workload, optimizer)

    def train(self, epochs: int) -> None:
        for _ in range(epochs):
            order = self.draw.permutation(self.samples)
            self.state, self.key = self.epoch(
                self.state, self.key, order, self.inputs, self.targets
            )
        jax.block_until_ready(self.state)

    def weights(self) -> list[Floats]:
        layers, _ = self.state
        return [np.asarray(part) for weight, bias in layers for part in (weight.T, bias)]


def epoch(workload: Workload, optimizer: optax.GradientTransformation) -> Epoch:
    """A compiled epoch: (state, key, order, inputs, targets) -> (state, key)."""
    forward, criterion = FORWARD[workload.twin], CRITERIA[workload.twin]
    keep, layers = 1 - workload.dropout, DROPOUTS.get(workload.twin, 0)
    of_masks = (workload.steps, layers, workload.batch, 25)

    def loss(layers: Layers, x: Array, t: Array, masks: Array) -> Array:
        return criterion(forward(layers, x, masks), t)

    def step(state: State, batch: tuple[Array, Array, Array]) -> tuple[State, None]:
        layers, kept = state
        gradients = jax.grad(loss)(layers, *batch)
        updates, kept = optimizer.update(gradients, kept, layers)
        return (optax.apply_updates(layers, updates), kept), None

    @partial(jax.jit, donate_argnums=(0, 1))
    def whole(
        state: State, key: Array, order: Array, inputs: Array, targets: Array
    ) -> tuple[State, Array]:
        key, drawn = jax.random.split(key)
        masks = jax.random.bernoulli(drawn, keep, of_masks) / keep
        order = order.reshape(workload.steps, workload.batch)
        state, _ = jax.lax.scan(step, state, (inputs[order], targets[order], masks))
        return state, key

    compiled: Epoch = whole
    return compiled
