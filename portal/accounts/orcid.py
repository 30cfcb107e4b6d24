"""ORCID iDs: read as people write them, tied to an account only after ORCID itself has said whose they are.

How ORCID is asked stands in `portal/accounts/provider.py`; the pages in `portal/accounts/ways.py`.
"""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal.accounts import identity, mail
from portal.accounts.models import User
from portal.audit.trail import record
from portal.errors import Invalid, NotNow

PROVIDER = "orcid"


def is_offered() -> bool:
    """Tell whether this portal is known to ORCID."""
    return PROVIDER in settings.SOCIALACCOUNT_PROVIDERS


def origin() -> str:
    """Return where ORCID asks people, as a content-security policy names it."""
    parts = urlsplit(settings.ORCID_BASE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def parse(text: str) -> str:
    """Return an iD, or its address, as 0000-0002-1825-0097; the last sign is a check (ISO 7064, MOD 11-2).

    Raises:
        Invalid: this is none.
    """
    plain = text.strip().removesuffix("/").rpartition("/")[2].replace("-", "").upper()
    total = 0
    for digit in plain[:-1]:
        total = (total + int(digit)) * 2 % 11 if digit.isascii() and digit.isdigit() else 11
    check = (12 - total) % 11
    if len(plain) != 16 or not plain[:-1].isdecimal() or plain[-1] != ("X" if check == 10 else str(check)):
        raise Invalid(_("This is no ORCID iD: 16 digits in groups of four."), field="orcid")
    return "-".join(plain[start : start + 4] for start in range(0, 16, 4))


def link(user: User, orcid: str, *, by: User, ip: str = "", about: dict[str, Any] | None = None) -> None:
    """Tie an iD that ORCID has just vouched for to an account; from then on it signs in.

    Raises:
        NotNow: the account has another iD, or the iD another account.
    """
    try:
        with transaction.atomic():
            user = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # rows that name them are written
            if user.orcid == orcid:
                return
            if user.orcid:
                raise NotNow(_("Your account is linked to another ORCID iD. Unlink that one first."), code="has-orcid")
            SocialAccount.objects.create(user=user, provider=PROVIDER, uid=orcid, extra_data=about or {})
            User.objects.filter(pk=user.pk).update(orcid=orcid)
            user.orcid = orcid
            record("user.link-orcid", user, by=by, facts={"orcid": orcid})
            mail.write("orcid_linked", user.email, user=user, context={"orcid": orcid, "ip": ip})
            identity.changed(user)
    except IntegrityError:
        raise NotNow(_("This ORCID iD belongs to another account here."), code="orcid-taken") from None


def unlink(user: User, *, by: User, ip: str = "") -> None:
    """Untie the iD; it signs in no more and is shown no more. The e-mail address still opens the account.

    Raises:
        NotNow: none is linked.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if not user.orcid:
            raise NotNow(_("No ORCID iD is linked."), code="no-orcid")
        SocialAccount.objects.filter(user=user, provider=PROVIDER).delete()
        User.objects.filter(pk=user.pk).update(orcid="")
        record("user.unlink-orcid", user, by=by, facts={"orcid": user.orcid})
        mail.write("orcid_unlinked", user.email, user=user, context={"orcid": user.orcid, "ip": ip})
