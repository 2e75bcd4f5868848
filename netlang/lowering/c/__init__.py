"""Training steps and trained networks in C: each layer, loss and optimizer has a function.

``@lowers(ReLU)`` says a layer in C to train it, and ``@computes(Conv2d)`` to compute it alone.
``generator`` writes a whole training step, ``inference`` a whole trained network.
"""

from netlang.lowering.c import activations as activations
from netlang.lowering.c import attention as attention
from netlang.lowering.c import attention_training as attention_training
from netlang.lowering.c import batch_norm as batch_norm
from netlang.lowering.c import convolutions as convolutions
from netlang.lowering.c import descent as descent
from netlang.lowering.c import dropout as dropout
from netlang.lowering.c import ends as ends
from netlang.lowering.c import inputs as inputs
from netlang.lowering.c import joins as joins
from netlang.lowering.c import layer_norms as layer_norms
from netlang.lowering.c import linear as linear
from netlang.lowering.c import losses as losses
from netlang.lowering.c import members as members
from netlang.lowering.c import normalization as normalization
from netlang.lowering.c import optimizers as optimizers
from netlang.lowering.c import over_time as over_time
from netlang.lowering.c import per_feature as per_feature
from netlang.lowering.c import pools as pools
from netlang.lowering.c import positions as positions
from netlang.lowering.c import recurrence as recurrence
from netlang.lowering.c import recurrent as recurrent
from netlang.lowering.c import resizing as resizing
from netlang.lowering.c import scale as scale
from netlang.lowering.c import shaping as shaping
from netlang.lowering.c import tokens as tokens
from netlang.lowering.c.lowerings import computes as computes
from netlang.lowering.c.lowerings import lowers as lowers
