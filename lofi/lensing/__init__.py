"""Weak lensing on the tangent plane: from a shear catalogue or a shear map to maps of the convergence."""
