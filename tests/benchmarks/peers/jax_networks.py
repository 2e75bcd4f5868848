"""The networks in JAX, with pictures' channels innermost, as XLA likes them best on a CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from tests.benchmarks.workloads import Floats, Workload

HEADS = 4
relu, tanh = jax.nn.relu, jnp.tanh


class Passage:
    """What a network takes on its way, one after the other: weights, masks and statistics.

    ``masks`` are those of dropout, none in evaluation. ``measured`` are the statistics behind a
    batch: of each norm its running mean and variance.
    """

    def __init__(
        self, weights: Sequence[Array], statistics: Sequence[Array], masks: Sequence[Array] | None
    ) -> None:
        self.in_training = masks is not None
        self._weights, self._statistics = iter(weights), iter(statistics)
        self._masks: Iterator[Array] = iter(() if masks is None else masks)
        self.measured: list[Array] = []

    def table(self) -> Array:
        """A vector for each token, or place."""
        return next(self._weights).T

    def linear(self, x: Array, bias: bool = True) -> Array:
        y = x @ next(self._weights)
        return y + next(self._weights) if bias else y

    def convolution(self, x: Array, padding: int, stride: int = 1, bias: bool = False) -> Array:
        pads = [(padding, padding)] * 2
        kinds = ("NHWC", "HWIO", "NHWC")
        strides = (stride, stride)
        weight = next(self._weights)
        y = lax.conv_general_dilated(x, weight, strides, pads, dimension_numbers=kinds)
        return y + next(self._weights) if bias else y

    def batch_norm(self, x: Array) -> Array:
        """Over all dimensions but the last one."""
        weight, bias = next(self._weights), next(self._weights)
        mean, variance = next(self._statistics), next(self._statistics)
        if self.in_training:
            count, others = x.size // x.shape[-1], tuple(range(x.ndim - 1))
            running = mean, variance
            mean, variance = jnp.mean(x, others), jnp.var(x, others)
            unbiased = variance * (count / (count - 1))
            for kept, new in zip(running, (mean, unbiased), strict=True):
                self.measured.append(0.9 * kept + 0.1 * lax.stop_gradient(new))
        scale = weight * lax.rsqrt(variance + 1e-5)
        return x * scale + (bias - mean * scale)

    def layer_norm(self, x: Array) -> Array:
        weight, bias = next(self._weights), next(self._weights)
        mean, variance = jnp.mean(x, -1, keepdims=True), jnp.var(x, -1, keepdims=True)
        return (x - mean) * lax.rsqrt(variance + 1e-5) * weight + bias

    def dropout(self, x: Array) -> Array:
        return x * next(self._masks) if self.in_training else x

    def gru(self, x: Array) -> Array:
        """The last state.  Shape: [N, T, in] -> [N, hidden]."""
        w_x, w_h, b_x, b_h = (next(self._weights) for _ in range(4))
        of_inputs = jnp.swapaxes(x, 0, 1) @ w_x + b_x

        def step(h: Array, p: Array) -> tuple[Array, None]:
            q = h @ w_h + b_h
            p_r, p_z, p_n = jnp.split(p, 3, -1)
            q_r, q_z, q_n = jnp.split(q, 3, -1)
            z = jax.nn.sigmoid(p_z + q_z)
            n = tanh(p_n + jax.nn.sigmoid(p_r + q_r) * q_n)
            return n + z * (h - n), None

        last, _ = lax.scan(step, jnp.zeros((len(x), len(w_h))), of_inputs)
        return last

    def attention(self, x: Array) -> Array:
        """Causal, of x itself.  Shape: [N, T, width] -> [N, T, width]."""
        weights, biases = ([next(self._weights) for _ in range(4)] for _ in range(2))
        qkv = x @ jnp.concatenate(weights[:3], 1) + jnp.concatenate(biases[:3])
        q, k, v = (part.reshape(*x.shape[:2], HEADS, -1) for part in jnp.split(qkv, 3, -1))
        y = jax.nn.dot_product_attention(q, k, v, is_causal=True)
        return y.reshape(x.shape) @ weights[3] + biases[3]


Network = Callable[[Passage, Array], Array]


def model1(n: Passage, x: Array) -> Array:
    x = relu(n.linear(x))
    x = relu(n.dropout(n.linear(x)))
    x = relu(n.linear(x))
    return tanh(n.linear(x))


def model2(n: Passage, x: Array) -> Array:
    x = relu(n.linear(x))
    x = jax.nn.elu(n.dropout(n.linear(x)))
    x = relu(n.dropout(n.linear(x)))
    return jax.nn.softmax(n.linear(x))


def classifier(workload: Workload) -> Network:
    def network(n: Passage, x: Array) -> Array:
        for _ in range(workload.sizes["depth"] + 1):
            x = relu(n.linear(x))
        return n.linear(x)

    return network


def residual(workload: Workload) -> Network:
    def network(n: Passage, x: Array) -> Array:
        x = relu(n.linear(x))
        for _ in range(workload.sizes["depth"]):
            x = relu(x + n.linear(relu(n.linear(x))))
        return jax.nn.softmax(n.linear(x))

    return network


def pooled(x: Array) -> Array:
    """Means of two by two neighbours."""
    batch, height, width, channels = x.shape
    return x.reshape(batch, height // 2, 2, width // 2, 2, channels).mean((2, 4))


def lenet(n: Passage, x: Array) -> Array:
    x = pooled(tanh(n.convolution(x, padding=2, bias=True)))
    x = pooled(tanh(n.convolution(x, padding=0, bias=True)))
    x = jnp.moveaxis(x, 3, 1).reshape(len(x), -1)  # as the weights behind it have it
    return n.linear(tanh(n.linear(tanh(n.linear(x)))))


def resnet8(n: Passage, x: Array) -> Array:
    x = relu(n.batch_norm(n.convolution(x, padding=1)))
    for stride in (1, 2, 2):
        shortcut = x
        if stride > 1:
            shortcut = n.batch_norm(n.convolution(x, padding=0, stride=stride))
        x = relu(n.batch_norm(n.convolution(x, padding=1, stride=stride)))
        x = relu(shortcut + n.batch_norm(n.convolution(x, padding=1)))
    return n.linear(x.mean((1, 2)))


def gru(n: Passage, x: Array) -> Array:
    return n.linear(n.gru(x))


def transformer(workload: Workload) -> Network:
    def network(n: Passage, x: Array) -> Array:
        x = n.table()[x] + n.table()
        for _ in range(workload.sizes["depth"]):
            x = x + n.attention(n.layer_norm(x))
            x = x + n.linear(jax.nn.gelu(n.linear(n.layer_norm(x)), approximate=False))
        return n.linear(n.layer_norm(x))

    return network


def tabular(n: Passage, x: Array) -> Array:
    for _ in range(2):
        x = n.dropout(relu(n.batch_norm(n.linear(x, bias=False))))
    return n.linear(x)


NETWORKS: dict[str, Network] = {
    "model1": model1,
    "model2": model2,
    "lenet": lenet,
    "resnet8": resnet8,
    "gru": gru,
    "tabular": tabular,
}
OF_A_DEPTH = {"classifier": classifier, "residual": residual, "transformer": transformer}


def network(workload: Workload) -> Network:
    if workload.twin in OF_A_DEPTH:
        return OF_A_DEPTH[workload.twin](workload)
    return NETWORKS[workload.twin]


def statistics(workload: Workload) -> list[Array]:
    """The running mean and variance of each batch norm at first."""
    return [start for n in workload.batch_norms for start in (jnp.zeros(n), jnp.ones(n))]


def laid_out(weights: Sequence[Floats]) -> list[Array]:
    """The weights as these networks take them: [in, out], and of a window [*window, in, out]."""
    return [jnp.asarray(w.transpose(2, 3, 1, 0) if w.ndim == 4 else w.T) for w in weights]


def as_in_the_file(weights: Sequence[Array]) -> list[Floats]:
    """The reverse of ``laid_out``."""
    return [np.asarray(w.transpose(3, 2, 0, 1) if w.ndim == 4 else w.T) for w in weights]
