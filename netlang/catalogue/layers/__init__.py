"""Layers: each file has a family, and each class a layer with its mathematics and arguments."""

from netlang.catalogue.layers.activations import *
from netlang.catalogue.layers.attention import *
from netlang.catalogue.layers.convolutions import *
from netlang.catalogue.layers.dropout import *
from netlang.catalogue.layers.inputs import *
from netlang.catalogue.layers.joins import *
from netlang.catalogue.layers.linear import *
from netlang.catalogue.layers.normalization import *
from netlang.catalogue.layers.over_time import *
from netlang.catalogue.layers.per_feature import *
from netlang.catalogue.layers.pools import *
from netlang.catalogue.layers.positions import *
from netlang.catalogue.layers.recurrent import *
from netlang.catalogue.layers.resizing import *
from netlang.catalogue.layers.scale import *
from netlang.catalogue.layers.shaping import *
from netlang.catalogue.layers.tokens import *
from netlang.catalogue.layers.wiring import *
