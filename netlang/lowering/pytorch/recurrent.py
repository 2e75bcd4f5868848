"""Recurrent layers in PyTorch: torch's own, which give one tensor here."""

from __future__ import annotations

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.python import literal

_OPTIONS = "num_layers", "nonlinearity", "bias", "bidirectional"


@lowers(RNN)
@lowers(GRU)
@lowers(LSTM)
def recurrent(layer: RNN | GRU | LSTM, x: Shape) -> TorchModule:
    options = [
        f", {one.name}={literal(layer.values[one.name])}"
        for one in layer.arguments
        if one.name in _OPTIONS and layer.values[one.name] != one.default
    ]
    base, uses = _OF_OUTPUT[layer.output]
    name = f"{base}{layer.name}"
    kind = TorchDefinition(f"class {name}({base}, nn.{layer.name}):\n    pass\n", uses=(uses,))
    sizes = f"{layer.input_size}, {layer.hidden_size}{''.join(options)}"
    return TorchModule(f"{name}({sizes}, batch_first=True)", uses=(kind,))


_PACKED = TorchDefinition(
    '''\
def packed(x, lengths):
    """The sequences in x without what is behind their ends."""
    return nn.utils.rnn.pack_padded_sequence(
        x, lengths.cpu(), batch_first=True, enforce_sorted=False
    )
'''
)

_OF_OUTPUT = {
    "all": (
        "Steps",
        TorchDefinition(
            '''\
class Steps:
    """A recurrent module that gives its states at all steps, 0 behind the ends of sequences."""

    def forward(self, x, lengths=None):
        if lengths is None:
            return super().forward(x)[0]
        states, _ = super().forward(packed(x, lengths))
        return nn.utils.rnn.pad_packed_sequence(
            states, batch_first=True, total_length=x.shape[1]
        )[0]
''',
            uses=(_PACKED,),
        ),
    ),
    "last": (
        "Last",
        TorchDefinition(
            '''\
class Last:
    """A recurrent module that gives its last states, of both directions if it has both."""

    def forward(self, x, lengths=None):
        _, kept = super().forward(x if lengths is None else packed(x, lengths))
        states = kept[0] if isinstance(kept, tuple) else kept
        return torch.cat([*states[-2 if self.bidirectional else -1 :]], -1)
''',
            uses=(_PACKED,),
        ),
    ),
}
