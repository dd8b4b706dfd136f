"""`onrecord wikidata check`: planted identifiers are found, right ones are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.wikidata.conftest import Run

WRONG = {
    "the number of Homs for Idlib": ("Q504657", "Q131301", "id/idlib-city", ["label", "coordinates"]),
    "a person for a town": ("Q41183", "Q9000000011", "id/aleppo", ["kind", "kind"]),
    "a town of the same name elsewhere": ("Q403446", "Q9000000012", "id/douma", ["country"]),
    "another number at GeoNames": ("Q3766", "Q9000000013", "id/damascus", ["geonames"]),
    "a film for a city": ("Q649", "Q9000000014", "id/moscow", ["kind"]),
    "a number that nobody has": ("Q41183", "Q9000000099", "id/aleppo", ["unknown"]),
}


def suspicions(text: str) -> list[tuple[str, str, str]]:
    """Entity, item and word of each line that tells a doubt."""
    lines = [line.split(":")[0].split() for line in text.splitlines() if line.startswith("id/")]
    return [(line[0], line[1], line[2]) for line in lines]


def test_the_items_that_ship_agree_except_where_the_names_differ(
    wikidata_endpoint: str, run: Run, folder_copy: Path
) -> None:
    done = run("check", folder_copy, "--endpoint", wikidata_endpoint)
    found = suspicions(done.stdout)
    assert {(entity, what) for entity, _, what in found} == {
        ("id/britain", "label"),  # "Britain" and "United Kingdom"
        ("id/syrian-war", "label"),  # "War in Syria" and "Syrian Civil War"
        ("id/syrian-gov", "unknown"),  # the fixture does not have it
    }
    assert done.returncode == 1 and "17 of 20 items agree" in done.stdout


@pytest.mark.parametrize("case", WRONG)
def test_a_planted_identifier_is_suspicious(
    case: str, wikidata_endpoint: str, run: Run, folder_copy: Path
) -> None:
    right, wrong, entity, doubts = WRONG[case]
    file = folder_copy / "triples" / "reference.ttl"
    text = file.read_text()
    assert f"wd:{right} " in text
    file.write_text(text.replace(f"wd:{right} ", f"wd:{wrong} "))
    done = run("check", folder_copy, "--endpoint", wikidata_endpoint)
    found = [(found, what) for found, item, what in suspicions(done.stdout) if item == wrong]
    assert {what for _, what in found} == set(doubts) and {e for e, _ in found} == {entity}, done.stdout
    assert done.returncode == 1


def test_one_item_for_two_entities_is_suspicious(wikidata_endpoint: str, run: Run, folder_copy: Path) -> None:
    file = folder_copy / "triples" / "reference.ttl"
    file.write_text(file.read_text().replace("wd:Q3766 ", "wd:Q41183 "))
    done = run("check", folder_copy, "--endpoint", wikidata_endpoint)
    assert ("id/aleppo", "Q41183", "shared") in suspicions(done.stdout)


def test_a_folder_whose_items_agree_ends_with_status_0(
    wikidata_endpoint: str, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "small"
    (folder / "ontology").mkdir(parents=True)
    (folder / "triples").mkdir()
    (folder / "ontology" / "dataset.ttl").write_text(
        '<https://example.org/small/> <https://w3id.org/onrecord/ns#iriSpace> "https://example.org/small/" .'
    )
    (folder / "triples" / "a.nt").write_text(
        "<https://example.org/small/id/a> <https://w3id.org/onrecord/ns#wikidata> "
        "<http://www.wikidata.org/entity/Q130879> .\n"
        '<https://example.org/small/id/a> <http://www.w3.org/2000/01/rdf-schema#label> "Reuters"@en .\n'
    )
    done = run("check", folder, "--endpoint", wikidata_endpoint)
    assert (done.returncode, done.stdout) == (0, "1 of 1 items agree with the folder.\n")
