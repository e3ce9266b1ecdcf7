"""The offline tool: layers, the VAE, losses, data, training and the export gate.

This is the only package that imports torch; nothing outside it and its command files imports it.
"""
