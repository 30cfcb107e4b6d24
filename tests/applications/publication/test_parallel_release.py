"""Fifty releases at once are one release; signatures at once are of two people; reading never sees half of it."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from applications import chain, holdings
from applications.models import ApplicantDocument, PublicEntry, Signature
from applications.publication import actions
from portal.audit.models import Event
from portal.errors import Refused
from portal.notifications.models import Notice
from samples import ledger
from samples.models import Movement
from tests.factories.accounts import administrator
from tests.factories.decisions import closed_call, decided, signed, signers

pytestmark = pytest.mark.django_db(transaction=True)


def together(number: int, act: Callable[[int], None]) -> Counter[str]:
    """Let `number` connections act at the same moment; count how it ended for them."""
    start, said, lock = threading.Barrier(number), Counter(), threading.Lock()

    def one(at: int) -> None:
        try:
            start.wait()
            act(at)
            word = "done"
        except Refused as refusal:
            word = refusal.code
        except Exception as error:  # noqa: BLE001 -- counted, and not expected
            word = type(error).__name__
        finally:
            connection.close()
        with lock:
            said[word] += 1

    threads = [threading.Thread(target=one, args=[at]) for at in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def test_fifty_releases_at_once_are_one() -> None:
    call = closed_call()
    applications = [decided(call, 10), decided(call, 20), decided(call)]
    people = signers()
    publication = signed(call, by=people)
    said = together(50, lambda at: actions.release(publication, by=people[at % 2]))
    assert said == {"done": 1, "wrong-status": 49}
    assert Event.objects.filter(verb="publication.release").count() == 1
    assert Event.objects.filter(verb="application.publish").count() == len(applications)
    assert (ApplicantDocument.objects.count(), PublicEntry.objects.count()) == (3, 3)
    assert Movement.objects.filter(reason="allocation").count() == 2
    assert Notice.objects.filter(kind="decision-released").count() == 3
    assert chain.faults() == ledger.faults() == holdings.faults() == []


def test_signatures_at_once_are_of_two_people() -> None:
    call = closed_call()
    decided(call, 10)
    people = [administrator() for _ in range(5)]
    publication = actions.prepare(call, "results", by=people[0])
    sha256 = publication.manifest_sha256
    said = together(10, lambda at: actions.sign(publication, by=people[at % 5], manifest_sha256=sha256))
    assert said["done"] == 2
    assert set(said) <= {"done", "signed-already", "wrong-status"}
    assert Signature.objects.values("by").distinct().count() == 2


def test_releases_of_two_calls_at_once_make_one_chain() -> None:
    publications = []
    for _ in range(4):
        call = closed_call()
        decided(call, 10)
        publications.append(signed(call))
    person = administrator()
    assert together(4, lambda at: actions.release(publications[at], by=person)) == {"done": 4}
    assert list(PublicEntry.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 9))
    assert chain.faults() == []


def test_readers_see_none_or_all_of_a_release() -> None:
    call = closed_call()
    for _ in range(5):
        decided(call, 5)
    people = signers()
    publication = signed(call, by=people)
    seen, over = [], threading.Event()

    def read() -> None:
        try:
            while not over.is_set():
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    seen.append(
                        (
                            PublicEntry.objects.count(),
                            ApplicantDocument.objects.count(),
                            Notice.objects.filter(kind="decision-released").count(),
                            Movement.objects.filter(reason="allocation").count(),
                        )
                    )
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    actions.release(publication, by=people[0])
    over.set()
    for reader in readers:
        reader.join()
    assert set(seen) <= {(0, 0, 0, 0), (6, 5, 5, 5)}
    assert (0, 0, 0, 0) in seen
