"""Which addresses of the network a URL of the product list may lead to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp.connector import AddrInfoType

UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that hosts of the public network have."""
NAT64 = IPv6Network("64:ff9b::/96")
"""A network without IPv4 reaches the hosts of IPv4 by these addresses, whose last 32 bits are the host's own."""
ALSO_PRIVATE = (
    IPv4Network("168.63.129.16/32"),  # what Azure's machines ask about themselves: routed inside alone
    IPv4Network("192.0.0.0/24"),  # the same at Oracle's; early releases of Python 3.11 call a part of it public
)


class PrivateAddress(OSError):
    """A connection to an address that is none of the public network; always with one text, so that aiohttp keeps the type."""


def is_public(address: str) -> bool:
    """Whether an IP address is a single host's on the public network.

    Loopback, link-local (the metadata of clouds among them), private, shared, reserved and multicast addresses are not, and no
    IPv6 address that carries one of those as IPv4.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        carried = parsed.ipv4_mapped or parsed.sixtofour or _translated(parsed)
        if carried is None:
            return parsed in UNICAST and parsed.is_global
        parsed = carried
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in ALSO_PRIVATE)


def checked_sockets(may_connect: Callable[[str], bool]) -> Callable[[AddrInfoType], socket.socket]:
    """What aiohttp's connector makes its sockets with: refuses those whose address `may_connect` refuses.

    aiohttp makes a socket for one resolved address and connects it to that same address, so what is checked here is what the
    system is told to connect to: for names and for bare addresses, after every redirect, whatever DNS answers the next time.
    """

    def checked(found: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = found
        if not may_connect(str(address[0])):
            raise PrivateAddress("the address is not public")
        return socket.socket(family, kind, protocol)

    return checked


def _translated(address: IPv6Address) -> IPv4Address | None:
    return IPv4Address(int(address) & 0xFFFF_FFFF) if address in NAT64 else None
