"""Weak lensing on the curved sky: HEALPix maps and spherical harmonics (docs/conventions.md, The sphere)."""
