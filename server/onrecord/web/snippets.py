"""How to take a saved query elsewhere: exact texts for other programs. Knows no Flask.

Every text is run by a test against a live server, so that what a page shows
is what works.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from onrecord.sparql import describe, split_prologue


@dataclass(frozen=True)
class Snippet:
    """One text to copy; `hint` says where it goes."""

    name: str
    language: str
    text: str
    hint: str = ""


def make_snippets(address: str, suffix: str, endpoint: str, text: str) -> tuple[Snippet, ...]:
    """The snippets for one query with its parameters.

    `address` is the absolute URL of its result as `suffix` ("csv" for rows,
    "ttl" for graphs, "json" for ASK), `endpoint` that of the SPARQL endpoint,
    `text` the SPARQL text that is run.
    """
    quoted = json.dumps(address)  # a string of JSON is one of Python, JavaScript and R as well
    shell = Snippet("curl", "sh", f"curl -fsS {shlex.quote(address)}", "The result on the terminal.")
    if suffix == "ttl":
        return (
            shell,
            Snippet(
                "Python (rdflib)",
                "python",
                f'import rdflib\n\ngraph = rdflib.Graph().parse({quoted}, format="turtle")\n'
                "print(len(graph))",
            ),
            Snippet(
                "JavaScript",
                "javascript",
                f"const turtle = await (await fetch({quoted})).text();\nconsole.log(turtle);",
                "In a module, in a browser or in Node.",
            ),
        )
    if suffix == "json":
        return (
            shell,
            Snippet(
                "Python",
                "python",
                "import json, urllib.request\n\n"
                f'answer = json.load(urllib.request.urlopen({quoted}))\nprint(answer["boolean"])',
            ),
            Snippet(
                "JavaScript",
                "javascript",
                f"const answer = await (await fetch({quoted})).json();\nconsole.log(answer.boolean);",
                "In a module, in a browser or in Node.",
            ),
        )
    json_address = json.dumps(_with_suffix(address, "json"))
    found = [
        shell,
        Snippet(
            "Python (pandas)", "python", f"import pandas as pd\n\ntable = pd.read_csv({quoted})\nprint(table)"
        ),
        Snippet(
            "R",
            "r",
            f'table <- read.csv({quoted}, encoding = "UTF-8", check.names = FALSE)\nprint(table)',
        ),
        Snippet(
            "JavaScript",
            "javascript",
            f"const answer = await (await fetch({json_address})).json();\n"
            "console.table(answer.results.bindings);",
            "In a module, in a browser or in Node.",
        ),
        Snippet(
            "Google Sheets",
            "text",
            f"=IMPORTDATA({_formula_text(address)})",
            "In the upper left cell. The server must be reachable from the web.",
        ),
        Snippet(
            "Excel (Power Query)",
            "text",
            f"let\n  Source = Csv.Document(Web.Contents({_formula_text(address)}), "
            '[Delimiter = ",", Encoding = 65001]),\n'
            "  Table = Table.PromoteHeaders(Source)\nin\n  Table",
            "Data, Get Data, From Other Sources, Blank Query, Advanced Editor.",
        ),
    ]
    service = make_service(endpoint, text)
    if service is not None:
        found.append(
            Snippet(
                "SPARQL (SERVICE)",
                "sparql",
                service,
                "In a query at another endpoint that may reach this one.",
            )
        )
    return tuple(found)


def make_service(endpoint: str, text: str) -> str | None:
    """A query for another endpoint that asks this one; None where the text cannot be a subselect.

    >>> print(make_service("https://example.org/sparql", "PREFIX a: <urn:a>\\nSELECT ?s { ?s a:p 1 }"))
    PREFIX a: <urn:a>
    SELECT * WHERE {
      SERVICE <https://example.org/sparql> {
        {
    SELECT ?s { ?s a:p 1 }
        }
      }
    }
    """
    operation = describe(text)
    if operation.form != "select" or operation.has_dataset_clause or operation.services:
        return None
    prologue, query = split_prologue(text)
    # The query keeps its own lines: a string of it may span several.
    lines = ["SELECT * WHERE {", f"  SERVICE <{endpoint}> {{", "    {", query.strip(), "    }", "  }", "}"]
    return "\n".join(([prologue] if prologue else []) + lines)


def _with_suffix(address: str, suffix: str) -> str:
    path, mark, query = address.partition("?")
    return f"{path.rpartition('.')[0]}.{suffix}{mark}{query}"


def _formula_text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
