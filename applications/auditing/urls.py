"""The addresses of auditing, below the audit trail of the office."""

from django.urls import path

from applications.auditing import views

ONE = "manage/audit/applications/<str:reference>/"

urlpatterns = [
    path("manage/audit/applications/", views.listing, name="auditing-list"),
    path(ONE, views.detail, name="auditing-detail"),
    path(f"{ONE}submissions/<int:number>/", views.submission, name="auditing-submission"),
    path(f"{ONE}reviews/", views.reviews, name="auditing-reviews"),
    path(f"{ONE}outcome/", views.outcome, name="auditing-outcome"),
    path(f"{ONE}trail/", views.events, name="auditing-trail"),
]
