"""What a network will see of its data, before it is trained."""
