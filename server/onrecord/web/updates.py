"""The update operation of the SPARQL 1.1 Protocol (section 2.2)."""

from __future__ import annotations

from flask import Response

from onrecord.admission import admit_update
from onrecord.engine import UpdateRequest
from onrecord.errors import RequestError
from onrecord.web.access import current_identity, require
from onrecord.web.answers import mark
from onrecord.web.audit import note_text
from onrecord.web.links import endpoint_url
from onrecord.web.protocol import ProtocolRequest
from onrecord.web.site import Site


def answer_update(here: Site, asked: ProtocolRequest) -> Response:
    """Run the update of a request; 204, with the generation that holds it, once it is on disk and served."""
    require("write")
    assert asked.update is not None
    note_text(asked.update.encode())
    if asked.default_graphs is not None or asked.named_graphs is not None:
        raise RequestError(
            "default-graph-uri and named-graph-uri belong to queries. An update's WHERE is told what it sees "
            "by using-graph-uri and using-named-graph-uri."
        )
    text = admit_update(asked.update, here.settings.query_bytes)
    receipt = here.engine.write(
        UpdateRequest(
            text,
            current_identity().name,
            here.base_iri(endpoint_url(here.settings.public_url)),
            asked.using_graphs or (),
            asked.using_named_graphs or (),
        )
    )
    response = Response(status=204)
    mark(response, receipt.generation)
    return response
