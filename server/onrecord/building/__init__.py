"""From the folder's files to the triples of a store: load, derive, close, count."""
