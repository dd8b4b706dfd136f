"""SERVICE: other SPARQL endpoints, asked by bind joins and answered with inline data.

The engine never sees a SERVICE. `plan` finds each one, asks the local store
for the bindings that it joins with, sends those to the endpoint in batches,
and puts what came back into the text as VALUES. What is asked and answered
between the two sides of the work (the plan, and the client that talks HTTP)
stands in `solutions` and `remote`.
"""
