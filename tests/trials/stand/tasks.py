"""The control: a task that sends a mail, published after the commit, with nothing written down."""

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage

CONTROL = "trial.control"


@shared_task(name=CONTROL)
def control(number: int) -> None:
    """Send the control's mail of an action."""
    headers = {"Message-ID": f"<control-{number}@localhost>"}
    mail = EmailMessage(f"control {number}", "…", settings.DEFAULT_FROM_EMAIL, ["guest@example.org"], headers=headers)
    mail.send()
