"""The addresses of an application after submission."""

from django.urls import path

from applications.addresses import MINE
from applications.following import views

urlpatterns = [
    path(MINE, views.status, name="following-status"),
    path(f"{MINE}receipt/", views.receipt, name="following-receipt"),
    path(f"{MINE}sent/", views.sent, name="following-sent"),
    path(f"{MINE}withdraw/", views.withdraw, name="following-withdraw"),
    path(f"{MINE}decision/", views.decision, name="following-decision"),
    path(f"{MINE}public/", views.public, name="following-public"),
    path(f"{MINE}standing/", views.standing, name="following-standing"),
    path(f"{MINE}clarifications/<uuid:uid>/", views.clarification, name="following-clarification"),
    path(f"{MINE}changes/", views.changes, name="following-changes"),
    path(f"{MINE}changes/report/<slug:kind>/", views.report, name="following-report"),
    path(f"{MINE}changes/<uuid:uid>/declare/", views.redeclare, name="following-redeclare"),
]
