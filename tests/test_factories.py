"""Every factory makes a row the database accepts."""

import pytest

from tests.factories import ALL


@pytest.mark.django_db
@pytest.mark.parametrize("factory_class", ALL, ids=lambda f: f.__name__)
def test_factory_makes_a_valid_row(factory_class) -> None:
    row = factory_class()

    row.full_clean()
    assert type(row).objects.filter(pk=row.pk).exists()
