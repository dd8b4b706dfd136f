"""`onrecord explain`: why a triple stands in the graph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

from onrecord.building.build import build
from onrecord.building.closure import TYPE
from onrecord.building.explain import Proof, explain
from onrecord.building.triples import Object, Triple
from onrecord.cli.options import show_progress
from onrecord.errors import NotFoundError, ParameterError
from onrecord.folder import Folder, shipped_folder
from onrecord.terms import PREFIXES, IriSpace

_ABSOLUTE = re.compile(r"(?:https?://|urn:)", re.IGNORECASE)


@click.command("explain")
@click.argument("subject")
@click.argument("predicate")
@click.argument("object")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Folder to read; by default the one that ships."
)
def explain_command(subject: str, predicate: str, object: str, folder: Path | None) -> None:
    """Show from which axioms and triples a triple follows, and in which files they stand.

    Names are IRIs: in full, relative to the folder's IRI space (id/...), or prefixed (rec:, rdf:, term:);
    the predicate may be a, for rdf:type. A literal keeps its quotation marks, as in '"harbour"@en'.
    """
    chosen = Folder(folder if folder is not None else shipped_folder())
    space = chosen.description.space
    triple = (
        read_name(subject, space),
        TYPE if predicate == "a" else read_name(predicate, space),
        read_term(object, space),
    )
    store = Store()
    report = build(store, chosen, (), show_progress())
    proof = explain(store, triple, space.inferred_graph)
    if proof is None:
        raise NotFoundError(_unexplained(store, triple, space))
    for line in proof_lines(proof, report.files, space):
        click.echo(line)


def read_name(text: str, space: IriSpace) -> NamedNode:
    """The IRI that `text` writes in full, with a prefix, or relative to the folder's IRI space.

    Raises ParameterError.

    >>> read_name("id/harbour", IriSpace("https://example.org/x/")).value
    'https://example.org/x/id/harbour'
    >>> read_name("rdf:type", IriSpace("https://example.org/x/")).value
    'http://www.w3.org/1999/02/22-rdf-syntax-ns#type'
    """
    given = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    prefix, colon, local = given.partition(":")
    if _ABSOLUTE.match(given):
        iri = given
    elif colon and prefix in PREFIXES:
        iri = PREFIXES[prefix] + local
    elif colon or not given:
        raise ParameterError(
            f'"{text}" is no name: known prefixes are {", ".join(PREFIXES)}. '
            f"Write an IRI in full, or relative to {space.base}, as in id/name."
        )
    else:
        iri = space.base + given
    try:
        return NamedNode(iri)
    except ValueError:
        raise ParameterError(
            f'"{text}" is no IRI. Write it without spaces; a literal keeps its quotation marks, '
            f"as in '\"{text}\"'."
        ) from None


def read_term(text: str, space: IriSpace) -> Object:
    """A name, or a literal as Turtle writes it. Raises ParameterError.

    >>> read_term('"7"^^xsd:integer', IriSpace("https://example.org/x/")).datatype.value
    'http://www.w3.org/2001/XMLSchema#integer'
    """
    if not text.startswith('"'):
        return read_name(text, space)
    declared = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
    try:
        objects = [quad.object for quad in parse(f"{declared}<urn:s> <urn:p> {text} .", RdfFormat.TURTLE)]
    except SyntaxError:
        objects = []
    if len(objects) != 1 or not isinstance(objects[0], Literal):
        raise ParameterError(
            f"{text} is no literal. Write it as Turtle does: '\"harbour\"@en', '\"7\"^^xsd:integer'."
        )
    return objects[0]


def proof_lines(proof: Proof, files: Mapping[str, str], space: IriSpace, depth: int = 0) -> Iterator[str]:
    """The proof as indented lines: a triple, and below it where it stands or what it follows from."""
    margin = "    " * depth
    yield margin + _shown(proof.triple, space)
    if proof.rule:
        yield f"{margin}  follows by {proof.rule} from"
    else:
        yield f"{margin}  stands in {', '.join(files.get(graph, f'<{graph}>') for graph in proof.graphs)}"
    for premise in proof.premises:
        yield from proof_lines(premise, files, space, depth + 1)


def _shown(triple: Triple, space: IriSpace) -> str:
    words = [space.shorten(term.value) if isinstance(term, NamedNode) else str(term) for term in triple]
    return " ".join("a" if word == "rdf:type" and number == 1 else word for number, word in enumerate(words))


def _unexplained(store: Store, triple: Triple, space: IriSpace) -> str:
    told = f"{_shown(triple, space)} neither stands in the folder nor follows from it."
    if next(iter(store.quads_for_pattern(triple[0], None, None, None)), None) is None:
        told += f" It tells nothing of {space.shorten(str(triple[0]).strip('<>'))}: is the name right?"
    elif next(iter(store.quads_for_pattern(None, triple[1], None, None)), None) is None:
        told += f" It uses {space.shorten(triple[1].value)} nowhere: is the name right?"
    return told
