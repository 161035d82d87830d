"""Solvers of linear inverse problems: data terms, ADMM, proximal methods, CLEAN, in-painting."""
