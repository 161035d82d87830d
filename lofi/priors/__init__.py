"""Trained networks that come with the package, each in a folder: weights, record and card."""
