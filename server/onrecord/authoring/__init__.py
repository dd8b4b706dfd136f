"""Writing an article down: its skeleton, and what rules find in its text, as suggestions and never as claims.

The core is pure: a text, a folder's vocabulary and a moment go in, Turtle and
Markdown come out. Only `files` reads and writes.
"""
