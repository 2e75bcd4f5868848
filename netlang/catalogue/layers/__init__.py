"""Layers: each file is a family, each class a layer, its mathematics and its arguments."""

from netlang.catalogue.layers.activations import *
from netlang.catalogue.layers.dropout import *
from netlang.catalogue.layers.joins import *
from netlang.catalogue.layers.linear import *
from netlang.catalogue.layers.shaping import *
from netlang.catalogue.layers.wiring import *
