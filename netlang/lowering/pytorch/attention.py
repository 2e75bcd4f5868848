"""Attention in PyTorch."""

from __future__ import annotations

from netlang.catalogue.layers import Attention
from netlang.language.shapes import Shape
from netlang.lowering.pytorch.counterparts import TorchDefinition, TorchModule
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.positions import ROTATED


@lowers(Attention)
def attention(layer: Attention, *x: Shape) -> TorchModule:
    options = {
        "kv_heads": layer.num_kv_heads,
        "memory_features": layer.kdim,
        "causal": layer.causal or None,
        "dropout": layer.dropout or None,
        "bias": None if layer.bias else False,
        "base": layer.base if layer.rotary else None,
        "padded": x[-1].padded or None,
    }
    given = "".join(f", {name}={one}" for name, one in options.items() if one is not None)
    text = f"Attention({layer.embed_dim}, {layer.num_heads}{given})"
    return TorchModule(text, uses=(_ATTENTION,))


_ATTENTION = TorchDefinition(
    '''\
class Attention(nn.Module):
    """softmax(q k^T / sqrt(d)) v in heads. Keys and values come from a memory if there is one.
    With a base, queries and keys turn with the position. What keys and values come from may be
    padded: the last input then says how long its sequences are.
    """

    def __init__(
        self,
        features,
        heads,
        kv_heads=None,
        memory_features=None,
        causal=False,
        dropout=0.0,
        bias=True,
        base=None,
        padded=False,
    ):
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads or heads
        self.causal, self.base, self.padded = causal, base, padded
        self.dropping = nn.Dropout(dropout)
        kv = self.kv_heads * (features // heads)
        taken = memory_features or features
        shapes = {
            "q": (features, features),
            "k": (kv, taken),
            "v": (kv, taken),
            "out": (features, features),
        }
        for name, shape in shapes.items():
            weight = nn.init.xavier_uniform_(torch.empty(shape))
            self.register_parameter(f"{name}_weight", nn.Parameter(weight))
            own = nn.Parameter(torch.zeros(shape[0])) if bias else None
            self.register_parameter(f"{name}_bias", own)

    def forward(self, x, *others):
        others, lengths = (others[:-1], others[-1]) if self.padded else (others, None)
        memory = others[0] if others else x
        q = F.linear(x, self.q_weight, self.q_bias)
        k = F.linear(memory, self.k_weight, self.k_bias)
        v = F.linear(memory, self.v_weight, self.v_bias)
        q = q.unflatten(2, (self.heads, -1)).transpose(1, 2)
        k, v = (one.unflatten(2, (self.kv_heads, -1)).transpose(1, 2) for one in (k, v))
        if self.base:
            q, k = (rotated(one, *rotations(one, self.base)) for one in (q, k))
        k, v = (one.repeat_interleave(self.heads // self.kv_heads, 1) for one in (k, v))
        scores = q @ k.mT / math.sqrt(q.shape[3])
        if self.causal:
            later = scores.new_ones(scores.shape[2:], dtype=torch.bool).triu(1)
            scores = scores.masked_fill(later, -math.inf)
        if self.padded:
            places = torch.arange(scores.shape[3], device=scores.device)
            behind = places >= lengths.unsqueeze(1)
            scores = scores.masked_fill(behind[:, None, None], -math.inf)
        o = (self.dropping(scores.softmax(3)) @ v).transpose(1, 2).flatten(2)
        y = F.linear(o, self.out_weight, self.out_bias)
        if self.padded and not others:
            y = y.masked_fill(behind.unsqueeze(2), 0)
        return y
''',
    uses=(ROTATED,),
)
