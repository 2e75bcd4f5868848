"""The metrics in PyTorch."""

from netlang.lowering.pytorch.metrics import classes as classes
from netlang.lowering.pytorch.metrics import counts as counts
from netlang.lowering.pytorch.metrics import matrix as matrix
from netlang.lowering.pytorch.metrics import probabilities as probabilities
from netlang.lowering.pytorch.metrics import ranking as ranking
from netlang.lowering.pytorch.metrics import values as values
