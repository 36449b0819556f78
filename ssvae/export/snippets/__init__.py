"""Programs that use an export: one script per format, which lies beside it.

Each takes the paths of images and prints the class of each, with its probability. Only
the script for `.keras` files imports `ssvae`. They are examples to begin from.
"""
