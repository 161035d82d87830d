"""Maps and images with local neural fields. This file imports nothing, so that importing is cheap."""
