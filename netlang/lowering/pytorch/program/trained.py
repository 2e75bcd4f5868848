"""A trained network as a file of PyTorch, and one of its weights."""

from __future__ import annotations

from collections.abc import Mapping

from netlang.lowering.python.text import literal
from netlang.lowering.python.trained_file import NetworkText, trained_file
from netlang.lowering.pytorch.counterparts import TorchDefinition
from netlang.lowering.pytorch.model import Model
from netlang.lowering.pytorch.program.kept_weights import paths_of
from netlang.lowering.pytorch.program.written import with_uses
from netlang.lowering.trained import TrainedProgram


def to_trained_pytorch(trained: TrainedProgram, stem: str) -> Mapping[str, bytes]:
    """``stem``.py, whose ``load()`` gives an ``nn.Module``, and ``stem``.safetensors beside it.

    Raises Unsupported.
    """
    from safetensors.torch import save

    model = Model(trained.program.graph, trained=True)
    weights = f"{stem}.safetensors"
    needed = [*with_uses([*model.uses, TorchDefinition(model.source)])]
    text = NetworkText(
        language="PyTorch",
        needs="torch, safetensors and NumPy",
        constants=[],
        definitions=[*dict.fromkeys(one.source for one in needed), _load(model, weights), _NETWORK],
        applied="network(x)",
        imports=sorted({line for one in needed for line in one.imports}),
    )
    source = trained_file(trained, text, stem, weights)
    paths, kept = paths_of(model), {}
    for name, tensor in trained.tensors.items():
        layer, _, own = name.rpartition(".")
        if layer in paths:  # the output depends on it
            kept[f"{paths[layer]}.{own}"] = tensor.contiguous()
    return {f"{stem}.py": source.encode(), weights: save(kept)}


def _load(model: Model, weights: str) -> str:
    tied = "".join(
        f"    weights[{literal(own)}] = weights[{literal(other)}]\n"
        for own, other in model.tied_weights.items()
    )
    return f'''\
@cache
def load():
    """The model with its weights, as it answers: without dropout."""
    weights = load_file(Path(__file__).with_name({literal(weights)}))
    model = Model()
{tied}\
    model.load_state_dict(weights)
    return model.eval()
'''


_NETWORK = '''\
def network(x):
    """What the model gives for its inputs, as arrays of NumPy."""
    with torch.no_grad():
        return load()(torch.from_numpy(x)).numpy()
'''
