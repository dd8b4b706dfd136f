"""The store: state directory, generations, the writer and the query workers.

Only this package opens a pyoxigraph store, and only in processes made for it.
"""
