"""Layers that PyTorch has under the same name, with the same arguments."""

from __future__ import annotations

from netlang.catalogue.arguments import PlainValue
from netlang.catalogue.modules import Layer
from netlang.lowering.python.text import literal


def alike(layer: Layer, without: tuple[str, ...] = ()) -> str:
    """The call of the layer of ``torch.nn``, such as ``nn.Conv2d(3, 16, 5, stride=2)``, except for
    the arguments that it is ``without`` there. Those at their defaults are left out.
    """
    texts = []
    for argument, value in zip(layer.arguments, layer.values.values(), strict=True):
        if argument.required:
            texts.append(_literal(value))
        elif value != argument.default and argument.name not in without:
            texts.append(f"{argument.name}={_literal(value)}")
    return f"nn.{layer.name}({', '.join(texts)})"


def _literal(value: PlainValue) -> str:
    return repr(value) if isinstance(value, tuple) else literal(value)
