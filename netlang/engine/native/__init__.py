"""The native engine trains in C.

``lowering/c/`` writes the C for each network, ``cc`` compiles it, ``cache`` keeps compiled files,
``compiled`` calls their code, and ``tuner`` finds how much a call should do.
"""
