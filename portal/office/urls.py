"""Addresses of the notices, the mail page and the audit trail."""

from django.urls import path

from portal.office import views

app_name = "office"
urlpatterns = [
    path("my/notifications/", views.notifications, name="notifications"),
    path("my/notifications/read/", views.read_all, name="notifications-read-all"),
    path("my/notifications/<uuid:uid>/read/", views.read_one, name="notification-read"),
    path("manage/mail/", views.mail, name="mail"),
    path("manage/mail/<uuid:uid>/send-again/", views.send_mail_again, name="mail-send-again"),
    path("manage/audit/", views.audit, name="audit"),
]
