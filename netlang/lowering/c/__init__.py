"""Training steps in C: ``@lowers(ReLU)`` says a layer in C, ``generator`` writes the whole."""

from netlang.lowering.c import activations as activations
from netlang.lowering.c import dropout as dropout
from netlang.lowering.c import inputs as inputs
from netlang.lowering.c import joins as joins
from netlang.lowering.c import linear as linear
from netlang.lowering.c import losses as losses
from netlang.lowering.c import optimizers as optimizers
from netlang.lowering.c import scale as scale
from netlang.lowering.c import shaping as shaping
from netlang.lowering.c.lowerings import lowers as lowers
