"""Settings: one table drives the command line, the environment and the documentation."""

from onrecord.config.reading import SettingRow, read_settings, setting_rows
from onrecord.config.table import Settings, option

__all__ = ["SettingRow", "Settings", "option", "read_settings", "setting_rows"]
