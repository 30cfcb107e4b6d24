"""The agreement text under an address to forward, and the blank form as PDF."""

import hashlib
import html
import re

import pytest
from django.conf import settings
from django.test import Client

from applications import record
from applications.calls import actions
from applications.enums import CallStatus
from tests.factories import applications as rows
from tests.factories.accounts import UserFactory, administrator

pytestmark = pytest.mark.django_db
ENGLISH, CHINESE = "1. Parties.\n\n2. <b>Term</b> & end.", "一、双方。\n\n二、期限。"


@pytest.fixture
def call():
    return rows.call_of(slug="one", agreement=ENGLISH, agreement_zh=CHINESE)


def words_of(answer) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize(
    ("url", "language", "said"),
    [
        ("/calls/one/agreement/", "en", ENGLISH),
        ("/zh-hans/calls/one/agreement/", "zh-Hans", CHINESE),
        ("/calls/one/agreement/?text=zh-hans", "zh-Hans", CHINESE),
        ("/zh-hans/calls/one/agreement/?text=en", "en", ENGLISH),
        ("/calls/one/agreement/?text=klingon&from=mail", "en", ENGLISH),
    ],
)
def test_either_text_is_read_whole_in_any_language_of_the_page(client, call, url, language, said):
    page = client.get(url).content.decode()
    article = re.search(r"<article[^>]*lang=\"([^\"]+)\">(.*?)</article>", page, re.DOTALL)
    assert article[1] == language
    assert [html.unescape(part) for part in re.findall(r"<p>(.*?)</p>", article[2])] == said.split("\n\n")
    assert hashlib.sha256(said.encode()).hexdigest() in page
    assert f"{settings.SITE_URL}/calls/one/agreement/" in page.replace("/zh-hans", "")


def test_a_mended_text_says_when_it_was_changed(client, call):
    assert "not since the announcement" in words_of(client.get("/calls/one/agreement/"))
    actions.edit(call, by=administrator(), title="A better title")
    assert "not since the announcement" in words_of(client.get("/calls/one/agreement/"))
    actions.edit(call, by=administrator(), agreement_zh="一、双方与期限。")
    assert "not since the announcement" not in words_of(client.get("/calls/one/agreement/"))


def test_papers_of_calls_that_nobody_reads_are_absent(client, call):
    rows.call_of(slug="hidden", status=CallStatus.DRAFT, agreement="Secret terms")
    rows.call_of(slug="bare", agreement="", agreement_zh="")
    record.load()
    for slug in ("hidden", "ce5-international-1", "none"):
        for paper in ("agreement/", "form.pdf"):
            assert client.get(f"/calls/{slug}/{paper}").status_code == 404
    assert client.get("/calls/bare/agreement/").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/zh-hans"])
def test_the_blank_form_is_the_same_pdf_each_time(client, call, prefix):
    first = client.get(f"{prefix}/calls/one/form.pdf")
    again = client.get(f"{prefix}/calls/one/form.pdf", headers={"if-none-match": first["ETag"]})
    assert (first.status_code, first["Content-Type"], first.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert first["Content-Disposition"] == 'attachment; filename="one.pdf"'
    assert (again.status_code, again.content) == (304, b"")


def test_what_is_personal_stays_out_of_caches(call):
    client = Client()
    client.force_login(UserFactory())
    for paper in ("form.pdf", "dates.ics", "agreement/"):
        assert client.get(f"/calls/one/{paper}")["Cache-Control"] == "private, no-store"
