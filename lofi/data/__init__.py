"""What networks are trained on: pictures and maps from files, and their noisy observations. Loads no torch."""
