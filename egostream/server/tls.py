"""A certificate of one's own making: cameras work in secure pages only, and plain `http` from elsewhere makes none.

It names every address of the machine, is kept between runs, and is made anew when it names too little or ends soon.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from egostream.errors import EgostreamError
from egostream.server.names import is_address

LASTS = datetime.timedelta(days=397)  # longer ones are refused by some browsers
RENEWED_BEFORE = datetime.timedelta(days=30)


class BadCertificate(EgostreamError):
    """A certificate or its key cannot be read, or one is missing."""

    code = "bad_certificate"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two PEM files. `is_own`: made here, so that devices must be told to trust it."""

    cert: Path
    key: Path
    is_own: bool

    @property
    def fingerprint(self) -> str:
        """SHA-256, as browsers show it."""
        loaded = x509.load_pem_x509_certificate(self.cert.read_bytes())
        return loaded.fingerprint(hashes.SHA256()).hex(":").upper()


def config_folder() -> Path:
    """Where a certificate and secrets are kept: EGOSTREAM_CONFIG, else the user's configuration folder."""
    chosen = os.environ.get("EGOSTREAM_CONFIG")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "egostream"


def given_certificate(cert: Path, key: Path) -> Certificate:
    """Files of the user's. Raises BadCertificate."""
    try:
        x509.load_pem_x509_certificate(cert.read_bytes())
        serialization.load_pem_private_key(key.read_bytes(), None)
    except OSError as error:
        raise BadCertificate(f"{error.filename} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise BadCertificate(
            f"{cert} and {key} must be a PEM certificate and its unencrypted PEM key: {error}"
        ) from error
    return Certificate(cert, key, is_own=False)


def own_certificate(names: list[str], folder: Path | None = None) -> Certificate:
    """The one that was made before, where it still serves, or a new one. Raises BadCertificate."""
    folder = folder or config_folder() / "tls"
    made = Certificate(folder / "cert.pem", folder / "key.pem", is_own=True)
    if _serves(made, names):
        return made
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "egostream, made here")])
    cert = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName([_general(n) for n in names]), critical=False)
        # Phones only trust by hand what calls itself an authority.
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_secret(made.key, private)
        made.cert.write_bytes(cert.public_bytes(pem))
    except OSError as error:
        raise BadCertificate(f"{folder} cannot be written: {error.strerror}") from error
    return made


def write_secret(path: Path, data: bytes) -> None:
    """Readable by its owner alone, from the first byte on; there whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    part.replace(path)


def _serves(made: Certificate, names: list[str]) -> bool:
    try:
        cert = x509.load_pem_x509_certificate(made.cert.read_bytes())
        key = serialization.load_pem_private_key(made.key.read_bytes(), None)
        named = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    lasts = cert.not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    covered = {_general(name) for name in names} <= set(named)
    return covered and lasts > RENEWED_BEFORE and key.public_key() == cert.public_key()


def _general(name: str) -> x509.GeneralName:
    if is_address(name):
        return x509.IPAddress(ipaddress.ip_address(name.partition("%")[0]))
    return x509.DNSName(name)
