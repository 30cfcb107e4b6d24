"""People, where they work, what they may do in the whole portal, and how they prove it."""

from portal.accounts.models.doors import ApiToken, Invitation, LoginFailures
from portal.accounts.models.institutions import Institution, InstitutionName
from portal.accounts.models.people import Affiliation, Person, RoleGrant, User, UserManager, Visitor

__all__ = [
    "Affiliation",
    "ApiToken",
    "Institution",
    "InstitutionName",
    "Invitation",
    "LoginFailures",
    "Person",
    "RoleGrant",
    "User",
    "UserManager",
    "Visitor",
]
