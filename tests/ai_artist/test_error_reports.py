"""What a report of a fault tells, and what it does not."""

from __future__ import annotations

from typing import Any

import sentry_sdk
from sentry_sdk.transport import Transport

from ai_artist.error_reports import options
from ai_artist.kit.log_context import working_on


class Kept(Transport):
    """Keeps what would be sent."""

    events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.events.append(envelope.get_event())


def test_a_fault_is_told_with_its_run_and_without_values() -> None:
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:9/1", transport=Kept, default_integrations=False, **options()
    )
    with sentry_sdk.isolation_scope() as scope, working_on(run="r1", step="music"):
        scope.set_client(client)
        try:
            secret = "sk-private"
            raise ValueError("it broke")
        except ValueError as error:
            sentry_sdk.capture_exception(error, scope=scope)
    client.close()

    (event,) = Kept.events
    assert event["tags"] == {"run": "r1", "step": "music"}
    assert event["release"].startswith("ai-artist-platform@")
    assert secret not in str({k: v for k, v in event.items() if k != "exception"})
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert all("vars" not in frame for frame in frames)
