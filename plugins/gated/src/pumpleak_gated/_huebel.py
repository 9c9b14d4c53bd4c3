"""What the gated channels of Huebel and Dahlem's neuron share."""

from __future__ import annotations

from typing import Final

SOURCE: Final = "Huebel & Dahlem 2014, PLoS Comput Biol 10:e1003941, public code (ModelDB 167714)"
