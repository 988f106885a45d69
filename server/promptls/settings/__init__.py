"""Settings: one model, and where its values come from.

`model` is the vocabulary, `sources` reads files, environment and editors, `load` makes one `Settings` of them all.
"""

from promptls.settings.load import LoadedSettings, SettingsSources, load_settings
from promptls.settings.model import (
    FormatSettings,
    LlmSettings,
    ModelSettings,
    Runtime,
    Settings,
    SeverityName,
    settings_schema,
)
from promptls.settings.sources import Origin, SettingsProblem, project_file, user_file

__all__ = [
    "FormatSettings",
    "LlmSettings",
    "LoadedSettings",
    "ModelSettings",
    "Origin",
    "Runtime",
    "Settings",
    "SettingsProblem",
    "SettingsSources",
    "SeverityName",
    "load_settings",
    "project_file",
    "settings_schema",
    "user_file",
]
