"""Tokens, certificates, rates and names: what is let in, and what follows from the settings."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import ipaddress
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from egostream.cli import main
from egostream.errors import EgostreamError
from egostream.server import tls
from egostream.server.limits import MAX_CLIENTS, Rate, RateLimiter
from egostream.server.names import own_names
from egostream.server.security import security_of
from egostream.server.settings import ServerSettings
from egostream.server.tokens import (
    BadSecret,
    Forbidden,
    TokenDesk,
    Unauthorized,
    issue,
    own_secret,
    read_secret,
)

SECRET = b"a secret of thirty-two bytes, or so"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_is_good_for_what_it_says() -> None:
    desk = TokenDesk(SECRET)
    claims = desk.check(issue(SECRET, "edit", 60, session_s=90), "edit", None)
    assert (claims.scope, claims.session_s) == ("edit", 90)
    with pytest.raises(Forbidden, match="edit, not for view"):
        desk.check(issue(SECRET, "edit", 60), "view", None)
    page = issue(SECRET, "edit", 60, origins=("https://my.page",))
    assert desk.check(page, "edit", "https://my.page").origins
    for origin in ("https://evil.page", None):
        with pytest.raises(Forbidden, match="origin"):
            desk.check(page, "edit", origin)


def test_a_token_is_signed_as_anyone_can_check() -> None:
    payload, _, signature = issue(SECRET, "edit", 60).partition(".")
    mac = hmac.new(SECRET, payload.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(mac).rstrip(b"=").decode() == signature
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["scope"] == "edit" and set(claims) == {
        "jti", "scope", "exp", "session_s", "origins", "once",
    }  # fmt: skip


def test_tokens_end_and_some_are_used_up() -> None:
    clock = Clock()
    desk = TokenDesk(SECRET, clock)
    short = issue(SECRET, "edit", -10_000_000_000)
    with pytest.raises(Unauthorized, match="expired"):
        desk.check(short, "edit", None)
    once = issue(SECRET, "edit", 3600, once=True)
    desk.check(once, "edit", None)
    with pytest.raises(Unauthorized, match="has been used"):
        desk.check(once, "edit", None)
    desk.check(issue(SECRET, "edit", 3600, once=True), "edit", None)


@pytest.mark.parametrize("token", [None, "", "x", "a.b", "." * 50, "x" * 5000, "é.ü", "e30.e30"])
def test_what_is_no_token_is_refused(token: str | None) -> None:
    with pytest.raises(Unauthorized):
        TokenDesk(SECRET).check(token, "edit", None)


def test_another_secret_and_other_claims_are_refused() -> None:
    with pytest.raises(Unauthorized):
        TokenDesk(SECRET).check(issue(b"another secret, as long", "edit", 60), "edit", None)
    payload = base64.urlsafe_b64encode(b'{"scope":"root"}').rstrip(b"=").decode()
    mac = hmac.new(SECRET, payload.encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    with pytest.raises(Unauthorized, match="another version"):
        TokenDesk(SECRET).check(f"{payload}.{signature}", "edit", None)


@given(st.text(max_size=200))
def test_nothing_that_was_made_up_gets_in(text: str) -> None:
    with pytest.raises(Unauthorized):
        TokenDesk(SECRET).check(text or None, "edit", None)


def test_secrets_lie_in_files_of_their_owner(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    made = own_secret(path)
    assert made == own_secret(path) and len(made) > 30
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "short").write_text("abc\n")
    with pytest.raises(BadSecret, match="too short"):
        read_secret(tmp_path / "short")
    with pytest.raises(BadSecret, match="cannot be read"):
        read_secret(tmp_path / "none")


def test_a_certificate_names_all_and_is_kept(tmp_path: Path) -> None:
    names = ["localhost", "127.0.0.1", "::1", "studio.local"]
    made = tls.own_certificate(names, tmp_path)
    cert = x509.load_pem_x509_certificate(made.cert.read_bytes())
    named = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert named.get_values_for_type(x509.DNSName) == ["localhost", "studio.local"]
    addresses = named.get_values_for_type(x509.IPAddress)
    assert ipaddress.ip_address("::1") in addresses and len(addresses) == 2
    lasts = cert.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=300) < lasts < datetime.timedelta(days=398)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    before = made.cert.read_bytes()
    assert tls.own_certificate(names[:2], tmp_path).cert.read_bytes() == before
    tls.own_certificate([*names, "10.1.2.3"], tmp_path)
    assert made.cert.read_bytes() != before, "one more name"
    for broken in (made.cert, made.key):
        broken.write_text("nonsense")
        again = tls.own_certificate(names, tmp_path)
        assert tls.given_certificate(again.cert, again.key).fingerprint == again.fingerprint
    with pytest.raises(tls.BadCertificate):
        tls.given_certificate(tmp_path / "none", made.key)
    made.key.write_text("nonsense")
    with pytest.raises(tls.BadCertificate, match="PEM"):
        tls.given_certificate(made.cert, made.key)


def test_a_certificate_that_ends_soon_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "LASTS", datetime.timedelta(days=20))
    before = tls.own_certificate(["localhost"], tmp_path).fingerprint
    assert tls.own_certificate(["localhost"], tmp_path).fingerprint != before


def test_rates() -> None:
    clock = Clock()
    limiter = RateLimiter(Rate(3, 2.0), clock)
    assert [limiter.wait_s("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert limiter.wait_s("b") == 0
    clock.now += 0.5
    assert limiter.wait_s("a") == 0 and limiter.wait_s("a") > 0
    clock.now += 100
    assert [limiter.wait_s("a") > 0 for _ in range(4)] == [False] * 3 + [True]
    for i in range(2 * MAX_CLIENTS):
        limiter.wait_s(str(i))
    assert len(limiter._buckets) == MAX_CLIENTS


def test_names_of_this_machine() -> None:
    assert own_names("127.0.0.1") == ["localhost", "127.0.0.1", "::1"]
    everywhere = own_names("0.0.0.0", ("Cloud.example",))
    assert "cloud.example" in everywhere and "0.0.0.0" not in everywhere
    assert len(everywhere) > 4 and own_names("10.1.2.3")[-1] == "10.1.2.3"


@pytest.mark.parametrize(
    ("settings", "scheme", "wants_token"),
    [
        ({}, "http", False),
        ({"self_signed": True}, "https", False),
        ({"host": "0.0.0.0"}, "https", True),
        ({"host": "0.0.0.0", "insecure_http": True}, "http", True),
        ({"host": "0.0.0.0", "no_auth": True}, "https", False),
    ],
)
def test_it_is_safe_unless_told_otherwise(
    settings: dict[str, Any],
    scheme: str,
    wants_token: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EGOSTREAM_CONFIG", str(tmp_path))
    found = security_of(ServerSettings(**settings))
    assert (found.scheme, found.desk is not None) == (scheme, wants_token)
    with pytest.raises(EgostreamError, match="belong together"):
        security_of(ServerSettings(cert=tmp_path / "c"))


def test_the_command_makes_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EGOSTREAM_CONFIG", str(tmp_path))
    assert main(["token", "--minutes", "5", "--session", "2", "--origin", "https://a.b/"]) == 0
    desk = security_of(ServerSettings(host="0.0.0.0")).desk
    assert desk is not None
    claims = desk.check(capsys.readouterr().out.strip(), "edit", "https://a.b")
    assert claims.session_s == 120
    assert main(["token", "--minutes", "0"]) == 2
    assert main(["token", "--token-secret", str(tmp_path / "none")]) == 2
