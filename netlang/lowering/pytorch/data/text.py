"""Text in PyTorch: an exported file reads it again, and cuts it into samples as netlang does."""

from __future__ import annotations

from pathlib import Path

from netlang.catalogue.data import Text
from netlang.catalogue.data.pipeline.text_pipeline import windows
from netlang.lowering.pytorch.counterparts import TorchData, TorchDefinition
from netlang.lowering.pytorch.lowerings import lowers
from netlang.lowering.pytorch.paths import above, constant


@lowers(Text)
def text(data: Text, folder: Path) -> TorchData:
    (read,) = data.files
    sizes = data.sizes()
    samples = "\n".join(
        f'        "{name}": windows(parts[{index}], {data.context}, {data.stride_in(name)}),'
        for index, (name, size) in enumerate(sizes.items())
        if size > data.context
    )
    source = f'''\
{above(constant("FILE", read.path, folder))}\
def load_data(seed):
    """The text in samples, with the token that comes next at each of their places."""
{_BYTES if data.by == "bytes" else _CHARACTERS}\
    parts = tokens.split({[*sizes.values()]})
    return {{
{samples}
    }}
'''
    return TorchData(
        TorchDefinition(source, ("from pathlib import Path",), (TorchDefinition.of(windows),))
    )


_BYTES = """\
    tokens = torch.tensor(list(FILE.read_bytes()))
"""

_CHARACTERS = """\
    text = FILE.read_bytes().decode("utf-8-sig")
    places = {symbol: place for place, symbol in enumerate(sorted(set(text)))}
    tokens = torch.tensor([places[symbol] for symbol in text])
"""
