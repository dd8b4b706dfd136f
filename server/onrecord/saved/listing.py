"""The saved queries as graphs of the endpoint: the folder's, and what the team shows to everybody."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Triple

from onrecord.errors import OnrecordError, StoreError
from onrecord.folder import Folder
from onrecord.saved.catalogue import Catalogue
from onrecord.saved.executables import describe_queries
from onrecord.saved.query import SavedQuery, parse
from onrecord.saved.team.shelf import QueryShelf
from onrecord.terms import IriSpace

FOLDER_GRAPH = "queries"
TEAM_GRAPH = "team-queries"


def list_queries(folder: Folder, state: Path) -> dict[str, list[Triple]]:
    """The named graphs that tell of the saved queries, each with its triples, as of now.

    `state` is the directory of the store. Nothing that is private or for the
    team is in them. Raises FolderError.
    """
    space = folder.description.space
    catalogue = Catalogue.read(folder.queries)
    taken = {query.name for query in catalogue} | set(catalogue.refused)
    try:
        team = [query for query in public_team_queries(QueryShelf(state)) if query.name not in taken]
    except StoreError:
        team = []  # a folder is served without what a team saved, whose own pages tell what is wrong
    return {
        space.graph(FOLDER_GRAPH): _describe(catalogue.queries, space, folder.description.languages[0]),
        space.graph(TEAM_GRAPH): _describe(team, space, folder.description.languages[0]),
    }


def public_team_queries(shelf: QueryShelf) -> list[SavedQuery]:
    """The newest texts of what a team shows to everybody, but for those that cannot be read."""
    public = [
        record for record in shelf.records() if record.visibility == "public" and not record.is_archived
    ]
    texts = shelf.newest_texts() if public else {}
    found = []
    for record in public:
        try:
            found.append(parse(record.name, f"queries/{record.name}.rq", texts[record.line].text))
        except (OnrecordError, KeyError):
            continue
    return found


def _describe(queries: Iterable[SavedQuery], space: IriSpace, language: str) -> list[Triple]:
    # Whoever asks for them is at the endpoint already, and it has other addresses elsewhere.
    return list(describe_queries(queries, f"{space.base}queries/", None, language))
