"""The table of roles: every role says what it is for, and separate duties stay separate."""

import pytest

from portal.roles import (
    ADMINISTRATOR,
    APPLICANT,
    AUDITOR,
    CHAIR,
    CURATOR,
    PORTAL_ROLES,
    REVIEWER,
    ROLES,
    Permission,
    Scope,
    permissions_of,
)
from tests.factories.accounts import UserFactory


def test_every_role_has_a_name_a_sentence_and_permissions():
    for code, role in ROLES.items():
        assert (role.code, bool(str(role.name)), bool(str(role.sentence)), bool(role.permissions)) == (
            code,
            True,
            True,
            True,
        )


def test_every_permission_is_held_by_some_role():
    assert permissions_of(ROLES) == frozenset(Permission)


def test_roles_are_held_where_their_work_is():
    assert [role for role in ROLES.values() if role.scope is Scope.CALL] == [REVIEWER, CHAIR]
    assert PORTAL_ROLES == [CURATOR, ADMINISTRATOR, AUDITOR]
    assert APPLICANT.scope is Scope.EVERYBODY


@pytest.mark.parametrize(
    ("role", "never"),
    [
        (ADMINISTRATOR, {Permission.DECIDE, Permission.SCORE_ASSIGNED, Permission.ADVISE, Permission.MANAGE_STOCK}),
        (CURATOR, {Permission.DECIDE, Permission.SCREEN, Permission.PUBLISH, Permission.READ_DECISIONS}),
        (CHAIR, {Permission.PUBLISH, Permission.SCREEN, Permission.MANAGE_STOCK, Permission.MANAGE_CALLS}),
        (REVIEWER, {Permission.DECIDE, Permission.ASSIGN_REVIEWERS, Permission.PUBLISH}),
        (AUDITOR, {Permission.DECIDE, Permission.SCREEN, Permission.PUBLISH, Permission.MANAGE_PEOPLE}),
        (APPLICANT, set(Permission) - {Permission.APPLY}),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_duties_that_check_each_other_are_not_held_together(role, never):
    assert role.permissions & never == set()


def test_nobody_who_audits_changes_anything():
    changing = {one for one in Permission if not one.startswith(("read-", "see-"))}
    assert AUDITOR.permissions & changing == set()


def test_roles_together_permit_what_each_permits():
    assert permissions_of(["curator", "auditor"]) == CURATOR.permissions | AUDITOR.permissions
    assert permissions_of([]) == frozenset()
    with pytest.raises(KeyError):
        permissions_of(["root"])


@pytest.mark.django_db
@pytest.mark.parametrize("role", PORTAL_ROLES, ids=lambda role: role.code)
def test_a_person_may_what_their_roles_and_being_somebody_permit(role):
    person = UserFactory(roles=[role.code])
    assert {one for one in Permission if person.may(one)} == set(role.permissions | APPLICANT.permissions)
    assert (person.is_portal_staff, UserFactory().is_portal_staff) == (True, False)
