"""The member's own page. Logging in and out are Django's views."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import modelform_factory
from django.shortcuts import redirect, render

from .models import Profile

NoteForm = modelform_factory(Profile, fields=["note"])


@login_required
def profile(request):
    """GET shows the note, POST changes it and says so once, on whichever page comes next."""
    own, _ = Profile.objects.get_or_create(user=request.user)
    form = NoteForm(request.POST or None, instance=own)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"Your note was saved, {request.user.username}.")
        return redirect("profile")
    return render(request, "accounts/profile.html", {"form": form})
