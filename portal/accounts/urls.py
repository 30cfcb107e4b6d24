"""Addresses of accounts. Names without a namespace are those by which allauth finds its own pages."""

from django.urls import include, path

from portal.accounts import sign_in, views

own = [
    path("accounts/profile/", views.profile, name="profile"),
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
    path("accounts/confirm/", sign_in.confirm_address, name="account_email_verification_sent"),
    path("accounts/reauthenticate/", sign_in.reauthenticate, name="account_reauthenticate"),
    path("accounts/email/", sign_in.change_address, name="account_email"),
    path("accounts/password/change/", sign_in.change_password, name="account_change_password"),
    path("accounts/password/reset/", sign_in.reset_password, name="account_reset_password"),
    path("accounts/password/reset/code/", sign_in.confirm_reset, name="account_confirm_password_reset_code"),
    path("accounts/password/reset/new/", sign_in.complete_reset, name="account_complete_password_reset"),
    path("accounts/password/reset/done/", sign_in.reset_done, name="account_password_reset_completed"),
    path("", include((own, "accounts"))),
]
