"""The losses in C: what each adds to the gradient of the outputs."""

from netlang.lowering.c.losses import classes as classes
from netlang.lowering.c.losses import elements as elements
from netlang.lowering.c.losses import pairs as pairs
from netlang.lowering.c.losses import sums as sums
