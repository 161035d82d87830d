"""The physics: skies, operators, noise and observations."""
