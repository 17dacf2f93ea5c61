"""The notebooks' questions, sliders, and a crowd on a beach."""

from __future__ import annotations
