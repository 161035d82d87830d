"""The cosmology of κTNG, and the redshift of its sources behind twenty planes."""

COSMOLOGY = {"h": 0.6774, "omega_m": 0.3089, "omega_b": 0.0486, "n_s": 0.9667, "sigma_8": 0.8159}
SOURCE_REDSHIFT = 0.857522
