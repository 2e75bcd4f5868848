"""What a file can name: layers, losses, optimizers, metrics and data, and what an argument is."""
