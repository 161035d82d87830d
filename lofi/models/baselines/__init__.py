"""What the field is compared with: classical filters and convolutional networks."""
