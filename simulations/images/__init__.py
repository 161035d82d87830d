"""Skies, slices and pictures that are made up or read, number by number."""
