"""People, institutions and tokens for tests."""

import factory
from allauth.account.models import EmailAddress

from portal.accounts import people, tokens
from portal.accounts.models import Institution, User

PASSWORD = "moonrock-demo"


class InstitutionFactory(factory.django.DjangoModelFactory):
    """A verified institution in a country that does not exist."""

    class Meta:
        model = Institution

    name = factory.Sequence("Demonstration Institute {}".format)
    country_or_region = "XA"
    verified = True


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody with a confirmed address, whose password is `PASSWORD`; `roles=[…]` are held for the whole portal."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence("person{}@example.org".format)
    name = factory.Sequence("Demonstration person {:05d}".format)
    password = factory.django.Password(PASSWORD)
    institution = factory.SubFactory(InstitutionFactory)

    @factory.post_generation
    def confirmed(self: User, create: bool, extracted: bool | None, **kwargs: object) -> None:
        """Confirm the address unless told not to."""
        EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=extracted is not False)

    @factory.post_generation
    def roles(self: User, create: bool, extracted: list[str] | None, **kwargs: object) -> None:
        """Grant roles as the portal itself does."""
        for role in extracted or []:
            people.grant(self, role, by=None)


def administrator(**fields: object) -> User:
    """Make somebody who manages people, calls and publications."""
    return UserFactory(roles=["administrator"], **fields)


def token_of(user: User, *scopes: str) -> str:
    """Return the text of a new token, with the scope `read` unless others are named."""
    return tokens.issue(user, "test", scopes or ("read",), by=user)[1]
