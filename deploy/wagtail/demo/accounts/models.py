"""What a member has beside Django's user: a note that only this member sees, on every page."""

from django.conf import settings
from django.db import models


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    note = models.CharField("private note", max_length=200, blank=True)

    def __str__(self):
        return str(self.user)
