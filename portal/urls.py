"""Every address of the portal. English stands at `/…`, Simplified Chinese at `/zh-hans/…`."""

from typing import Any

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from portal import views
from portal.admin import tables

# Beside the languages: programs, and choices that lead back to where they were made.
urlpatterns: list[Any] = [
    path("health/live", views.live, name="health-live"),
    path("health/ready", views.ready, name="health-ready"),
    path("api/v1/", include("portal.api")),
    path("admin/", tables.urls),
    path("theme/<str:choice>/", views.theme, name="theme"),
]

urlpatterns += i18n_patterns(
    path("", views.home, name="home"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("zone/", views.zone, name="zone"),
    path("", include("portal.accounts.urls")),
    path("", include("portal.office.urls")),
    path("", include("samples.urls")),
    path("", include("applications.urls")),
    prefix_default_language=False,
)

handler400 = "portal.views.bad_request"
handler403 = "portal.views.permission_denied"
handler404 = "portal.views.not_found"
handler429 = "portal.accounts.sign_in.too_many"
handler500 = "portal.views.server_error"
