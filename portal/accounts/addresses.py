"""The second address of an account: confirmed like the first, good for signing in, and for decisions if wanted."""

from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from portal.accounts import identity, mail
from portal.accounts.models import User
from portal.accounts.queries import second_address
from portal.audit.trail import record
from portal.errors import Invalid, NotNow


def check_is_another(user: User, address: str) -> None:
    """Refuse an address that the account has already, and a third one.

    Raises:
        Invalid: it is the address of this account.
        NotNow: there is a second address.
    """
    if address == user.email:
        raise Invalid(_("This is your address already."), field="email")
    if second_address(user):
        raise NotNow(_("There is a second e-mail already. Remove it first."), code="second-exists", field="email")


def is_free(address: str) -> bool:
    """Tell whether no account has this address, as first or second."""
    return not filter_users_by_email(address)


def add_second(user: User, address: str, *, by: User, ip: str = "") -> None:
    """Keep a second address whose owner has just entered the code sent there; the first one is told.

    Raises:
        Invalid: it is the address of this account.
        NotNow: there is a second address, or somebody else has confirmed this one meanwhile.
    """
    try:
        with transaction.atomic():
            user = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # rows that name them are written
            check_is_another(user, address)
            if not is_free(address):
                raise IntegrityError
            EmailAddress.objects.create(user=user, email=address, verified=True, primary=False)
            record("user.add-second-address", user, by=by)
            mail.write("second_address_added", user.email, user=user, context={"second": address, "ip": ip})
            identity.changed(user)
    except IntegrityError:
        raise NotNow(_("This e-mail could not be confirmed."), code="address-taken", field="email") from None


def remove_second(user: User, *, by: User, ip: str = "") -> None:
    """Forget the second address; no decision goes there any more. Both addresses are told.

    Raises:
        NotNow: there is none.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        address = second_address(user)
        if not address:
            raise NotNow(_("There is no second e-mail."), code="no-second-address")
        EmailAddress.objects.filter(user=user, email=address).delete()
        User.objects.filter(pk=user.pk).update(decisions_to_second=False)
        record("user.remove-second-address", user, by=by)
        for told in (user.email, address):
            mail.write("second_address_removed", told, user=user, context={"second": address, "ip": ip})


def send_decisions(user: User, *, also_to_second: bool, by: User) -> None:
    """Let decisions go to the second address too, or to the first alone.

    Raises:
        NotNow: there is no second address.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if also_to_second and not second_address(user):
            raise NotNow(_("There is no second e-mail."), code="no-second-address")
        if user.decisions_to_second != also_to_second:
            User.objects.filter(pk=user.pk).update(decisions_to_second=also_to_second)
            record("user.send-decisions", user, by=by, facts={"also_to_second": also_to_second})
