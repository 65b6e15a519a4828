"""The platform's tables as Django sees them; Django changes none of them."""

from __future__ import annotations

from django.db import models

STATES = (("editing", "填报中"), ("in_review", "审核中"), ("approved", "已通过"))
SCREENINGS = (("passed", "通过"), ("failed", "未通过"))
SIZES = (
    ("large", "大型"),
    ("medium", "中型"),
    ("small", "小型"),
    ("micro", "微型"),
    ("unknown", "未知"),
    ("not_classified", "不划分"),
)


class Region(models.Model):
    """A region."""

    full_name = models.CharField(max_length=120)

    class Meta:
        managed = False
        db_table = "region"

    def __str__(self) -> str:
        return self.full_name


class Industry(models.Model):
    """A trade."""

    code = models.CharField(max_length=4)
    section = models.CharField(max_length=1)
    name = models.TextField()  # a column of type json: psycopg decodes it, Django's JSONField would again

    class Meta:
        managed = False
        db_table = "industry"

    def __str__(self) -> str:
        return f"{self.code} {self.name['zh']}"


class Account(models.Model):
    """An account."""

    display_name = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "account"

    def __str__(self) -> str:
        return self.display_name


class Admin(models.Model):
    """An admin of a bureau."""

    account = models.ForeignKey(Account, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "bureau_admin"

    def __str__(self) -> str:
        return str(self.account)


class Enterprise(models.Model):
    """An enterprise as it is today."""

    name = models.CharField(max_length=120)
    size = models.CharField(max_length=16, choices=SIZES)
    region = models.ForeignKey(Region, models.DO_NOTHING, related_name="+")
    prefecture = models.ForeignKey(Region, models.DO_NOTHING, related_name="+")
    industry = models.ForeignKey(Industry, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "enterprise"

    def __str__(self) -> str:
        return self.name


class EnterpriseVersion(models.Model):
    """An enterprise as it was filed with."""

    name = models.CharField(max_length=120)
    uscc = models.CharField(max_length=18)

    class Meta:
        managed = False
        db_table = "enterprise_version"

    def __str__(self) -> str:
        return self.name


class Report(models.Model):
    """A report. Its figures stand in a table that Django cannot join, so a count takes their column."""

    period = models.IntegerField()
    enterprise = models.ForeignKey(Enterprise, models.DO_NOTHING)
    enterprise_version = models.ForeignKey(EnterpriseVersion, models.DO_NOTHING)
    state = models.CharField(max_length=12, choices=STATES)
    holder = models.ForeignKey(Admin, models.DO_NOTHING, null=True)
    filler_name = models.CharField(max_length=60)
    late = models.BooleanField()
    submitted_at = models.DateTimeField(null=True)
    screening = models.CharField(max_length=8, choices=SCREENINGS, null=True)
    soft_count = models.IntegerField()

    class Meta:
        managed = False
        db_table = "report"
