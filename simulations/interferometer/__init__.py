"""The interferometer: coverage, operator, weights, noise and beam (docs/conventions.md, Radio interferometry)."""
