"""From settings to who is let in: certificate, names, pages, tokens. Safe unless told otherwise: what is reached from
other machines is encrypted and wants a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from egostream.errors import EgostreamError
from egostream.server.names import own_names
from egostream.server.settings import ServerSettings
from egostream.server.tls import Certificate, config_folder, given_certificate, own_certificate
from egostream.server.tokens import TokenDesk, own_secret, read_secret


@dataclass(frozen=True, slots=True)
class Security:
    """What a server is reached by, and asks for. Without a desk it asks for no token."""

    names: list[str]
    certificate: Certificate | None
    secret: bytes | None

    @property
    def scheme(self) -> str:
        return "http" if self.certificate is None else "https"

    @property
    def desk(self) -> TokenDesk | None:
        return None if self.secret is None else TokenDesk(self.secret)


def security_of(settings: ServerSettings) -> Security:
    """Makes a certificate and a secret where they are needed and there are none. Raises BadCertificate, BadSecret, or
    EgostreamError for settings that contradict each other.
    """
    names = own_names(settings.host, settings.san)
    if (settings.cert is None) != (settings.key is None):
        raise EgostreamError("--cert and --key belong together")
    certificate = None
    if settings.cert is not None and settings.key is not None:
        certificate = given_certificate(settings.cert, settings.key)
    elif settings.self_signed or not (settings.is_loopback or settings.insecure_http):
        certificate = own_certificate(names)
    secret = None
    if settings.token_secret is not None:
        secret = read_secret(settings.token_secret)
    elif not (settings.is_loopback or settings.no_auth):
        secret = own_secret(default_secret())
    return Security(names, certificate, secret)


def default_secret() -> Path:
    """Where the secret lies that signs tokens, unless another is named."""
    return config_folder() / "token-secret"
