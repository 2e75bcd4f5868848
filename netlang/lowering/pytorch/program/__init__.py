"""A program as a file of PyTorch: each file here writes one of the definitions that stand in it."""

from netlang.lowering.pytorch.program.export import MODULES as MODULES
from netlang.lowering.pytorch.program.export import Exported as Exported
from netlang.lowering.pytorch.program.export import to_pytorch as to_pytorch
from netlang.lowering.pytorch.program.trained import to_trained_pytorch as to_trained_pytorch
