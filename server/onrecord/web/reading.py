"""The pages on which people read the graph without a query."""

from __future__ import annotations

from onrecord.web import entities_routes, vocabulary

BLUEPRINTS = (vocabulary.blueprint, entities_routes.blueprint)
