"""What is trained: reconstructors and denoisers, the field's and the controls'."""
