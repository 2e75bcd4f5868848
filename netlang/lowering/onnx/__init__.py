"""``@lowers(ReLU)`` says a layer in ONNX, ``to_onnx`` a trained network with its pipeline."""

from netlang.lowering.onnx import activations as activations
from netlang.lowering.onnx import attention as attention
from netlang.lowering.onnx import convolutions as convolutions
from netlang.lowering.onnx import dropout as dropout
from netlang.lowering.onnx import ends as ends
from netlang.lowering.onnx import inputs as inputs
from netlang.lowering.onnx import joins as joins
from netlang.lowering.onnx import linear as linear
from netlang.lowering.onnx import members as members
from netlang.lowering.onnx import normalization as normalization
from netlang.lowering.onnx import over_time as over_time
from netlang.lowering.onnx import per_feature as per_feature
from netlang.lowering.onnx import pools as pools
from netlang.lowering.onnx import positions as positions
from netlang.lowering.onnx import recurrent as recurrent
from netlang.lowering.onnx import resizing as resizing
from netlang.lowering.onnx import scale as scale
from netlang.lowering.onnx import shaping as shaping
from netlang.lowering.onnx import tokens as tokens
from netlang.lowering.onnx.lowerings import Own as Own
from netlang.lowering.onnx.lowerings import lowers as lowers
from netlang.lowering.onnx.model import to_onnx as to_onnx
from netlang.lowering.onnx.values import Value as Value
from netlang.lowering.onnx.values import concat as concat
from netlang.lowering.onnx.values import constant as constant
from netlang.lowering.onnx.values import op as op
