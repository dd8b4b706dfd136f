"""What other endpoints gave to a query of a pinned generation: kept with the pin, replayed for good.

One file for each query, named after its text without white space and comments,
and its dataset. It holds, for each SERVICE clause, the rows that stood in its
place, from where, when, and the hash of what was sent.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from onrecord.engine import QueryRequest
from onrecord.errors import ConflictError, RequestError, ResultTooLargeError, StoreDamagedError
from onrecord.federation.frozen import Frozen, read_frozen, write_frozen
from onrecord.sparql import lower_booleans, tokenize
from onrecord.store.pins import Pins

MOST_BYTES = 32 << 20


class PinnedAnswers:
    """A `federated_engine.AnswersKept` in the pins of a store."""

    def __init__(self, store: Path) -> None:
        self._pins = Pins(store)

    def find(self, request: QueryRequest) -> Frozen | None:
        """As `AnswersKept.find`. Raises StoreDamagedError for a file that cannot be read."""
        if request.generation is None:
            return None
        name = file_name(request)
        data = self._pins.read_file(request.generation, name)
        if data is None:
            return None
        try:
            return read_frozen(data.decode(), name)
        except (RequestError, UnicodeDecodeError) as error:
            raise StoreDamagedError(
                f"What other endpoints gave to this query is kept with generation {request.generation} and "
                f"cannot be read ({error}). Restore {name} from a backup."
            ) from None

    def require(self, request: QueryRequest) -> None:
        """As `AnswersKept.require`."""
        if request.generation is None or self._pins.find(request.generation) is None:
            raise ConflictError(
                "What other endpoints give is frozen with a pinned generation alone. Pin one "
                "(POST /generations/NUMBER/pin) and send _generation with its number."
            )

    def keep(self, request: QueryRequest, frozen: Frozen) -> None:
        """As `AnswersKept.keep`."""
        self.require(request)
        assert request.generation is not None
        data = write_frozen(frozen).encode()
        if len(data) > MOST_BYTES:
            raise ResultTooLargeError(
                f"What other endpoints gave is larger than {MOST_BYTES >> 20} MB, the most that is kept with "
                "a pin. Ask them for less."
            )
        self._pins.keep_file(request.generation, file_name(request), data)


def file_name(request: QueryRequest) -> str:
    """The name of the file for the query of `request`.

    >>> from onrecord.formats import JSON
    >>> one, same = (QueryRequest(text, "boolean", JSON) for text in ("ASK {}", "ASK { } # so"))
    >>> file_name(one) == file_name(same)
    True
    """
    tokens = "\0".join(token.text for token in tokenize(lower_booleans(request.text)))
    # Not the base IRI, which may change with the server's address: where the text rests on it, so does
    # the hash of what was sent, and other answers are never replayed.
    parts = (tokens, repr(request.default_graphs), repr(request.named_graphs))
    return f"services-{hashlib.sha256(chr(1).join(parts).encode()).hexdigest()[:40]}.json"
