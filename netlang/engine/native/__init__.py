"""The native engine: a program's training steps as one function of C, compiled when needed."""
