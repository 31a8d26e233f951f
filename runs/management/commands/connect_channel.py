"""Connect an account: `connect_channel youtube --name "Nova on YouTube"`."""

from __future__ import annotations

import getpass
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from ai_artist.kit.commands import JsonCommand, Report, bad_usage
from media_tools.errors import ProviderError
from media_tools.publishing.base import AccountFacts
from runs.errors import PublishingRefused
from runs.models import Channel
from runs.publishing import connecting
from runs.publishing.channels import KINDS, issuer_of, kind_of

LISTENS_S = 15 * 60
THANKS = b"<!doctype html><title>Connected</title><p>Done. Go back to the terminal.</p>"


class Command(JsonCommand):
    help = (
        "Connect an account of a channel, or connect it again. In the browser where the platform "
        "asks for consent; else a token or password is typed in, or read from standard input."
    )
    refusals = (PublishingRefused, ProviderError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=sorted(str(kind) for kind in KINDS))
        parser.add_argument("--name", help="Of the channel here; a new one is made with it.")
        parser.add_argument("--address", default="", help="Of the instance, where there are many.")
        parser.add_argument("--user", default="", help="User name, where a password is asked for.")
        parser.add_argument("--code", default="", help="Of the second factor, if it asks for one.")
        parser.add_argument(
            "--port", type=int, default=8765, help="Of the loopback address; 0: any free one."
        )
        parser.add_argument(
            "--paste",
            action="store_true",
            help="No browser here: paste the address that the browser ends at elsewhere.",
        )

    def perform(self, **options: Any) -> Report:
        channel = self.channel(options)
        if kind_of(channel).by_hand:
            return report(channel, None)
        if issuer_of(channel) is None:
            facts = connecting.facts_of(channel, clock=timezone.now)
            connecting.note_facts(channel, facts, now=timezone.now())
        elif connecting.asks_consent(channel):
            facts = self.consented(channel, options)
        else:
            if connecting.asks_name(channel) and not options["user"]:
                raise bad_usage(f"{channel} is connected with a password; add --user.")
            typed = connecting.Secrets(self.secret(), options["user"], options["code"])
            facts = connecting.connect_with(channel, typed, clock=timezone.now)
        channel.refresh_from_db()
        return report(channel, facts)

    def channel(self, options: dict[str, Any]) -> Channel:
        kind, name = options["kind"], options["name"] or Channel.Kind(options["kind"]).label
        known = Channel.objects.filter(name=name).first()
        if known and known.kind != kind:
            raise bad_usage(f"{known} is a channel of another kind; choose another --name.")
        if known:
            return known
        return connecting.create_channel(kind, name, address=options["address"])

    def secret(self) -> str:
        """A token or password, never shown and never in the shell's history."""
        if sys.stdin.isatty():
            return getpass.getpass("Token or password: ")
        return sys.stdin.readline().strip()

    def consented(self, channel: Channel, options: dict[str, Any]) -> AccountFacts:
        """Send the person to the platform and take what they come back with."""
        with Listener(("127.0.0.1", options["port"]), Back) as listener:
            listener.timeout = LISTENS_S
            redirect = f"http://127.0.0.1:{listener.server_port}/callback"
            address, begun = connecting.begin_connecting(
                channel, redirect=redirect, now=timezone.now()
            )
            self.stderr.write(f"Open this address in a browser and sign in:\n{address}")
            if options["paste"]:
                self.stderr.write("Then paste the address the browser ends at:")
                returned = sys.stdin.readline().strip()
            else:
                listener.handle_request()
                returned = listener.returned
        if not returned:
            raise PublishingRefused("Nobody came back; begin again, perhaps with --paste.")
        return connecting.finish_connecting(begun, returned, clock=timezone.now)


class Listener(HTTPServer):
    """Waits for the browser to come back."""

    returned = ""


class Back(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.returned = self.path
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(THANKS)

    def log_message(self, format: str, *args: object) -> None:
        """The address holds a code: it is not logged."""


def report(channel: Channel, facts: AccountFacts | None) -> Report:
    lines = [f"{channel} is {channel.get_state_display().lower()}."]
    if facts:
        lines.append(f"It speaks for {facts.name} ({facts.id}).")
        if facts.rights:
            lines.append(f"Rights: {', '.join(facts.rights)}.")
        if facts.missing:
            lines.append(f"Missing: {', '.join(facts.missing)}. Grant that and connect it again.")
    if channel.connection_ends_at:
        lines.append(f"Connect it again before {channel.connection_ends_at:%Y-%m-%d}.")
    return Report(
        data={
            "channel": channel.name,
            "state": channel.state,
            "account": channel.account_name,
            "missing": list(facts.missing) if facts else [],
        },
        text="\n".join(lines),
        ok=not (facts and facts.missing),
    )
