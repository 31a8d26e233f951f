"""Connects accounts: by consent in the browser, a password, or a pasted token; and disconnects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from pydantic import TypeAdapter, ValidationError

from ai_artist.kit.columns import fitted
from media_tools.errors import ProviderError
from media_tools.publishing.base import AccountFacts
from media_tools.publishing.tokens import Consent, ConsentIssuer, PasswordIssuer, Tokens
from runs.errors import PublishingRefused
from runs.models import Channel, Publication
from runs.publishing.accounts import ChannelAccount, store_tokens, tokens_of
from runs.publishing.channels import ItemKind, adapter_of, issuer_of, kind_of
from runs.publishing.handling import Clock
from runs.publishing.resolving import resume_channel
from runs.publishing.sealing import seal, unseal

# A person signs in within this time, or begins anew.
CONSENT_LASTS = timedelta(minutes=30)
# Messengers take 300 to 2,000 characters: no credits, which stand where the song is.
ANNOUNCEMENT = "{title} by {artist} is out. {disclosure}"


@dataclass(frozen=True)
class Begun:
    """A consent that was asked for. The caller keeps it sealed until the redirect comes."""

    channel_id: int
    redirect: str
    state: str
    verifier: str
    at: datetime

    def sealed(self) -> str:
        return seal(TypeAdapter(Begun).dump_json(self).decode())

    @classmethod
    def unsealed(cls, text: str) -> Begun:
        """Raises PublishingRefused for what is none."""
        try:
            return TypeAdapter(Begun).validate_json(unseal(text))
        except ValidationError as error:
            raise PublishingRefused("Nobody began to connect; begin again.") from error


def create_channel(kind: str, name: str, **fields: Any) -> Channel:
    """A new channel with the defaults of its kind. Raises PublishingRefused."""
    channel = Channel(kind=kind, name=name)
    row = kind_of(channel)
    values = {
        "parts": list(row.parts[:1]),
        **{name: getattr(row.defaults, name) for name in row.defaults.__dataclass_fields__},
        **({"description_template": ANNOUNCEMENT} if row.item is ItemKind.POST else {}),
        **fields,
    }
    for column, value in values.items():
        setattr(channel, column, value)
    if Channel.objects.filter(name=name).exists():
        raise PublishingRefused(f"There is a channel called {name}; give this one another name.")
    if row.issuer and "state" not in fields:
        channel.state = Channel.State.NEEDS_PERSON
        channel.reason = "Connect its account."
    channel.save()
    return channel


# --- Consent in the browser ---


def asks_consent(channel: Channel) -> bool:
    """Whether a person connects it in the browser; else by a password or a pasted token."""
    return issubclass(issuer_class(channel), ConsentIssuer)


def issuer_class(channel: Channel) -> type:
    path = kind_of(channel).issuer
    return cast("type", import_string(path)) if path else object


def begin_connecting(channel: Channel, *, redirect: str, now: datetime) -> tuple[str, Begun]:
    """Where to send the person, and what to keep until they are back at `redirect`.

    Raises PublishingRefused, ProviderRejected.
    """
    if not asks_consent(channel):
        raise PublishingRefused(f"{channel} is not connected in the browser; give its token.")
    issuer = cast("ConsentIssuer", issuer_of(channel))
    consent: Consent = issuer.consent(redirect=redirect)
    return consent.address, Begun(channel.pk, redirect, consent.state, consent.verifier, now)


def finish_connecting(begun: Begun, returned: str, *, clock: Clock) -> AccountFacts:
    """Take the code of the address a person came back to, and look whose account it is.

    returned: the whole address, or its query. Raises PublishingRefused, ProviderError.
    """
    if clock() - begun.at > CONSENT_LASTS:
        raise PublishingRefused("That took too long; begin again.")
    query = parse_qs(urlsplit(returned).query or returned)
    code, state = (query.get(name, [""])[0] for name in ("code", "state"))
    if not compare_digest(state.encode(), begun.state.encode()):
        raise PublishingRefused("That answer belongs to another attempt; begin again.")
    if not code:
        raise PublishingRefused("The permission was not given; begin again when it may be.")
    channel = channel_named(begun.channel_id)
    issuer = cast("ConsentIssuer", issuer_of(channel))
    tokens = issuer.exchange(code, verifier=begun.verifier, redirect=begun.redirect, now=clock())
    return adopt(channel, tokens, clock=clock)


@dataclass(frozen=True, repr=False)
class Secrets:
    """What a person types in: a token, or a password with its user name and perhaps a code."""

    secret: str
    name: str = ""
    code: str = ""


def asks_name(channel: Channel) -> bool:
    """Whether it is connected by user name and password; else by a pasted token."""
    return issubclass(issuer_class(channel), PasswordIssuer)


def connect_with(channel: Channel, typed: Secrets, *, clock: Clock) -> AccountFacts:
    """Connect by a pasted token, or by user name and password where a kind knows no better.

    Raises PublishingRefused, ProviderError.
    """
    secret = typed.secret.strip()
    if not secret:
        raise PublishingRefused("Nothing was given; paste the token.")
    if asks_name(channel):
        issuer = cast("PasswordIssuer", issuer_of(channel))
        name, code = typed.name.strip(), typed.code.strip()
        tokens = issuer.sign_in(name, secret, code=code, now=clock())
    else:
        tokens = Tokens(access=secret, refresh=secret)
    return adopt(channel, tokens, clock=clock)


def adopt(channel: Channel, tokens: Tokens, *, clock: Clock) -> AccountFacts:
    """Keep new tokens if they are of the account the channel had; it goes on then.

    With the first ones the account becomes the channel's. Raises PublishingRefused.
    """
    before = channel.tokens
    with transaction.atomic():
        store_tokens(Channel.objects.select_for_update().get(pk=channel.pk), tokens)
    try:
        facts = facts_of(channel, clock=clock)
        if channel.account_id and channel.account_id != facts.id:
            raise PublishingRefused(
                f"That is the account {facts.name}; {channel} belongs to {channel.account_name}. "
                "Sign in there with the right one, or make another channel."
            )
    except (ProviderError, PublishingRefused):
        Channel.objects.filter(pk=channel.pk).update(tokens=before)
        raise
    note_facts(channel, facts, now=clock())
    Channel.objects.filter(pk=channel.pk).update(connected_at=clock())
    if not facts.missing:
        resume_channel(channel_id=channel.pk, now=clock())
    return facts


def facts_of(channel: Channel, *, clock: Clock) -> AccountFacts:
    """Ask whose account a channel speaks for. Raises ProviderError, PublishingRefused."""
    account = ChannelAccount(channel.pk, channel.kind, issuer_of(channel), clock)
    facts: AccountFacts = adapter_of(channel, account).account()
    return facts


def note_facts(channel: Channel, facts: AccountFacts, *, now: datetime) -> None:
    told = fitted(Channel, account_id=facts.id, account_name=facts.name, account_url=facts.url)
    Channel.objects.filter(pk=channel.pk).update(checked_at=now, **told)


def disconnect(*, channel_id: int, clock: Clock) -> Channel:
    """Make a channel's tokens worthless there and forget them here.

    Raises PublishingRefused while something of it is under way: it could not be followed or
    recalled any more.
    """
    channel = channel_named(channel_id)
    under_way = Publication.objects.filter(channel=channel).exclude(
        Q(status__in=(*Publication.OPEN, Publication.Status.CANCELLED))
        | Q(status__in=(Publication.Status.FAILED, Publication.Status.RECALLED))
    )
    if under_way.exists():
        raise PublishingRefused(
            f"{channel} still has something out or on its way; recall that first, for nobody could "
            "take it down afterwards. To send nothing more, pause the channel."
        )
    tokens, issuer = tokens_of(channel), issuer_of(channel)
    if tokens and issuer:
        issuer.revoke(tokens)
    Channel.objects.filter(pk=channel.pk).update(
        tokens="",
        connected_at=None,
        connection_ends_at=None,
        state=Channel.State.NEEDS_PERSON,
        reason="Connect its account.",
    )
    channel.refresh_from_db()
    return channel


def channel_named(channel_id: int) -> Channel:
    channel = Channel.objects.filter(pk=channel_id).first()
    if channel is None:
        raise PublishingRefused(f"There is no channel {channel_id}.")
    return channel
