"""The addresses of files."""

from django.urls import path

from applications.addresses import MINE
from applications.attachments import views

urlpatterns = [
    path("files/<reference:reference>/<sha256:sha256>/", views.download, name="attachments-download"),
    path(f"{MINE}file/", views.upload, name="attachments-file"),
    path(f"{MINE}file/remove/", views.remove, name="attachments-remove"),
]
