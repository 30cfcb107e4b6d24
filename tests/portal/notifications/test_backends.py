import stat

from django.core.mail import EmailMessage

from portal.notifications.backends import FilePerMessageBackend


def test_every_attempt_is_a_file_of_its_own_that_only_the_owner_reads(mail_dir):
    message = EmailMessage("Subject", "Grüße", "a@example.org", ["b@example.org"], headers={"Message-ID": "<../x@y>"})
    assert FilePerMessageBackend().send_messages([message, message]) == 2
    files = list(mail_dir.iterdir())
    assert [(file.suffix, stat.S_IMODE(file.stat().st_mode)) for file in files] == [(".eml", 0o600)] * 2
    assert all(b"Message-ID: <../x@y>" in file.read_bytes() for file in files)
