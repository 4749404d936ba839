"""Roles, pairing and RHI: what the ROIs of an image mean and what they say together."""
