from portal.notifications import inbox, letters
from portal.notifications.models import Notice, State
from tests.factories.notices import notice, person


def test_list_holds_ones_own_notices_that_were_not_cancelled(note):
    reader, other = person(), person()
    kept, cancelled = notice("note", reader, reader), notice("note", reader, other)
    notice("note", other, other)
    Notice.objects.filter(pk=cancelled.pk).update(state=State.CANCELLED)
    assert list(inbox.notices_of(reader)) == [kept]
    assert (inbox.unread(reader), inbox.unread(other)) == (1, 1)


def test_lines_leave_out_what_may_not_be_seen_any_more(note):
    reader, open_one, barred = person(), person(name="Open"), person(name="CANARY", department="barred")
    rows = [notice("note", reader, open_one), notice("note", reader, barred)]
    lines = letters.lines(reader, rows)
    assert [(line.sentence, line.url) for line in lines] == [
        ("Something <happened> to Open.", f"/people/{open_one.uid}/")
    ]


def test_lines_of_many_notices_need_no_more_queries_than_of_one(note, django_assert_num_queries):
    reader = person()
    rows = [notice("note", reader, person()) for _each in range(30)]
    with django_assert_num_queries(1):
        letters.lines(reader, rows[:1])
    with django_assert_num_queries(1):
        assert len(letters.lines(reader, rows)) == 30


def test_mark_read_marks_only_ones_own(note):
    reader, other = person(), person()
    mine, theirs = notice("note", reader, reader), notice("note", other, reader)
    inbox.mark_read(reader, theirs.uid)
    assert (inbox.unread(reader), inbox.unread(other)) == (1, 1)
    inbox.mark_read(reader, mine.uid)
    inbox.mark_read(other)
    assert (inbox.unread(reader), inbox.unread(other)) == (0, 0)
