"""Exports: ``@lowers(ReLU)`` says a layer in PyTorch, ``to_pytorch`` a program as a file of it."""

from netlang.lowering.pytorch import activations as activations
from netlang.lowering.pytorch import arrays as arrays
from netlang.lowering.pytorch import convolutions as convolutions
from netlang.lowering.pytorch import data as data
from netlang.lowering.pytorch import dropout as dropout
from netlang.lowering.pytorch import inputs as inputs
from netlang.lowering.pytorch import joins as joins
from netlang.lowering.pytorch import linear as linear
from netlang.lowering.pytorch import losses as losses
from netlang.lowering.pytorch import metrics as metrics
from netlang.lowering.pytorch import normalization as normalization
from netlang.lowering.pytorch import optimizers as optimizers
from netlang.lowering.pytorch import over_time as over_time
from netlang.lowering.pytorch import pools as pools
from netlang.lowering.pytorch import recurrent as recurrent
from netlang.lowering.pytorch import resizing as resizing
from netlang.lowering.pytorch import shaping as shaping
from netlang.lowering.pytorch import stopping as stopping
from netlang.lowering.pytorch import table as table
from netlang.lowering.pytorch import text as text
from netlang.lowering.pytorch import tokens as tokens
from netlang.lowering.pytorch.lowerings import lowers as lowers
from netlang.lowering.pytorch.program import MODULES as MODULES
from netlang.lowering.pytorch.program import Exported as Exported
from netlang.lowering.pytorch.program import to_pytorch as to_pytorch
