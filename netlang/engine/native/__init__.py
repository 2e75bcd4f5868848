"""The native engine trains in C.

``lowering/c/`` writes the C for each network, ``cc`` compiles it, ``cache`` keeps compiled files,
and ``compiled`` calls their code.
"""
