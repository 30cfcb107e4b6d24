"""What the portal starts with: the facts of the missions, what publications name, the stock of the demonstration."""

from decimal import Decimal

import pytest
from django.db.models import Count, Sum

from samples import ledger
from samples.enums import MovementReason, Origin, TreatmentKind, UseClass
from samples.models import Dataset, Mission, Movement, Sample, Treatment
from samples.rules.availability import requestable
from samples.stock import seeds
from tests.factories.samples import mission

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def missions() -> None:
    """Have both missions, as every portal has after its migrations."""
    mission()
    mission("CE-6")


def test_the_missions_are_facts_of_every_portal() -> None:
    rows = Mission.objects.values_list("code", "name_zh", "hemisphere", "latitude", "longitude", "returned_mg")
    assert list(rows) == [
        ("CE-5", "嫦娥五号", "near", Decimal("43.0576"), Decimal("-51.9161"), Decimal(1_731_000)),
        ("CE-6", "嫦娥六号", "far", Decimal("-41.6300"), Decimal("-153.9800"), Decimal(1_935_300)),
    ]


def test_what_publications_name_has_sources_and_no_balance() -> None:
    seeds.load_known()
    rows = Sample.objects.order_by("catalogue_number")
    assert [(row.catalogue_number, row.stated_mass_mg, str(row.parent or "")) for row in rows] == [
        ("CE5C0400YJFM00505", None, ""),
        ("CE5C0400YJFM00505-G1", None, "CE5C0400YJFM00505"),
        ("CE5C0400YJFM00505-G2", None, "CE5C0400YJFM00505"),
        ("CE5C0400YJFM00901", Decimal(500), ""),
        ("CE5C0600YJFM00304", None, ""),
        ("Lunar Sample 001", None, ""),
    ]
    assert {row.origin for row in rows} == {Origin.PUBLICATIONS}
    assert all(row.source and row.published_at for row in rows)
    assert (Movement.objects.count(), Sample.objects.filter(requestable()).count()) == (0, 0)


def test_the_demonstration_has_the_first_batch_in_its_proportions() -> None:
    seeds.load_demonstration()
    near = Sample.objects.filter(requestable(), mission__code="CE-5").values("preparation").order_by("preparation")
    assert [tuple(row.values()) for row in near.annotate(number=Count("pk"), total=Sum("initial_mg"))] == [
        ("clast", 19, Decimal("1112.9")),
        ("polished-section", 23, Decimal("768.3")),
        ("powder", 2, Decimal("55000")),
    ]
    total = Sample.objects.filter(requestable(), mission__code="CE-5").aggregate(total=Sum("free_mg"))
    assert total == {"total": Decimal("56881.2")}


def test_the_demonstration_has_the_far_side() -> None:
    seeds.load_demonstration()
    far = Sample.objects.filter(mission__code="CE-6").values("preparation").order_by("preparation")
    assert [tuple(row.values()) for row in far.annotate(number=Count("pk"))] == [
        ("clast", 12),
        ("polished-section", 8),
        ("powder", 2),
    ]


def test_all_of_the_demonstration_is_marked_and_described_in_both_languages() -> None:
    seeds.load_demonstration()
    for sample in Sample.objects.all():
        assert sample.is_demonstration
        assert sample.catalogue_number.startswith("DEMO-CE")
        assert sample.description
        assert sample.description_zh


def test_permanent_and_backup_storage_exist_and_are_never_requestable() -> None:
    seeds.load_demonstration()
    sealed = Sample.objects.filter(use_class__in=[UseClass.PERMANENT, UseClass.BACKUP])
    assert list(sealed.values_list("catalogue_number", flat=True)) == ["DEMO-CE5-CORE", "DEMO-CE5-CORE-BACKUP"]
    assert not sealed.filter(requestable()).exists()


def test_the_splits_of_the_core_went_through_the_ledger() -> None:
    seeds.load_demonstration()
    core = Sample.objects.get(catalogue_number="DEMO-CE5-CORE")
    assert (core.initial_mg, core.free_mg) == (Decimal(20_000), Decimal(2_500))
    assert [str(child) for child in core.children.all()] == ["DEMO-CE5-CORE-BACKUP", "DEMO-CE5-FM-002"]
    assert Movement.objects.filter(reason=MovementReason.SPLIT).count() == 4
    assert ledger.faults() == []


def test_loading_twice_changes_nothing() -> None:
    seeds.load_known()
    seeds.load_demonstration()
    before = list(Sample.objects.values()), Movement.objects.count()
    assert (seeds.load_known().unchanged, seeds.load_demonstration().unchanged) == (6, 68)
    assert (list(Sample.objects.values()), Movement.objects.count()) == before


def test_what_is_known_of_the_first_samples_has_sources_and_both_languages() -> None:
    seeds.load_known()
    seeds.load_demonstration()
    before = list(Treatment.objects.values_list("uid")) + list(Dataset.objects.values_list("uid"))
    seeds.load_known()
    seeds.load_demonstration()
    assert list(Treatment.objects.values_list("uid")) + list(Dataset.objects.values_list("uid")) == before
    assert {bool(one.description_zh and one.source) for one in Treatment.objects.all()} == {True}
    assert {bool(one.measured_zh and one.published_in) for one in Dataset.objects.all()} == {True}
    assert {one.kind for one in Treatment.objects.filter(sample__is_demonstration=True)} == set(TreatmentKind) - {
        "other"
    }
    made_up = Treatment.objects.filter(sample__is_demonstration=True).exclude(source__startswith="DEMO ")
    claimed = Dataset.objects.filter(sample__is_demonstration=True).exclude(published_in__startswith="DEMO ")
    assert (made_up.count(), claimed.count()) == (0, 0)
    assert Sample.objects.exclude(igsn="").exclude(igsn__startswith="10.5072/DEMO-").count() == 0
