"""Signing in by OAuth 2 with PKCE, as a service sees it: codes, tokens, refresh tokens."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlencode

from tests.contract_servers.base import Reply, Request
from tests.contract_servers.channel import CLIENT_ID, CLIENT_SECRET, ChannelServer, form_of


class SignInServer(ChannelServer):
    """Mixed into a channel's server. granted: scopes the person ticks; None: all that are asked.

    single_use: a refresh token works once. lasting: a code brings a refresh token.
    """

    single_use = False
    client_field = "client_id"

    def reset_state(self) -> None:
        super().reset_state()
        self.granted: set[str] | None = None
        self.lasting = True
        self._codes: dict[str, dict[str, str]] = {}

    def challenge_of(self, verifier: str) -> str:
        digest = hashlib.sha256(verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def refusal(self, status: int, code: str) -> Reply:
        return Reply({"error": code, "error_description": f"{code}: it was refused"}, status)

    def consent(self, request: Request) -> Reply:
        """The person agrees at once, and is sent back with a code."""
        query = request.query
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return self.refusal(400, "invalid_request")
        if query.get(self.client_field) != CLIENT_ID:
            return self.refusal(401, "invalid_client")
        code = f"code-{len(self._codes) + 1:04d}"
        self._codes[code] = dict(query)
        back = urlencode({"code": code, "state": query["state"]})
        return Reply(b"", 302, {"Location": f"{query['redirect_uri']}?{back}"})

    def grant(self, request: Request) -> Reply:
        form = form_of(request)
        ours = (form.get(self.client_field), form.get("client_secret"))
        if ours != (CLIENT_ID, CLIENT_SECRET):
            return self.refusal(401, "invalid_client")
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != self.refresh:
                return self.refusal(400, "invalid_grant")
            self.new_tokens(refresh=self.single_use)
            return Reply(self.tokens(refresh=self.single_use))
        asked = self._codes.pop(form.get("code", ""), None)
        proves = asked and self.challenge_of(form.get("code_verifier", "")) == asked.get(
            "code_challenge"
        )
        if not asked or not proves or form.get("redirect_uri") != asked["redirect_uri"]:
            return self.refusal(400, "invalid_grant")
        self.new_tokens()
        scopes = set(asked.get("scope", "").split()) if self.granted is None else self.granted
        return Reply(self.tokens(refresh=self.lasting) | {"scope": " ".join(sorted(scopes))})

    def tokens(self, *, refresh: bool) -> dict[str, Any]:
        body = {"access_token": self.access, "expires_in": 3599, "token_type": "Bearer"}
        return body | ({"refresh_token": self.refresh} if refresh else {})
