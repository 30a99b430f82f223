import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: list = []

    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("holder", models.CharField(blank=True, max_length=40)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Purge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.CharField(max_length=40)),
                ("selectors", models.JSONField()),
                ("is_hard", models.BooleanField(default=True)),
                ("refresh", models.BooleanField(default=False)),
                ("event", models.CharField(max_length=100)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("set_aside_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["set_aside_at", "id"], name="larder_purge_waiting"),
                    models.Index(fields=["batch"], name="larder_purge_batch"),
                ],
            },
        ),
    ]
