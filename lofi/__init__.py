"""The method: a local neural field for image reconstruction (this file imports nothing, so that importing is cheap)."""
