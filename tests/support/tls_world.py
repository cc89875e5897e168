"""Certificates for tests: an authority, a server's certificate in files, clients with certificates of their own."""

import ssl
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from gateway_fakes import Client

HOST = "mx.party.example"


class TlsWorld:
    """A folder with `cert.pem`, `key.pem` and `clients.pem`, and the authorities behind them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority, self.clients = trustme.CA(), trustme.CA()
        self.server = self.clients.issue_cert(common_name="server.party.example")
        self.renew()
        self.clients.cert_pem.write_to_path(folder / "clients.pem")

    def renew(self) -> None:
        """Write a new certificate and key."""
        made = self.authority.issue_cert(HOST)
        made.private_key_pem.write_to_path(self.folder / "key.pem")
        (self.folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))

    @property
    def gateway(self) -> dict[str, object]:
        """The keys of [gateway]."""
        return {"tls_certificate": self.folder / "cert.pem", "tls_key": self.folder / "key.pem"}

    def context(self, certificate: trustme.LeafCert | None = None) -> ssl.SSLContext:
        """What a client that trusts the server shakes hands with."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if certificate is not None:
            certificate.configure_cert(context)
        return context

    async def upgrade(self, client: Client, certificate: trustme.LeafCert | None = None) -> None:
        """Say STARTTLS, shake hands, and say EHLO again."""
        assert await client.ask("STARTTLS") == (220, "2.0.0 Ready to start TLS")
        await client.writer.start_tls(self.context(certificate), server_hostname=HOST)
        assert (await client.ask("EHLO client.example"))[0] == 250


def served_certificate(client: Client) -> bytes:
    """The certificate the server showed."""
    found = client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    assert isinstance(found, bytes)
    return found


def parsed(certificate: trustme.LeafCert) -> x509.Certificate:
    """The certificate as cryptography reads it."""
    return x509.load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes())


def fingerprint(certificate: trustme.LeafCert) -> str:
    """Its SHA-256 fingerprint in hex."""
    return parsed(certificate).fingerprint(SHA256()).hex()
