"""Which network addresses are asked at all: those of the public Internet, and no others."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

# Source: https://www.iana.org/assignments/iana-ipv4-special-registry. Written out, as the ipaddress module of older
# Pythons knows some of them as global.
_REFUSED_4 = [
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # public by its number: Azure's own services, for each of its machines
    )
]

# All of IPv6 that is given out so far. Outside of it are loopback, local and site-local addresses, multicast, and IPv4
# written as IPv6 (mapped, compatible, NAT64). Source: https://www.iana.org/assignments/ipv6-unicast-address-assignments
_GLOBAL_6 = ip_network("2000::/3")
_REFUSED_6 = [
    ip_network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarks, and other protocols' own
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
    )
]


def is_public(text: str) -> bool:
    """Whether an address, as `getaddrinfo` spells it, is one of the public Internet."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if any(address in network for network in EXTRA_BLOCKED_NET_RANGES) or not address.is_global:
        return False
    return _is_public_4(address) if isinstance(address, IPv4Address) else _is_public_6(address)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _REFUSED_4)


def _is_public_6(address: IPv6Address) -> bool:
    # Interfaces of ISATAP hold an IPv4 address: ::0:5efe:192.168.0.1. Source: RFC 5214, 6.1
    is_isatap = (int(address) >> 32) & 0xFDFF_FFFF == 0x0000_5EFE
    return address in _GLOBAL_6 and not is_isatap and not any(address in network for network in _REFUSED_6)
