"""Onrecord: a knowledge graph of who said what, served from a folder."""

__version__ = "0.1.0"
