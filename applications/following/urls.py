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
]
