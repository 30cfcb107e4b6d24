"""The rows of the samples domain: the catalogue, and the ledger's movements and holds."""

from samples.models.catalogue import Mission, Sample
from samples.models.movement import Hold, Movement

__all__ = ["Hold", "Mission", "Movement", "Sample"]
