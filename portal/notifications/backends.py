"""Mail on disk: where no mail server is configured, each message becomes one file under `settings.MAIL_DIR`."""

import os
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FilePerMessageBackend(BaseEmailBackend):
    """Write every attempt to send as a file of its own, readable by the owner only, complete or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            content = message.message()
            written = content.as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's message takes it
            _write(folder / _file_name(str(content["Message-ID"])), written)
        return len(email_messages)


def _file_name(message_id: str) -> str:
    """Time, Message-ID and a number of its own: sorted by time, and a repeat never replaces the first."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    return f"{moment}-{re.sub(r'[^A-Za-z0-9-]+', '.', message_id).strip('.')[:80]}-{uuid.uuid4().hex[:8]}.eml"


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".tmp")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
