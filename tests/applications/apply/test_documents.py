"""What is submitted is one document: complete, hashed, and without addresses of people."""

import json

import pytest

from applications.documents import lines, snapshot
from portal import clock
from portal.canonical import canonical, sha256_of
from tests.factories.applications import application_of, award_of, draft_of, member_of

pytestmark = pytest.mark.django_db


def test_snapshot_says_everything_of_the_draft_and_no_address() -> None:
    application = draft_of(names_principal_investigator=True)
    member = member_of(application, confirmed=False, name="Colleague", email="secret@example.org")
    person = application.principal_investigator
    document = snapshot(application, lines(application), number=1, received_at=clock.now())
    assert document["reference"] == application.reference
    assert document["title"] == application.title
    assert document["names_principal_investigator"] is True
    assert document["principal_investigator"] == {
        "uid": str(person.uid),
        "name": person.name,
        "native_name": person.native_name,
    }
    assert document["team"] == [
        {
            "uid": str(member.uid),
            "name": "Colleague",
            "role": "co-investigator",
            "orcid": "",
            "institution": None,
            "confirmed_at": None,
        }
    ]
    assert [(one["whole"], one["asked_mg"], one["least_mg"]) for one in document["requests"]] == [
        (False, "50.000", "30.000"),
        (True, None, None),
    ]
    assert [(one["code"], one["version"]) for one in document["declarations"]] == [("true", 1), ("return", 1)]
    assert document["file"] == {"sha256": "0" * 64, "bytes": 1000, "pages": 2}
    assert b"@example.org" not in canonical(document)


def test_hash_of_a_kept_document_is_the_same_after_reading_it_back() -> None:
    submission = application_of().submission
    submission.refresh_from_db()
    assert sha256_of(submission.document) == submission.sha256


def test_canonical_spelling_does_not_depend_on_the_order_of_keys() -> None:
    document = {"b": "é中", "a": [1, {"d": None, "c": True}]}
    turned = json.loads('{"a": [1, {"c": true, "d": null}], "b": "\\u00e9\\u4e2d"}')
    assert canonical(document) == canonical(turned) == '{"a":[1,{"c":true,"d":null}],"b":"é中"}'.encode()


@pytest.mark.parametrize("status", ["draft-like", "under-review", "decided"])
def test_factories_make_rows_that_the_constraints_accept(status: str) -> None:
    application = application_of(status="submitted" if status == "draft-like" else status)
    if status == "decided":
        powder = application.submission.requests.get(whole=False)
        award = award_of(powder, "20")
        assert (award.mass_mg, award.hold.state) == (20, "held")
