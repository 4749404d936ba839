"""The study's tables, statistics and figures, agreement of readers, and change over time.

Research use only; not a medical device.
"""
