"""Addresses of accounts. Names without a namespace are those by which allauth finds its own pages."""

from django.urls import include, path

from portal.accounts import sign_in, views, ways, ways_in

own = [
    path("accounts/profile/", views.profile, name="profile"),
    path("accounts/institutions/", views.institutions, name="institutions"),
    path("accounts/ways/", ways.listing, name="ways"),
    path("accounts/passkeys/add/", ways.passkey_add, name="passkey-add"),
    path("accounts/passkeys/options/", ways.passkey_options, name="passkey-options"),
    path("accounts/passkeys/<uuid:uid>/rename/", ways.passkey_rename, name="passkey-rename"),
    path("accounts/passkeys/<uuid:uid>/remove/", ways.passkey_remove, name="passkey-remove"),
    path("accounts/orcid/link/", ways.orcid_link, name="orcid-link"),
    path("accounts/orcid/unlink/", ways.orcid_unlink, name="orcid-unlink"),
    path("accounts/email/second/", ways.second_add, name="second-add"),
    path("accounts/email/second/code/", ways.second_confirm, name="second-confirm"),
    path("accounts/email/second/remove/", ways.second_remove, name="second-remove"),
    path("accounts/email/decisions/", ways.decisions, name="decisions"),
    path("accounts/passkey/", ways_in.by_passkey, name="passkey-sign-in"),
    path("accounts/passkey/options/", ways_in.passkey_options, name="passkey-sign-in-options"),
    path("accounts/orcid/", ways_in.to_orcid, name="orcid-sign-in"),
    path("accounts/orcid/callback/", ways_in.from_orcid, name="orcid-callback"),
    path("accounts/reauthenticate/code/", ways_in.prove_by_code, name="prove-by-code"),
    path("accounts/reauthenticate/passkey/", ways_in.prove_by_passkey, name="prove-by-passkey"),
    path("accounts/tokens/", views.token_list, name="tokens"),
    path("accounts/tokens/<uuid:uid>/revoke/", views.token_revoke, name="token-revoke"),
    path("accounts/invitation/<str:token>/", views.invitation, name="invitation"),
    path("manage/people/", views.people_list, name="people"),
    path("manage/people/invite/", views.invite, name="invite"),
    path("manage/people/<uuid:uid>/", views.person, name="person"),
    path("manage/people/<uuid:uid>/grant/", views.person_grant, name="person-grant"),
    path("manage/people/<uuid:uid>/revoke/", views.person_revoke, name="person-revoke"),
    path("manage/people/<uuid:uid>/close/", views.person_close, name="person-close"),
]

urlpatterns = [
    path("accounts/login/", sign_in.login, name="account_login"),
    path("accounts/logout/", sign_in.logout, name="account_logout"),
    path("accounts/closed/", sign_in.inactive, name="account_inactive"),
    path("accounts/signup/", sign_in.sign_up, name="account_signup"),
    path("accounts/signup/passkey/", sign_in.sign_up_by_passkey, name="account_signup_by_passkey"),
    path("accounts/signup/passkey/make/", ways_in.make_passkey, name="mfa_signup_webauthn"),
    path("accounts/signup/orcid/", sign_in.sign_up_by_orcid, name="socialaccount_signup"),
    path("accounts/login/code/", sign_in.request_code, name="account_request_login_code"),
    path("accounts/login/code/enter/", sign_in.confirm_code, name="account_confirm_login_code"),
    path("accounts/confirm/", sign_in.confirm_address, name="account_email_verification_sent"),
    path("accounts/reauthenticate/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("accounts/email/", sign_in.change_address, name="account_email"),
    path("accounts/password/change/", sign_in.change_password, name="account_change_password"),
    path("accounts/password/set/", sign_in.set_password, name="account_set_password"),
    path("accounts/password/reset/", sign_in.reset_password, name="account_reset_password"),
    path("accounts/password/reset/code/", sign_in.confirm_reset, name="account_confirm_password_reset_code"),
    path("accounts/password/reset/new/", sign_in.complete_reset, name="account_complete_password_reset"),
    path("accounts/password/reset/done/", sign_in.reset_done, name="account_password_reset_completed"),
    path("", include((own, "accounts"))),
]
