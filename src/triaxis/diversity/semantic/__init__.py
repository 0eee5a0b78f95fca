"""Diversity of meaning: metrics on an encoder's vectors, and on classes of responses that say the same."""
