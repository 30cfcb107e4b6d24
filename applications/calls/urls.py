"""The addresses of calls: public pages, the desk, and the making of a call."""

from django.urls import path

from applications.calls import views

urlpatterns = [
    path("calls/", views.calls, name="calls-list"),
    path("calls/<slug:slug>/", views.detail, name="calls-detail"),
    path("calls/<slug:slug>/agreement/", views.agreement, name="calls-agreement"),
    path("calls/<slug:slug>/dates.ics", views.dates, name="calls-dates"),
    path("calls/<slug:slug>/form.pdf", views.form_pdf, name="calls-form"),
    # /manage/
    path("manage/", views.desk, name="calls-desk"),
    path("manage/calls/", views.manage, name="calls-manage"),
    path("manage/calls/new/", views.create, name="calls-create"),
    path("manage/calls/<slug:slug>/", views.edit, name="calls-edit"),
    path("manage/calls/<slug:slug>/samples/", views.samples, name="calls-samples"),
    path("manage/calls/<slug:slug>/limits/", views.limits, name="calls-limits"),
    path("manage/calls/<slug:slug>/criteria/", views.criteria, name="calls-criteria"),
    path("manage/calls/<slug:slug>/declarations/", views.declarations, name="calls-declarations"),
    path("manage/calls/<slug:slug>/panel/", views.panel, name="calls-panel"),
    path("manage/calls/<slug:slug>/announce/", views.announce, name="calls-announce"),
    path("manage/calls/<slug:slug>/extend/", views.extend, name="calls-extend"),
    path("manage/calls/<slug:slug>/cancel/", views.cancel, name="calls-cancel"),
]
