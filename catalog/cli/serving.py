"""Where the API may listen, checked before anything starts."""

from __future__ import annotations

import ipaddress
import socket

from catalog.errors import InvalidSetting, PortTaken


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_host(host: str, has_token: bool) -> None:
    """Refuse to listen where others can reach an API without a token.

    Raises:
        InvalidSetting: the host is not loopback and there is no token.
    """
    if not is_loopback(host) and not has_token:
        raise InvalidSetting(
            f"listening on {host} lets others reach the catalog; set HEADWATER_API_TOKEN to a long random text first "
            "(OpenLineage clients send it as their API key), or listen on 127.0.0.1"
        )


def check_port(host: str, port: int) -> None:
    """Refuse a port that cannot be had.

    Raises:
        PortTaken: something listens there.
        InvalidSetting: this machine has no such address, or the port is not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except PermissionError as e:
            raise InvalidSetting(f"port {port} needs more rights; choose one above 1023 with --port") from e
        except socket.gaierror as e:
            raise InvalidSetting(f"{host!r} is no address of this machine; try --host 127.0.0.1") from e
        except OSError as e:
            if e.errno == 98 or "in use" in str(e):
                raise PortTaken(f"port {port} on {host} is taken; choose another with --port") from e
            raise InvalidSetting(f"cannot listen on {host}:{port}: {e.strerror}") from e
