"""Arrays in PyTorch: what reads them, and ``load_data``, which they have in common."""

from netlang.lowering.pytorch.data.arrays import arrays as arrays
from netlang.lowering.pytorch.data.arrays import idx as idx
from netlang.lowering.pytorch.data.arrays import images as images
from netlang.lowering.pytorch.data.arrays import sklearn_set as sklearn_set
