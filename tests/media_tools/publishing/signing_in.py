"""What every sign-in by OAuth 2 keeps; the tests of a channel subclass it with its own pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from media_tools.errors import NeedsPerson, ProviderRejected, ProviderUnavailable
from media_tools.providers.http import Line, RetryPolicy, Timeouts
from media_tools.publishing.tokens import Tokens
from tests.contract_servers.channel import CLIENT_ID, CLIENT_SECRET
from tests.media_tools.publishing.contract import NOON

# By the test that shows it.
ERROR_ROWS = {
    "test_a_withdrawn_permission_needs_a_person": ("signing in: invalid_grant", NeedsPerson),
    "test_an_unknown_registration_needs_a_person": ("signing in: invalid_client", NeedsPerson),
    "test_an_outage_is_no_verdict": ("signing in: 503", ProviderUnavailable),
}
LINE = Line(Timeouts(2.0, 1.5, 6.0), RetryPolicy(), sleep=lambda seconds: None)
BACK = "http://127.0.0.1:8765/callback"


class SignInContract:
    """issuer: an OAuthSignIn. setting: of its client id. The fixture `server` holds the account."""

    issuer: ClassVar[Any]
    setting: ClassVar[str]
    token_line: ClassVar[str] = "POST /token"
    shown_as: ClassVar[str]

    @classmethod
    def error_row(cls, test: str) -> pytest.MarkDecorator | None:
        """The mark of a test that shows a row of docs/provider-errors.md, or None."""
        if test not in ERROR_ROWS:
            return None
        row, kind = ERROR_ROWS[test]
        return pytest.mark.provider_error(
            adapter=cls.shown_as, row=row, outcome=kind.__name__, channel=True
        )

    @pytest.fixture
    def sign_in(self, server: Any) -> Any:
        options = self.issuer.Options(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            accounts_url=server.url,
            grant_url=server.url,
            base_url=server.url,
        )
        return self.issuer(options, LINE)

    def connected(self, sign_in: Any) -> Tokens:
        """The tokens of a person who agreed."""
        consent = sign_in.consent(redirect=BACK)
        back = requests.get(consent.address, allow_redirects=False, timeout=5).headers["Location"]
        answer = {name: values[-1] for name, values in parse_qs(urlsplit(back).query).items()}
        assert answer["state"] == consent.state
        return sign_in.exchange(answer["code"], verifier=consent.verifier, redirect=BACK, now=NOON)

    def test_a_person_agrees_and_tokens_come(self, sign_in: Any, server: Any) -> None:
        tokens = self.connected(sign_in)

        assert (tokens.access, tokens.refresh) == (server.access, server.refresh)
        assert tokens.expires_at == NOON + timedelta(seconds=3599)
        assert tokens.access not in repr(tokens)

    def test_a_code_works_once_and_only_with_its_verifier(self, sign_in: Any) -> None:
        consent = sign_in.consent(redirect=BACK)
        back = requests.get(consent.address, allow_redirects=False, timeout=5).headers["Location"]
        code = parse_qs(urlsplit(back).query)["code"][0]

        with pytest.raises(NeedsPerson) as caught:
            sign_in.exchange(code, verifier="x" * 64, redirect=BACK, now=NOON)

        assert code not in str(caught.value)
        assert CLIENT_SECRET not in f"{caught.value} {vars(caught.value)}"

    def test_tokens_are_renewed(self, sign_in: Any, server: Any) -> None:
        tokens = self.connected(sign_in)

        renewed = sign_in.refresh(tokens, now=NOON)

        assert renewed.access != tokens.access
        assert (renewed.access, renewed.refresh) == (server.access, server.refresh)
        assert renewed.scopes == tokens.scopes

    def test_a_lost_answer_is_asked_for_once_more(self, sign_in: Any, server: Any) -> None:
        tokens = self.connected(sign_in)
        server.fault(reset="before", where=self.token_line)
        assert sign_in.refresh(tokens, now=NOON).access == server.access
        server.fault(reset="after", where=self.token_line)

        if not server.single_use:
            assert sign_in.refresh(tokens, now=NOON).access == server.access
            return
        with pytest.raises(NeedsPerson):
            sign_in.refresh(tokens, now=NOON)

    def test_a_withdrawn_permission_needs_a_person(self, sign_in: Any, server: Any) -> None:
        tokens = self.connected(sign_in)
        sign_in.revoke(tokens)
        sign_in.revoke(tokens)  # dead already

        with pytest.raises(NeedsPerson) as caught:
            sign_in.refresh(tokens, now=NOON)

        assert "connect" in caught.value.action
        assert tokens.refresh not in f"{caught.value} {vars(caught.value)}"

    def test_an_unknown_registration_needs_a_person(self, sign_in: Any, server: Any) -> None:
        tokens = self.connected(sign_in)
        options = self.issuer.Options(
            client_id="somebody-else", client_secret=CLIENT_SECRET, grant_url=server.url
        )

        with pytest.raises(NeedsPerson, match=self.setting):
            self.issuer(options, LINE).refresh(tokens, now=NOON)

    def test_an_outage_is_no_verdict(self, sign_in: Any, server: Any) -> None:
        tokens = self.connected(sign_in)
        server.fault(status=503, where=self.token_line, times=2)

        with pytest.raises(ProviderUnavailable):
            sign_in.refresh(tokens, now=NOON)

        assert sign_in.refresh(tokens, now=NOON)

    def test_a_permission_that_does_not_last_or_lacks_a_right_is_refused(
        self, sign_in: Any, server: Any
    ) -> None:
        server.lasting = False
        with pytest.raises(NeedsPerson):
            self.connected(sign_in)
        server.lasting, server.granted = True, {"one"}

        if self.issuer.pages.scopes:
            with pytest.raises(NeedsPerson, match="not granted"):
                self.connected(sign_in)

    def test_people_do_not_come_back_unencrypted(self, sign_in: Any) -> None:
        with pytest.raises(ProviderRejected):
            sign_in.consent(redirect="http://panel.example/back")
        assert sign_in.consent(redirect="https://panel.example/back").address

    def test_a_missing_registration_names_the_setting(self) -> None:
        with pytest.raises(ProviderRejected, match=self.setting):
            self.issuer(self.issuer.Options(client_id=" ", client_secret="x"), LINE)
