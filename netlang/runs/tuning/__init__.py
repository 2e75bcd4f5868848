"""Many trials of a file find the values that its network learns best by; Optuna proposes them."""
