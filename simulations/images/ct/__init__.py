"""Simulated slices of computed tomography: chests and heads drawn from random anatomy, in Hounsfield units.

They stand in for LoDoPaB-CT and for clinical head scans, which cannot be shipped. Nothing is measured: organs are
shapes whose places, sizes and densities vary as among adults. x runs to the image's right, the
patient's left; y to the front.
"""
