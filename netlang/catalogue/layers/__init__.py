"""Layers: each file is a family, each class a layer, its mathematics and its arguments."""

from netlang.catalogue.layers.activation import *
from netlang.catalogue.layers.dropout import *
from netlang.catalogue.layers.join import *
from netlang.catalogue.layers.layer import Layer as Layer
from netlang.catalogue.layers.linear import *
from netlang.catalogue.layers.module import Module as Module
from netlang.catalogue.layers.sequential import Sequential as Sequential
from netlang.catalogue.layers.shaping import *
from netlang.catalogue.layers.wiring import *
