"""Engines that measure: arrays by numpy, or a real ImageJ."""
