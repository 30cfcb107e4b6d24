"""The public endpoints of missions and samples. They read public figures alone: a hold moves none of them."""

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.rest import PAGING, PublicEndpoint, chosen, listing
from portal.schema import page_of, query
from portal.units import api_mass
from portal.web import PUBLIC, access
from samples.access import published
from samples.catalogue import lineage
from samples.catalogue.items import STANDINGS, item, knowledge_item
from samples.catalogue.queries import with_figures
from samples.enums import Acquisition, Hemisphere, Origin, Preparation, SampleStatus, TreatmentKind, UseClass
from samples.models import Mission, Sample


class MissionOutput(serializers.Serializer):
    """A mission and its landing site; longitude east positive, masses in mg."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_zh = serializers.CharField()
    hemisphere = serializers.ChoiceField(Hemisphere.choices)
    site = serializers.CharField()
    site_zh = serializers.CharField()
    latitude = serializers.CharField()
    longitude = serializers.CharField()
    landed_on = serializers.DateField()
    returned_on = serializers.DateField()
    returned_mg = serializers.CharField()
    source = serializers.CharField()


class SampleOutput(serializers.Serializer):
    """A sample. Its balance is null where it is only known from publications."""

    catalogue_number = serializers.CharField()
    mission = serializers.CharField()
    hemisphere = serializers.ChoiceField(Hemisphere.choices)
    kind = serializers.ChoiceField(Preparation.choices)
    acquisition = serializers.ChoiceField(Acquisition.choices)
    initial_mg = serializers.CharField(allow_null=True)
    allocated_mg = serializers.CharField(allow_null=True, help_text="Given by published selections.")
    free_mg = serializers.CharField(allow_null=True)
    standing = serializers.ChoiceField(list(STANDINGS), help_text="Where it stands; `offered` by a call that is open.")
    parent = serializers.CharField(allow_null=True)
    use = serializers.ChoiceField(UseClass.choices)
    status = serializers.ChoiceField(SampleStatus.choices)
    known_from = serializers.ChoiceField(Origin.choices)
    whole = serializers.BooleanField(help_text="Lent only as a whole piece.")
    requestable = serializers.BooleanField()
    stated_mass_mg = serializers.CharField(allow_null=True, help_text="As the source states it; in no total.")
    igsn = serializers.CharField(allow_null=True)
    description = serializers.CharField()
    description_zh = serializers.CharField()
    source = serializers.CharField()
    demonstration = serializers.BooleanField()


class TreatmentOutput(serializers.Serializer):
    """What a sample was exposed to, or a step of its preparation; what was done before a split is its parent's."""

    day = serializers.DateField(allow_null=True)
    kind = serializers.ChoiceField(TreatmentKind.choices)
    description = serializers.CharField()
    description_zh = serializers.CharField()
    source = serializers.CharField()


class DatasetOutput(serializers.Serializer):
    """Data that exist on a sample."""

    measured = serializers.CharField()
    measured_zh = serializers.CharField()
    technique = serializers.CharField(help_text="A code of the vocabulary of techniques, or free words.")
    published_in = serializers.CharField()
    doi = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True)


class SampleDetailOutput(SampleOutput):
    """A sample with its history and the data that exist on it."""

    history = TreatmentOutput(many=True)
    datasets = DatasetOutput(many=True)


def mission_item(mission: Mission) -> dict[str, Any]:
    """Return a mission as the API writes it."""
    plain = ("code", "name", "name_zh", "hemisphere", "site", "site_zh", "landed_on", "returned_on", "source")
    item: dict[str, Any] = {name: getattr(mission, name) for name in plain}
    item |= {"latitude": str(mission.latitude), "longitude": str(mission.longitude)}
    return item | {"returned_mg": api_mass(mission.returned_mg)}


CHOICES = {"hemisphere": Hemisphere, "kind": Preparation, "acquisition": Acquisition}
COLUMNS = {"hemisphere": "mission__hemisphere", "kind": "preparation", "acquisition": "acquisition"}


@access(PUBLIC)
class Missions(PublicEndpoint):
    """The missions that returned samples."""

    parameters = PAGING

    @extend_schema(operation_id="missions", parameters=query(), responses=page_of(MissionOutput, "MissionPage"))
    def get(self, request: Request) -> Response:
        return listing(request, Mission.objects.all(), ("landed_on", "code"), mission_item)


@access(PUBLIC)
class Samples(PublicEndpoint):
    """The published catalogue, ordered by catalogue number."""

    parameters = ("mission", "hemisphere", "kind", "acquisition", "call", *PAGING)

    @extend_schema(
        operation_id="samples",
        parameters=query("mission", "call", **{name: choices.values for name, choices in CHOICES.items()}),
        responses=page_of(SampleOutput, "SamplePage"),
    )
    def get(self, request: Request) -> Response:
        rows = with_figures(Sample.objects.filter(published(), _wanted(request)))
        return listing(request, rows, ("catalogue_number",), item)


@access(PUBLIC)
class SampleDetail(PublicEndpoint):
    """One published sample, with its history and the data that exist on it."""

    @extend_schema(operation_id="sample", responses=SampleDetailOutput)
    def get(self, request: Request, number: str) -> Response:
        rows: QuerySet[Sample] = lineage.with_knowledge(with_figures(Sample.objects.filter(published())))
        found = get_object_or_404(rows, catalogue_number=number)
        return Response({**item(found), **knowledge_item(found)})


def _wanted(request: Request) -> Q:
    """Return the condition of the query's filters.

    Raises:
        ParseError: a value that no sample can have.
    """
    wanted = Q()
    for name, column in COLUMNS.items():
        if value := chosen(request, name, CHOICES[name].values):
            wanted &= Q(**{column: value})
    if mission := request.query_params.get("mission"):
        wanted &= Q(mission__code=mission)
    if call := request.query_params.get("call"):
        wanted &= Q(offers__call__slug=call, offers__call__announced_at__isnull=False)
    return wanted
