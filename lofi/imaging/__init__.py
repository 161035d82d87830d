"""Classical imaging, the controls of a learned reconstruction."""
