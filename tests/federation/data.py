"""Generated data: a local store, and two servers that know more of what its things are."""

from __future__ import annotations

import random

HERE = "http://here.example/"
THERE = "http://there.example/"
PREFIXES = f"PREFIX h: <{HERE}>\nPREFIX t: <{THERE}>\n"

THINGS = 24
ENTITIES = 40


def local_trig() -> str:
    """Things with a kind, a number, links and (most of them) the entities that they are."""
    chance = random.Random(7)
    lines = [f"@prefix h: <{HERE}> .", f"@prefix t: <{THERE}> ."]
    for n in range(THINGS):
        lines.append(f"h:e{n} a h:{chance.choice(['Place', 'Agent'])} ; h:number {chance.randrange(6)} .")
        for _ in range(chance.randrange(3)):
            lines.append(f"h:e{n} h:same t:w{chance.randrange(ENTITIES)} .")
        for _ in range(chance.randrange(3)):
            lines.append(f"h:e{n} h:link h:e{chance.randrange(THINGS)} .")
        if chance.random() < 0.5:
            lines.append(f'h:e{n} h:name "name {chance.randrange(10)}" .')
    for graph in ("g1", "g2"):
        inside = [f"h:e{chance.randrange(THINGS)} h:seen t:w{chance.randrange(ENTITIES)} ." for _ in range(8)]
        lines.append(f"h:{graph} {{ {' '.join(inside)} }}")
    return "\n".join(lines)


def remote_turtle(name: str) -> str:
    """Entities with a class, numbers, names in two languages and a tree of parts."""
    chance = random.Random(name)
    lines = [f"@prefix h: <{HERE}> .", f"@prefix t: <{THERE}> ."]
    for n in range(ENTITIES):
        if chance.random() < 0.25:
            continue
        lines.append(f"t:w{n} a t:{chance.choice(['City', 'Person', 'Town'])} .")
        for _ in range(chance.randrange(3)):
            lines.append(f"t:w{n} t:number {chance.randrange(6)} .")
        if n and chance.random() < 0.8:
            lines.append(f"t:w{n} t:part t:w{chance.randrange(n)} .")
        for language in ("en", "ar"):
            if chance.random() < 0.6:
                lines.append(f't:w{n} t:label "{language} {n % 7}"@{language} .')
        if chance.random() < 0.5:
            lines.append(
                f'h:e{chance.randrange(THINGS)} t:known t:w{n} ; t:name "name {chance.randrange(10)}" .'
            )
    return "\n".join(lines)
