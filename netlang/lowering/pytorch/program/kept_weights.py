"""The definitions that read weights which netlang has kept: ``load_weights`` and ``begin``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from netlang.compiler.ir import Beginning
from netlang.lowering.python.text import literal, statement
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.paths import constant


def load_weights(model: Model) -> TorchDefinition:
    """The definition of ``load_weights``: netlang calls a layer by the name of its node."""
    tied = "".join(
        f"        kept[{literal(weight)}] = kept[{literal(other)}]\n"
        for weight, other in model.tied_weights.items()
    )
    paths = _dictionary("paths", paths_of(model))
    return TorchDefinition(_LOAD_WEIGHTS.format(paths=paths, tied=tied))


def begin(beginning: Beginning, model: Model, folder: Path) -> TorchDefinition:
    """The definition of ``begin``, which gives a model the weights that it begins with."""
    paths, taken = paths_of(model), {}
    for name in beginning.taken:
        layer, _, own = name.rpartition(".")
        if layer in paths:  # the output depends on it
            taken[name] = f"{paths[layer]}.{own}"
    start = constant("START", beginning.file.path, folder)
    source = _BEGIN.format(start=start, taken=_dictionary("taken", taken))
    return TorchDefinition(source, ("from pathlib import Path",))


def paths_of(model: Model) -> dict[str, str]:
    """The path of each module with tensors, by the name of its node."""
    nodes = model.graph.nodes
    return {
        nodes[number].name: path
        for number, path in model.paths.items()
        if nodes[number].layer.tensors() and not nodes[number].shares
    }


def _dictionary(variable: str, texts: Mapping[str, str]) -> str:
    """The lines of a function that define a dictionary."""
    text = ", ".join(f"{literal(key)}: {literal(value)}" for key, value in texts.items())
    return statement(4, f"{variable} = ", f"{{{text}}}") + "\n"


_LOAD_WEIGHTS = '''\
def load_weights(model, file):
    """Give the model the weights of a model.safetensors, which netlang has written; file may
    also be the folder of a run, which holds it.
    """
    from pathlib import Path

    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if Path(file).is_dir():
        file = Path(file) / "model.safetensors"
{paths}    kept = {{}}
    try:
        for name, tensor in load_file(file).items():
            layer, _, own = name.rpartition(".")
            kept[f"{{paths[layer]}}.{{own}}"] = tensor
{tied}        model.load_state_dict(kept)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        sys.exit(f"cannot use the weights in {{file}}: {{error}}")
'''

_BEGIN = '''\
{start}


def begin(model):
    """Give the model those weights that it begins with; the others are left as they are drawn."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

{taken}    try:
        kept = load_file(START)
        weights = {{own: kept[name] for name, own in taken.items()}}
        model.load_state_dict(weights, strict=False)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        sys.exit(f"cannot begin with the weights in {{START}}: {{error}}")
'''
