"""What users of other frameworks look for and netlang does not have: no misspelt names."""

from __future__ import annotations

import re

_ACTIVATIONS = ("ReLU", "Tanh", "Sigmoid", "SeLU", "SiLU", "Softmax")
_ABSENT = "netlang has no `{}`: "
_KNOWN = (
    (
        "Sequential|Model|ModuleList|Stack|Chain|Compose",
        "layers in a row are joined by `->`: `Linear(2, 25) -> ReLU -> Linear(25, 2)`",
    ),
    (r"(Lazy)?Conv(Transpose)?\d?d?", "netlang has no convolutions"),
    (r"\w+Pool(ing)?\d?d?", "netlang has no pooling"),
    (r"\w*Norm(alization)?\d?d?", "netlang has no normalization layers"),
    (
        r"LSTM|GRU|RNN|\w+Cell",
        _ABSENT + "`shared cell = ...` and `cell * 5` use one network five times",
    ),
    (r"Embedding|\w*Attention|Transformer\w*", "netlang has no embeddings and no attention"),
    ("Flatten|Reshape|Permute|View", _ABSENT + "a layer works on the last dimension as it is"),
    ("LogSoftmax", _ABSENT + "leave it out, and take `loss = SoftmaxCrossEntropy`"),
    ("Swish", _ABSENT + "with a β of 1 it is `SiLU`"),
    (
        r"GELU|LeakyReLU|[PR]ReLU|ReLU6|CELU|Mish|Soft(plus|sign)|Hard\w+",
        _ABSENT + "its activations are `ReLU`, `Tanh`, `Sigmoid`, `SeLU` and `SiLU`",
    ),
    (
        "AdamW|Adamax|NAdam|RMSProp|Ada(grad|delta)|LBFGS|Lion",
        _ABSENT + "its optimizers are `SGD` and `Adam`",
    ),
    (
        r"\w*(Huber|L1|KLDiv|Hinge|Triplet|Cosine\w*)(Loss)?",
        _ABSENT + "its losses are `MSE`, `CrossEntropy` and `SoftmaxCrossEntropy`",
    ),
)
_RUNS = (
    "a file says what is trained and how, and `netlang run FILE` does it: `epochs = 3` is a setting"
)
_CALLS = (
    (r"\w*(train|fit|run|compile|evaluate|predict|backward|step|zero_grad)\w*", _RUNS),
    (r"(manual_|set_|random_)*seed", "write `seed = 0` on a line of its own"),
    (
        "print|summary|info",
        "`netlang summary FILE` shows the network, and `netlang run FILE` trains it",
    ),
    (
        r"(save|load)\w*",
        "trained weights are not kept yet; `netlang run FILE` keeps all it measures",
    ),
    (
        r"plot\w*|show|draw",
        "`netlang run FILE` draws how training went, `netlang graph FILE` a network",
    ),
    ("add|append|add_module|extend", "layers in a row are joined by `->`: `Linear(2, 25) -> ReLU`"),
)
_OF_CALLS = [(re.compile(names, re.IGNORECASE), text) for names, text in _CALLS]
_PATTERNS = [(re.compile(names, re.IGNORECASE), text) for names, text in _KNOWN]


def activation(name: str) -> str | None:
    """The activation that other frameworks call ``name``."""
    return next((one for one in _ACTIVATIONS if one.lower() == name.lower()), None)


def help_for(name: str) -> str | None:
    """What to do instead of using ``name``, if another framework has it."""
    return next((text.format(name) for names, text in _PATTERNS if names.fullmatch(name)), None)


def help_for_call(name: str) -> str | None:
    """What to do instead of calling ``name``, if programs in other languages do that."""
    return next((text for names, text in _OF_CALLS if names.fullmatch(name)), None)
