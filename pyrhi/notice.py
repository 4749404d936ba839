"""What stands wherever a result is shown."""

from __future__ import annotations

RESEARCH_USE = "Research use only; not a medical device."
