"""Tables in PyTorch: an exported file reads their rows, and makes netlang's samples of them."""

from netlang.lowering.pytorch.data.tables import table as table
