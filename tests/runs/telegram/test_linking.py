"""Codes that link an account."""

from __future__ import annotations

from datetime import timedelta

import pytest

from runs.models import TelegramAccount, TelegramLinkCode
from runs.telegram.linking import CODE_LIFE, LinkRefused, account_of, new_code, redeem, unlink
from tests.contract_servers.telegram import ANN
from tests.factories import NOON, UserFactory

pytestmark = pytest.mark.django_db


def use(code: str, telegram_id: int = ANN, now=NOON) -> TelegramAccount:
    return redeem(code=code, telegram_id=telegram_id, name="Ann (@ann)", now=now)


def test_a_code_links_the_account_that_sends_it() -> None:
    user = UserFactory()

    account = use(new_code(user=user, now=NOON))

    assert (account.user, account.telegram_id) == (user, ANN)
    assert account_of(ANN) == account


def test_a_code_works_once() -> None:
    code = new_code(user=UserFactory(), now=NOON)
    use(code)

    with pytest.raises(LinkRefused):
        use(code, telegram_id=666)

    assert account_of(666) is None


@pytest.mark.parametrize(
    ("age", "works"), [(CODE_LIFE - timedelta(seconds=1), True), (CODE_LIFE, False)]
)
def test_a_code_works_for_ten_minutes(age: timedelta, works: bool) -> None:
    code = new_code(user=UserFactory(), now=NOON)

    if works:
        use(code, now=NOON + age)
    else:
        with pytest.raises(LinkRefused):
            use(code, now=NOON + age)

    assert TelegramAccount.objects.exists() == works


def test_a_new_code_ends_the_one_before() -> None:
    user = UserFactory()
    old = new_code(user=user, now=NOON)
    new = new_code(user=user, now=NOON)

    with pytest.raises(LinkRefused):
        use(old)
    assert use(new).user == user


def test_only_a_hash_is_stored_and_the_code_fits_a_start_link() -> None:
    code = new_code(user=UserFactory(), now=NOON)

    assert code not in TelegramLinkCode.objects.get().code_hash
    assert 0 < len(code) <= 64
    assert code.replace("-", "").replace("_", "").isalnum()


def test_linking_again_moves_the_account_to_the_other_user() -> None:
    first, second = UserFactory(), UserFactory()
    use(new_code(user=first, now=NOON))

    use(new_code(user=second, now=NOON))

    assert TelegramAccount.objects.get().user == second


@pytest.mark.parametrize("barred", [{"is_active": False}, {"is_staff": False}])
def test_who_may_not_enter_the_panel_acts_for_nobody(barred: dict[str, bool]) -> None:
    use(new_code(user=UserFactory(**barred), now=NOON))

    assert account_of(ANN) is None


def test_one_cannot_unlink_the_account_of_another() -> None:
    account = use(new_code(user=UserFactory(), now=NOON))

    assert not unlink(account_id=account.pk, user=UserFactory())
    assert unlink(account_id=account.pk, user=account.user)
    assert account_of(ANN) is None
