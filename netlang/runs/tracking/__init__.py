"""Runs are told to programs that people follow them by: TensorBoard and MLflow."""
