"""Null tests of shear catalogues: what gravity does not make, with the chance that noise alone makes as much."""
