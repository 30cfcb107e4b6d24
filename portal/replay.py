"""A request sent twice acts once: kept answers of POSTs that carry a key.

Programs send `Idempotency-Key`; every form carries a hidden UUID (`{% once %}`). A view calls `once` after it has
fetched its object and checked the right, so an answer is replayed only to who may still have it. A program is told
that its first request is still running; who clicks twice waits for the answer of the first click.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import Invalid, NotNow
from portal.models import KeptAnswer

FIELD = "_once"
HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 200
BAD_REQUEST = 400


def once(request: HttpRequest, respond: Callable[[], HttpResponse]) -> HttpResponse:
    """Return `respond()`, or its kept answer where this user sent the same request before.

    The answer is kept in the transaction of what it reports, so that neither exists without the other.

    Raises:
        Invalid: the key was used for another body (code `key-reused`).
        NotNow: the same request is still running (code `still-running`).
    """
    user, sent = request.user, _sent(request)
    if not sent or not user.is_authenticated:
        with transaction.atomic():
            return respond()
    fingerprint = _fingerprint(request)
    # A form is known together with its content, since a changed form is another request.
    key = sent if request.headers.get(HEADER) else f"form:{sent}:{fingerprint}"
    with transaction.atomic():
        _lock(user.pk, key, wait=HEADER not in request.headers)
        kept = KeptAnswer.objects.filter(user_id=user.pk, key=key, at__gt=clock.now() - KEPT_FOR).first()
        if kept:
            if kept.fingerprint != fingerprint:
                raise Invalid(_("This key was already used for another request."), code="key-reused")
            return _replayed(kept)
        response = respond()
        if response.status_code < BAD_REQUEST:
            _keep(user, key, fingerprint, response)
        return response


def forget() -> int:
    """Delete the answers that were kept long enough; return how many."""
    deleted, _rows = KeptAnswer.objects.filter(at__lte=clock.now() - KEPT_FOR).delete()
    return deleted


def _sent(request: HttpRequest) -> str:
    """The key that came with a request: a program's in its header, a form's in its hidden field; else nothing.

    Raises:
        Invalid: a program's is too long (code `key-too-long`).
    """
    sent = request.headers.get(HEADER, "")
    if sent:
        if len(sent) > LONGEST_KEY:
            raise Invalid(_("The key is longer than 200 characters."), code="key-too-long")
        return sent
    hidden = request.POST.get(FIELD, "").replace("\0", "")  # forged; no text of the database may have it
    return hidden[:64]


def _fingerprint(request: HttpRequest) -> str:
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        fields = [(name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"]
        files = [(name, file.name, _hash_of(file)) for name, sent in request.FILES.lists() for file in sent]
        body: Any = json.dumps([fields, files], sort_keys=True).encode()
    else:
        body = request.body
    return hashlib.sha256(b"\0".join([str(request.method).encode(), request.path.encode(), body])).hexdigest()


def _hash_of(file: Any) -> str:
    """Hash an upload and leave it at its beginning: a mended file may have the name and the size of the first."""
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def _lock(user_id: int, key: str, *, wait: bool) -> None:
    """Take the key until the transaction ends; without `wait` not where somebody has it.

    Raises:
        NotNow: the same request is still running.
        OperationalError: it ran longer than a lock may be waited for (503).
    """
    number = int.from_bytes(hashlib.sha256(f"{user_id}:{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
            return
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise NotNow(_("The same request is still running."), code="still-running")


def _keep(user: Any, key: str, fingerprint: str, response: HttpResponse) -> None:
    headers = {name: response[name] for name in ("Content-Type", "Location", "ETag") if name in response}
    KeptAnswer.objects.update_or_create(
        user=user,
        key=key,
        defaults={
            "fingerprint": fingerprint,
            "status": response.status_code,
            "headers": headers,
            "body": _content(response),
            "at": clock.now(),
        },
    )


def _content(response: Any) -> bytes:
    if hasattr(response, "render") and not response.is_rendered:
        response.render()
    return bytes(response.content)


def _replayed(kept: KeptAnswer) -> HttpResponse:
    response = HttpResponse(bytes(kept.body), status=kept.status)
    for name, value in kept.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response
