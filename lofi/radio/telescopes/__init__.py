"""Arrays of antennas, one table each."""
