"""Activations: functions that nearly all take each number by itself, and their derivatives."""

from netlang.catalogue.layers.activations.rectifiers import *
from netlang.catalogue.layers.activations.self_gated import *
from netlang.catalogue.layers.activations.sigmoids import *
from netlang.catalogue.layers.activations.smooth_rectifiers import *
from netlang.catalogue.layers.activations.softmax import *
from netlang.catalogue.layers.activations.split_gates import *
