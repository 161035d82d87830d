"""The local field: patches of an image around any coordinate, and the networks that read them."""
