"""What a state_dict tells of its network: sizes of layers, and no order, activation or stride.

Of torchvision's residual networks the names tell the rest. Of others layers are taken to follow
each other, which their sizes confirm or refute.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netlang.imports.foreign_graph import ForeignGraph, ForeignInput, ForeignLayer
from netlang.imports.refused import Refused
from netlang.imports.state_dict.file import Module, modules_of
from netlang.imports.state_dict.resnet import is_resnet, resnet

UNKNOWN = "activation unknown: ReLU assumed"
_WRITE = "write the network as a .net file, and name it by `--into`: it gets these weights"
_GUESSED = (
    "A state_dict says no activations, strides, paddings and pools: look at each line, and compare "
    "with the code that made it."
)


def read_state_dict(path: Path, data: bytes, input: tuple[int, ...] | None = None) -> ForeignGraph:
    """The network that may have such weights, for samples of the shape ``input``.

    Raises Refused.
    """
    modules = modules_of(data)
    if is_resnet(modules):
        return resnet(path.stem, modules, input)
    chain = _Chain(input)
    for module in modules:
        chain.add(module)
    return ForeignGraph(
        path.stem,
        (ForeignInput("x", chain.input, tokens=chain.tokens),),
        tuple(chain.layers),
        (chain.layers[-1].name,),
        remarks=(_GUESSED,),
    )


class _Chain:
    """Layers that follow each other; ``width`` is what the last one gives."""

    def __init__(self, input: tuple[int, ...] | None) -> None:
        self.input = input
        self.layers: list[ForeignLayer] = []
        self.width: int | None = None
        self.tokens: int | None = None
        self._last = ""  # the last module
        self._rank = 0  # dimensions of a sample behind the channels
        self._waits = False  # whether an activation is due before the next layer with weights

    def add(self, module: Module) -> None:
        """Raises Refused."""
        kind = module.kind
        if not kind or kind == "Attention":
            what = ", ".join(f"`{name}` {[*one.shape]}" for name, one in module.tensors.items())
            raise Refused(f"nobody can tell what `{module.name}` is, with {what}", _WRITE)
        getattr(self, f"_{kind.lower()}")(module)
        self._last = module.name

    def _put(
        self,
        name: str,
        call: str,
        arguments: Mapping[str, Any],
        tensors: Any = None,
        remark: str = "",
    ) -> None:
        before = (self.layers[-1].name,) if self.layers else ("x",)
        own = ForeignLayer(
            name or "layer", call, before, arguments, tensors=tensors or {}, remark=remark
        )
        self.layers.append(own)

    def _activated(self) -> None:
        if self._waits:
            name = f"{self.layers[-1].name}.activation"
            self._put(name, "ReLU", {}, remark=UNKNOWN)
        self._waits = False

    def _follows(self, module: Module, takes: int) -> None:
        """Raises Refused where the last layer gives another number of features."""
        if self.width is not None and self.width != takes:
            before = self._last
            raise Refused(
                f"its layers do not follow each other: `{before}` gives {self.width} features, and "
                f"`{module.name}` takes {takes}",
                _WRITE,
            )

    def _begin(self, shape: tuple[int, ...] | None, what: str) -> None:
        if self.layers:
            return
        self.input = self.input or shape
        if self.input is None:
            raise Refused(f"it does not say how large {what} are", "say it by `--input`")

    def _linear(self, module: Module) -> None:
        outputs, inputs = module.shape("weight")
        self._begin((inputs,), "samples")
        self._activated()
        if self._rank and self.width:
            if inputs == self.width:
                self._put(f"{module.name}.pool", "GlobalAvgPool", {})
            elif inputs % self.width == 0:
                self._fit(module, inputs // self.width)
                self._put(f"{module.name}.flatten", "Flatten", {})
                self.width = inputs
            self._rank = 0
        self._follows(module, inputs)
        about = {"in_features": inputs, "out_features": outputs}
        if "bias" not in module.tensors:
            about["bias"] = False
        self._put(module.name, "Linear", about, module.tensors)
        self.width, self._waits = outputs, True

    def _fit(self, module: Module, places: int) -> None:
        """Let convolutions have no padding, if so many places are left of a picture then.

        Raises Refused where there are as many in neither way.
        """
        assert self.input
        sizes, bare = [*self.input[1:]], [*self.input[1:]]
        for layer in self.layers:
            if layer.call.startswith("Conv"):
                kernel = layer.arguments["kernel_size"]
                each = kernel if isinstance(kernel, tuple) else (kernel,) * len(sizes)
                bare = [size - int(one) + 1 for size, one in zip(bare, each, strict=True)]  # type: ignore[arg-type]
                even = [int(one) % 2 == 0 for one in each]  # type: ignore[arg-type]
                sizes = [size + more for size, more in zip(sizes, even, strict=True)]
        if math.prod(sizes) == places:
            return
        if math.prod(bare) != places:
            raise Refused(
                f"`{module.name}` takes {places} places of each channel, and convolutions that "
                f"keep the size leave {math.prod(sizes)}: it does not say its strides and pools",
                _WRITE,
            )
        for at, layer in enumerate(self.layers):
            plain = {key: one for key, one in layer.arguments.items() if key != "padding"}
            self.layers[at] = layer.replace(arguments=plain)

    def _conv(self, module: Module, axes: int) -> None:
        outputs, inputs, *kernel = module.shape("weight")
        self._begin(None, "pictures" if axes == 2 else "sequences")
        self._activated()
        groups = 1
        if self.width and self.width != inputs and self.width % inputs == 0:
            groups = self.width // inputs
        self._follows(module, inputs * groups)
        about: dict[str, Any] = {"in_channels": inputs * groups, "out_channels": outputs}
        about["kernel_size"] = kernel[0] if len({*kernel}) == 1 else tuple(kernel)
        halves = [size // 2 for size in kernel]
        if any(halves):
            about["padding"] = halves[0] if len({*halves}) == 1 else tuple(halves)
        if groups > 1:
            about["groups"] = groups
        if "bias" not in module.tensors:
            about["bias"] = False
        self._put(module.name, f"Conv{axes}d", about, module.tensors)
        self.width, self._rank, self._waits = outputs, axes, True

    def _conv1d(self, module: Module) -> None:
        self._conv(module, 1)

    def _conv2d(self, module: Module) -> None:
        self._conv(module, 2)

    def _batchnorm(self, module: Module) -> None:
        size = module.shape("running_mean")[0]
        self._begin((size,), "samples")
        self._follows(module, size)
        about: dict[str, Any] = {"num_features": size}
        if "weight" not in module.tensors:
            about["affine"] = False
        self._put(module.name, "BatchNorm", about, module.tensors)
        self.width = size

    def _layernorm(self, module: Module) -> None:
        (size,) = module.shape("weight")
        self._begin((size,), "samples")
        self._follows(module, size)
        about: dict[str, Any] = {"normalized_shape": size}
        if "bias" not in module.tensors:
            about["bias"] = False
        self._put(module.name, "LayerNorm", about, module.tensors)
        self.width = size

    def _embedding(self, module: Module) -> None:
        rows, width = module.shape("weight")
        if self.layers:
            raise Refused(f"`{module.name}` is a table of tokens, and not the first layer", _WRITE)
        self._begin(None, "sequences of tokens")
        about = {"num_embeddings": rows, "embedding_dim": width}
        self._put(module.name, "Embedding", about, module.tensors)
        self.width, self.tokens = width, rows

    def _recurrent(self, module: Module, call: str) -> None:
        names: Sequence[str] = [*module.tensors]
        width, inputs = module.shape("weight_hh_l0")[1], module.shape("weight_ih_l0")[1]
        self._begin(None, "sequences")
        self._follows(module, inputs)
        both = any(name.endswith("_reverse") for name in names)
        layers = sum(name.startswith("weight_ih_l") and "_reverse" not in name for name in names)
        about: dict[str, Any] = {"input_size": inputs, "hidden_size": width}
        about |= {"num_layers": layers} if layers > 1 else {}
        about |= {"bidirectional": True} if both else {}
        about |= {} if "bias_ih_l0" in names else {"bias": False}
        self._put(module.name, call, about, module.tensors)
        self.width, self._waits = width * (1 + both), False

    def _rnn(self, module: Module) -> None:
        self._recurrent(module, "RNN")

    def _gru(self, module: Module) -> None:
        self._recurrent(module, "GRU")

    def _lstm(self, module: Module) -> None:
        self._recurrent(module, "LSTM")
