"""The addresses of files and papers."""

from django.urls import path

from applications.addresses import MINE
from applications.attachments import views

READ = "files/<reference:reference>/"

urlpatterns = [
    path(f"{READ}<sha256:sha256>/", views.download, name="attachments-download"),
    path(f"{READ}application.pdf", views.paper, name="attachments-read"),
    path(f"{MINE}application.pdf", views.paper, name="attachments-paper"),
    path(f"{MINE}application-anonymous.pdf", views.paper, {"anonymous": True}, name="attachments-paper-anonymous"),
    path(f"{MINE}draft.pdf", views.draft_paper, name="attachments-draft"),
    path(f"{MINE}draft-anonymous.pdf", views.draft_paper, {"anonymous": True}, name="attachments-draft-anonymous"),
    path(f"{MINE}file/", views.upload, name="attachments-file"),
    path(f"{MINE}file/remove/", views.remove, name="attachments-remove"),
    path(f"{MINE}file/parts/", views.parts_begin, name="attachments-begin"),
    path(f"{MINE}file/parts/<uuid:uid>/", views.parts_go_on, name="attachments-part"),
]
