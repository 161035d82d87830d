"""Parts of the command `lofi` that fill a file of their own. Loads no torch."""
