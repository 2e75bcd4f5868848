"""Recurrent layers in PyTorch: torch's own, which give one tensor here."""

from __future__ import annotations

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.language.shapes import Shape
from netlang.lowering.python.text import literal
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers

_OPTIONS = "num_layers", "nonlinearity", "bias", "dropout", "bidirectional"


@lowers(RNN)
@lowers(GRU)
@lowers(LSTM)
def recurrent(layer: RNN | GRU | LSTM, x: Shape) -> TorchModule:
    options = [
        f", {one.name}={literal(layer.values[one.name])}"
        for one in layer.arguments
        if one.name in _OPTIONS and layer.values[one.name] != one.default
    ]
    name, definition = _class(layer, layer.output)
    if layer.dropout:
        name, definition = _dropping(layer, name, definition)
    sizes = f"{layer.input_size}, {layer.hidden_size}{''.join(options)}"
    return TorchModule(f"{name}({sizes}, batch_first=True)", uses=(definition,))


def _class(layer: RNN | GRU | LSTM, output: str) -> tuple[str, TorchDefinition]:
    """The class of a module that gives its states at all steps, or at the last one: its name and
    its definition.
    """
    base, uses = _OF_OUTPUT[output]
    name = f"{base}{layer.name}"
    return name, TorchDefinition(
        f"class {name}({base}, nn.{layer.name}):\n    pass\n", uses=(uses,)
    )


def _dropping(
    layer: RNN | GRU | LSTM, last: str, definition: TorchDefinition
) -> tuple[str, TorchDefinition]:
    """The class of one that drops numbers between its layers, where the last is another's."""
    inner, inner_definition = _class(layer, "all")
    name = f"Dropping{last}"
    uses = dict.fromkeys((_DROPPING, inner_definition, definition))
    parts = f"    inner, last = {inner}, {last}\n"
    source = f"class {name}(Dropping, nn.{layer.name}):\n{parts}"
    return name, TorchDefinition(source, uses=tuple(uses))


_DROPPING = TorchDefinition(
    '''\
class Dropping:
    """A recurrent module that drops numbers between its layers, each of which is one by itself:
    an inner one, or the last.
    """

    def __init__(self, inputs, width, num_layers, dropout, **options):
        super().__init__(inputs, width, num_layers, **options)
        kinds = [self.inner] * (num_layers - 1) + [self.last]
        sizes = [inputs] + [width * (1 + self.bidirectional)] * (num_layers - 1)
        self.dropping = nn.ModuleList(nn.Dropout(dropout) for _ in kinds[1:])
        self.layers = [
            kind(size, width, device="meta", **options) for kind, size in zip(kinds, sizes)
        ]

    def forward(self, x, lengths=None):
        for number, layer in enumerate(self.layers):
            x = self.dropping[number - 1](x) if number else x
            weights = {
                name: getattr(self, name.replace("_l0", f"_l{number}"))
                for name, _ in layer.named_parameters()
            }
            x = torch.func.functional_call(layer, weights, (x, lengths))
        return x
'''
)

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
