"""The addresses under which this machine can be reached, asked of its own interfaces.

No name is looked up: without a DNS server that stalls a start for seconds (measured).
"""

import ipaddress

import ifaddr


def addresses() -> list[str]:
    """Return the IPv4 addresses of this machine, those of a LAN first, loopback last."""
    found = {
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str)
    }
    return sorted(found, key=_rank)


def _rank(text: str) -> tuple[int, ipaddress.IPv4Address]:
    address = ipaddress.IPv4Address(text)
    if address.is_loopback:
        return 3, address
    if address.is_link_local:
        return 2, address
    return (0 if address.is_private else 1), address
