"""From the settings to the `Federation` of a process."""

from __future__ import annotations

from pathlib import Path

from onrecord.config import Settings
from onrecord.errors import SettingError
from onrecord.federation.budget import Allowance
from onrecord.federation.client import Federation
from onrecord.federation.endpoints import Endpoints
from onrecord.federation.settings import FederationSettings

DIRECTORY = "federation"
"""Beside the generations in the state directory: cache, turns and pauses of hosts."""


def read_endpoints(settings: Settings) -> Endpoints:
    """The allow-list. Raises SettingError, also where a contact is missing."""
    endpoints = Endpoints(settings.federate)
    if endpoints and not settings.federation_contact:
        raise SettingError(
            "--federate needs --federation-contact: a mail address or URL of yours, which every request "
            "tells. Endpoints ban clients that they cannot write to."
        )
    return endpoints


def open_federation(settings: Settings, state: Path) -> Federation:
    """Other endpoints as `settings` allow them, with their files in the state directory `state`.

    Cheap: nothing is opened before it is used. Raises SettingError.
    """
    return Federation(
        FederationSettings(
            directory=state / DIRECTORY,
            endpoints=read_endpoints(settings),
            contact=settings.federation_contact,
            allowance=Allowance(
                settings.federation_requests,
                settings.federation_megabytes << 20,
                settings.federation_timeout,
                settings.federation_client_requests,
            ),
            cache_seconds=settings.federation_cache_hours * 3600,
            cache_size=settings.federation_cache_megabytes << 20,
        )
    )
