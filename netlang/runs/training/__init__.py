"""A program is trained: data, epochs, events, checkpoints, and the model file that comes of it."""
