"""The remote engine: any SPARQL 1.1 server or cluster in place of the embedded one.

`client` is the engine; `holdings` knows which graphs of the remote are ours,
`transport` speaks HTTP, `answering` turns what comes back into our formats.
Only here, beside the federation layer, does Onrecord speak HTTP outwards.
"""
