"""The web: Flask routes over an engine. Renders what the core raises; knows no processes."""

from onrecord.web.app import create_app

__all__ = ["create_app"]
