"""A network, its data and its training as lines of text, for terminals, logs and notebooks."""
