"""Visibilities from files (npz, UVFITS), their checks, and the npz format in which simulated ones are saved."""
