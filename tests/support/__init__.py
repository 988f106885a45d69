"""What tests share."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

SHARED = ROOT.parent / "shared"
"""Data beside the checkout (official cases, a corpus of real files); may be absent."""
