"""What members send."""

from django import forms

from .models import Post, Reaction, Thread


class ThreadForm(forms.ModelForm):
    text = Post._meta.get_field("text").formfield(widget=forms.Textarea)

    class Meta:
        model = Thread
        fields = ["title"]


class ReplyForm(forms.ModelForm):
    class Meta:
        model = Post
        fields = ["text"]


class ReactionForm(forms.ModelForm):
    class Meta:
        model = Reaction
        fields = ["kind"]
        widgets = {"kind": forms.RadioSelect}
