"""Whole folders and studies: what to measure, measuring it in parallel, and the tables."""
