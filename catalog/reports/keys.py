"""Keys that seal reports: Ed25519, kept as PEM files.

A signature of Ed25519 is a function of key and content, so the same report is signed alike again. Who only verifies
needs the public key alone.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from catalog.errors import InvalidKey
from catalog.reports.canonical import sha256

ID_LENGTH = 16
FILE = "seal-key.pem"
"""What `headwater up` calls the one that it makes in its data directory."""
_END = "-----END PUBLIC KEY-----"


class PublicKey:
    """Verifies what the private key has signed.

    Attributes:
        id: the beginning of the SHA-256 of its 32 bytes.
        pem: how it is handed on.
    """

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(raw)[:ID_LENGTH]
        self.pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def has_signed(self, signature: bytes, content: bytes) -> bool:
        """Whether a signature is this key's, of exactly this content."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class SealKey:
    """A private key; it never leaves the process that reads it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def new(cls) -> SealKey:
        """A fresh one."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, content: bytes) -> bytes:
        """64 bytes, always the same for the same content."""
        return self._key.sign(content)

    def pem(self) -> bytes:
        """PKCS #8, not encrypted: who may read the file may seal."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_key(path: Path) -> SealKey:
    """The private key in a file.

    Raises:
        InvalidKey: it cannot be read, others may read it too, or it is no key of Ed25519.
    """
    try:
        mode, text = path.stat().st_mode, path.read_bytes()
    except OSError as e:
        raise InvalidKey(f"the key that seals reports cannot be read: {path}: {e.strerror}") from None
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise InvalidKey(f"{path} may be read by others; a key that seals must be kept: chmod 600 {path}")
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise InvalidKey(f"{path} holds no private key in PEM without a password; {_MAKE}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidKey(f"{path} holds a key of another kind than Ed25519; {_MAKE}")
    return SealKey(key)


def make_key(path: Path) -> SealKey:
    """The key in a file, made there (mode 0600) if there is none; of two that begin at once both get the same.

    Raises:
        InvalidKey: as `read_key`, or the file cannot be written.
    """
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(SealKey.new().pem())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink(missing_ok=True)
        except OSError as e:
            raise InvalidKey(f"no key can be made at {path}: {e.strerror}") from None
    return read_key(path)


def read_public(text: str, where: str = "the text") -> tuple[PublicKey, ...]:
    """The public keys in a PEM text, one after another; what stands between them is left out.

    Raises:
        InvalidKey: there is none, or one that is no key of Ed25519.
    """
    found: list[PublicKey] = []
    for part in text.split(_END)[:-1]:
        try:
            key = load_pem_public_key((part[part.index("-----BEGIN") :] + _END + "\n").encode())
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise InvalidKey(f"{where} holds something that is no public key of Ed25519")
        found.append(PublicKey(key))
    if not found:
        told = "a private key; give the public one" if "PRIVATE KEY" in text else "no public key in PEM"
        raise InvalidKey(f"{where} holds {told}: `headwater report key` prints it")
    return tuple(found)


def find(keys: Iterable[PublicKey], id_: str) -> PublicKey | None:
    """The key of an id."""
    return next((key for key in keys if key.id == id_), None)


_MAKE = f"make one with `headwater report key --new {FILE}`"
