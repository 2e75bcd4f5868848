"""Exports: ``@lowers(ReLU)`` says a layer in NumPy."""

from netlang.lowering.numpy import activations as activations
from netlang.lowering.numpy import attention as attention
from netlang.lowering.numpy import linear as linear
from netlang.lowering.numpy import members as members
from netlang.lowering.numpy import norms as norms
from netlang.lowering.numpy import recurrent as recurrent
from netlang.lowering.numpy import sequences as sequences
from netlang.lowering.numpy import shaping as shaping
from netlang.lowering.numpy import windows as windows
from netlang.lowering.numpy.lowerings import NumpyCall as NumpyCall
from netlang.lowering.numpy.lowerings import lowers as lowers
from netlang.lowering.numpy.program import to_numpy as to_numpy
