"""The chain is whole, says what is not, and nothing in it can be changed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from applications import chain
from applications.models import Publication, PublicEntry
from samples.models import Sample
from tests.factories.decisions import closed_call, decided, released

pytestmark = pytest.mark.django_db
SEED = "ab" * 32


def tampered(statement: str, *values: object) -> None:
    """Change a row as somebody who owns the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.fixture
def chained() -> list[Publication]:
    made = []
    for mass_mg in (40, 50):
        call = closed_call()
        decided(call, mass_mg)
        decided(call)
        made.append(released(call))
    return made


def verify() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def test_chain_of_two_publications_is_whole(chained: list[Publication]) -> None:
    entries = list(PublicEntry.objects.order_by("sequence"))
    assert [entry.sequence for entry in entries] == [1, 2, 3, 4]
    assert [entry.previous_hash for entry in entries] == [chain.START, *(entry.entry_hash for entry in entries[:3])]
    assert [entry.kind for entry in entries] == ["selection", "remainder"] * 2
    assert chain.faults() == []
    code, said = verify()
    assert code == 0
    assert f"4 entries, the last one {entries[-1].entry_hash}" in said


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications_publicentry SET document = jsonb_set(document, '{title}', '\"X\"') WHERE sequence = 1",
        "UPDATE applications_publicentry SET published_on = published_on + 1 WHERE sequence = 3",
        "UPDATE applications_publicentry SET entry_hash = repeat('0', 64) WHERE sequence = 2",
        "UPDATE applications_publicentry SET key = 'LSA-2026-00000' WHERE sequence = 1",
        "DELETE FROM applications_publicentry WHERE sequence = 2",
        "DELETE FROM applications_publicentry WHERE sequence = 4",
        "UPDATE applications_publication SET manifest = jsonb_set(manifest, '{pages}', '[]')",
        "UPDATE applications_publication SET unselected_root = repeat('0', 64)",
        "UPDATE applications_signature SET voided_at = now()",
        "UPDATE applications_applicantdocument SET document = jsonb_set(document, '{outcome}', '\"selected\"')",
        "DELETE FROM applications_applicantdocument",
        "UPDATE samples_sample SET free_mg = free_mg + 1",
        "UPDATE samples_sample SET allocated_mg = allocated_mg + 1, free_mg = free_mg - 1 WHERE allocated_mg > 0",
        "UPDATE samples_hold SET state = 'released'",
        "DELETE FROM samples_movement WHERE reason = 'allocation'",
    ],
)
def test_every_tampering_is_found(chained: list[Publication], statement: str) -> None:
    tampered(statement)
    code, said = verify()
    assert code == 1
    assert said.startswith("FAULT ")


def test_swapped_entries_are_found(chained: list[Publication]) -> None:
    tampered("UPDATE applications_publicentry SET sequence = 99 WHERE sequence = 1")
    tampered("UPDATE applications_publicentry SET sequence = 1 WHERE sequence = 3")
    tampered("UPDATE applications_publicentry SET sequence = 3 WHERE sequence = 99")
    assert chain.faults() != []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applications_publicentry SET key = 'x' WHERE sequence = 1",
        "DELETE FROM applications_applicantdocument",
        "TRUNCATE applications_publicentry CASCADE",
    ],
)
def test_database_refuses_to_change_what_was_published(chained: list[Publication], statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert chain.faults() == []


def test_ledger_without_anything_is_whole() -> None:
    assert verify()[0] == 0
    assert not Sample.objects.exists()


@pytest.mark.parametrize("number", [0, 1, 3, 600])
def test_every_statement_is_proved_by_the_root(number: int) -> None:
    statements = [{"reference": f"LSA-2026-{at:05}"} for at in range(number)]
    commitment = chain.commit(statements, SEED)
    assert len(commitment.proofs) == number
    assert all(chain.proves(proof, commitment.root) for proof in commitment.proofs)
    assert {len(proof["path"]) for proof in commitment.proofs} <= {10 if number < 512 else 11}


def test_root_follows_from_list_and_seed_alone() -> None:
    statements = [{"reference": "LSA-2026-00001"}, {"reference": "LSA-2026-00002"}]
    root = chain.commit(statements, SEED).root
    assert chain.commit(statements[::-1], SEED).root == root
    assert chain.commit(statements, "cd" * 32).root != root
    assert chain.commit(statements[:1], SEED).root != root
