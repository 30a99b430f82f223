"""Addresses below /accounts/, as Django's defaults expect them."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from .views import profile

urlpatterns = [
    path("login/", LoginView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("profile/", profile, name="profile"),
]
