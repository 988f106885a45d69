"""Settings: one model, and where its values come from."""

from promptls.settings.model import ModelSettings, Runtime, Settings, SeverityName

__all__ = ["ModelSettings", "Runtime", "Settings", "SeverityName"]
