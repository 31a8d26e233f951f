"""Every factory makes a row the database accepts."""

import pytest
from factory.django import DjangoModelFactory

from tests import factories

ALL = [
    value
    for value in vars(factories).values()
    if isinstance(value, type)
    and issubclass(value, DjangoModelFactory)
    and value is not DjangoModelFactory
]


@pytest.mark.django_db
@pytest.mark.parametrize("factory_class", ALL, ids=lambda f: f.__name__)
def test_factory_makes_a_valid_row(factory_class) -> None:
    row = factory_class()

    row.full_clean()
    assert type(row).objects.filter(pk=row.pk).exists()
