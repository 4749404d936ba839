"""Pain scores, pain tiers, and the models that give a tier from RHI.

Research use only; not a medical device.
"""

# The kinds of models enter the registry as their modules are read.
from pyrhi.pain import cutpoints, ordinal, summary_model  # noqa: F401
from pyrhi.pain.agreement import Estimate, icc21, icc31, weighted_kappa
from pyrhi.pain.model import PainModel, Patient, Prediction, load_model
from pyrhi.pain.publication import CITATION, published
from pyrhi.pain.scores import tier

__all__ = [
    "CITATION",
    "Estimate",
    "PainModel",
    "Patient",
    "Prediction",
    "icc21",
    "icc31",
    "load_model",
    "published",
    "tier",
    "weighted_kappa",
]
