"""Networks that Keras has saved as JSON, alone or in a ``.keras`` file."""
