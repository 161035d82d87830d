"""Tables of galaxies on disk: formats, columns with their units and missing values, selections of rows."""
