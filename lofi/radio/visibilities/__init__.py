"""Visibilities from files (npz, UVFITS), and their checks."""
