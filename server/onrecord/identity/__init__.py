"""Who asks and what they may do: roles, tokens, sessions and the audit log. Knows no web.

Everything lies in the state directory and is read from there, so that any
number of web fronts and the command line agree at once.
"""
