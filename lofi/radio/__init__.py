"""Radio interferometry: from visibilities to images (docs/conventions.md, Radio interferometry)."""
