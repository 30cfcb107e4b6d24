import threading

import pytest
from django.db import connection

from portal.accounts import fence
from portal.accounts.models import LoginFailures


@pytest.mark.django_db(transaction=True)
def test_failures_of_one_moment_are_all_counted_and_only_five_are_answered():
    beyond, start = [], threading.Barrier(8)

    def fail():
        try:
            start.wait()
            beyond.extend([fence.count_failure("somebody@example.org", "192.0.2.7") for _ in range(5)])
        finally:
            connection.close()

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(LoginFailures.objects.values_list("failures", flat=True)) == [40, 40, 40]
    assert beyond.count(False) == 5
