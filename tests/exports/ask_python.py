"""Asks an exported file of Python, in an environment without netlang.

python -I ask_python.py model.py question.npz answer.npz
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location

import numpy as np


def main(file, question, answer):
    spec = spec_from_file_location("exported", file)
    exported = module_from_spec(spec)
    spec.loader.exec_module(exported)
    asked = dict(np.load(question, allow_pickle=False))
    samples = asked
    if "texts" in asked:
        samples = [str(text) for text in asked["texts"]]
    elif "array" in asked:
        samples = asked["array"]
    found = exported.answers(samples)
    said = {name: np.array([*map(str, one)]) if isinstance(one, list) else one
            for name, one in found.items()}  # fmt: skip
    np.savez(answer, **said)


if __name__ == "__main__":
    main(*sys.argv[1:])
