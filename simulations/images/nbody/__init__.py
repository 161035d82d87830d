"""Convergence maps from N-body boxes: κTNG (Osato, Liu & Haiman 2021) in miniature.

The chain, one module each, and what passes on:

1. `particle_mesh`: 2LPT initial conditions and FastPM steps of one periodic box -> particles at each snapshot.
2. `planes`: snapshots projected to periodic surface-overdensity planes (3 axes × 2 slabs) -> one box file.
3. `transfer`: what the coarse box lacks at small scales, fitted on the training boxes only: a slab transfer T(k) per
   snapshot towards halofit, and an isotropic map filter T(ℓ) towards the pixelised convergence spectrum.
4. `born`: randomised planes, area-averaged on the pixels of the field and summed with the lensing kernel -> maps.

Two-point statistics of corrected maps agree with halofit by construction; non-Gaussian statistics are the box's own.
"""
