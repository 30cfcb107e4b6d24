"""One page: an action that changes a row, is recorded, and tells."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from portal.audit.trail import record
from portal.notifications.outbox import notify
from portal.notifications.wake import _publisher
from portal.web import PUBLIC, access
from tests.trials.stand.tasks import CONTROL


@csrf_exempt
@access(PUBLIC, "POST")
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Do action `number`; the answer acknowledges it."""
    with transaction.atomic():
        about = get_user_model().objects.get()
        event = record("user.act", about, by=None, facts={"number": number})
        notify("trial-note", ["guest@example.org"], about=about, event=event, context={"number": number})
        transaction.on_commit(lambda: _publisher.send_task(CONTROL, args=[number], retry=False), robust=True)
    return HttpResponse(str(number))


urlpatterns = [path("act/<int:number>/", act)]
