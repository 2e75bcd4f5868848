"""Layers: each file is a family, each class a layer, its mathematics and its arguments."""

from netlang.modules.activation import *
from netlang.modules.dropout import *
from netlang.modules.join import *
from netlang.modules.linear import *
from netlang.modules.module import Layer as Layer
from netlang.modules.module import Module as Module
from netlang.modules.sequential import Sequential as Sequential
from netlang.modules.shaping import *
from netlang.modules.wiring import *
