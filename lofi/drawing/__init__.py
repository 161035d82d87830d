"""Figures of a user's own maps and images."""
