"""Pain scores, pain tiers, and the models that give a tier from RHI.

Research use only; not a medical device.
"""

from pyrhi.pain.publication import CITATION, published

__all__ = ["CITATION", "published"]
