"""What Wikidata says of the items that a folder links to: copied with its origin, or compared.

Nothing here is a claim of a source, and nothing of it enters the folder's own graphs.
"""

from onrecord.wikidata.checking import Suspicion, check_items
from onrecord.wikidata.copying import Copy, copy_items, write_copy
from onrecord.wikidata.linked import LinkedEntity, read_linked

__all__ = ["Copy", "LinkedEntity", "Suspicion", "check_items", "copy_items", "read_linked", "write_copy"]
