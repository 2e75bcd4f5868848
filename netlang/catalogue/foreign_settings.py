"""Words that people write on a line of their own, and how what they mean is written.

What a setting is called elsewhere it says itself, by its ``known_as``.
"""

from __future__ import annotations

import re

# Patterns of words, and the line that is meant. A number that stands behind the word replaces the
# one in brackets.
_LINES = {
    "mix_?up(_alpha|_prob)?": "augment = Mixup([0.2])",
    "cut_?mix(_alpha|_prob)?": "augment = CutMix([1.0])",
    "cut_?out(_size)?|random_erasing": "augment = Cutout(3)",
    "(input_|gaussian_)?noise(_std|_level)?": "augment = Noise([0.1])",
    "(num_|n_)?warm_?up(_steps|_iters|_iterations|_length)?": "schedule = Warmup([500]) -> Cosine",
    "(num_|n_)?warm_?up_epochs": 'schedule = Warmup([5], unit="epochs") -> Cosine',
    "((lr|learning_rate|rate)_)?(gamma|decay(_rate)?)": "schedule = Step(10, gamma=[0.1], "
    'unit="epochs")',
    "((lr|learning_rate)_)?(scheduler?|lr_schedule)": "schedule = Cosine",
    "early_?stop(ping|per)?(_patience|_rounds)?|patience": "stop = Early(validation.loss, "
    "patience=[5])",
    "(use_|model_)?ema(_decay)?": "average = EMA([0.999])",
    "(grad(ient)?_?)?clip(ping|_?norm|_val)?|clip_grad(_norm)?|max_(grad_)?norm": "clip = "
    "Norm([1.0])",
    "(grad(ient)?_?)?clip_?value": "clip = Value([0.5])",
    r"l2(_\w+)?|(weight_)?reg(ulari[sz](er|ation))?|ridge": "penalty = L2([1e-4])",
    r"l1(_\w+)?|lasso": "penalty = L1([1e-5])",
    "momentum|nesterov": "optimizer = SGD(0.1, momentum=[0.9])",
    "pretrained(_weights)?|checkpoint|weights_file": 'start = "model.safetensors"',
}
# The same, where more has to be said.
_TEXTS = {
    r"(max_|n_|num_|total_|train(ing)?_)?(steps|iter(ation)?s?|updates)": "write `epochs = 10`: an "
    "epoch has as many steps as the data have batches",
    "(train_(val_)?test_)?split": "`test` and `validation` of the data say how much is set aside",
    "gpus?|cuda|accelerator": "leave it out: netlang computes on the CPU",
    r"verbose|progress(_bar)?|log_\w+|print_every|eval_every": "leave it out: a run shows each "
    "epoch, and keeps its numbers in its folder",
    r"save(_\w+)?|checkpoint_\w+|(output|log|run|model)_(dir|path|folder)|logdir": "leave it out: "
    "a run keeps its model and its checkpoint in a folder",
    "amp|fp16|bf16|mixed_precision": "leave it out: netlang trains on 32-bit floats",
    "(num_|n_)?(workers|jobs|threads)": "leave it out: netlang decides how many threads it takes",
}
_NUMBER = re.compile(r"\[(.*?)\]")


def line_for(name: str, number: str | None) -> str | None:
    """The line that is meant by a definition of ``name``, which has the text of a ``number`` if it
    is one; None for a word of no other framework.
    """
    lines = (line for names, line in _LINES.items() if re.fullmatch(names, name.lower()))
    line = next(lines, None)
    return line and _NUMBER.sub(number or r"\1", line)


def help_for_setting(name: str) -> str | None:
    """What to do instead of a definition of ``name``, which no line of a file stands for."""
    texts = (text for names, text in _TEXTS.items() if re.fullmatch(names, name.lower()))
    return next(texts, None)
