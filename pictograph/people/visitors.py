"""Where visitors come from, as it is counted."""

from ipaddress import IPv6Address, ip_address, ip_network


def plain_address(text: str) -> str:
    """An address as it is compared: one of IPv4 that a listener for both kinds writes as IPv6 is one of IPv4.

    >>> plain_address("::ffff:192.0.2.7")
    '192.0.2.7'
    """
    try:
        address = ip_address(text)
    except ValueError:  # a socket of the file system has none
        return text
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def network_of(address: str) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 of an IPv6 address, as all of it is handed to one house.

    >>> network_of("2001:db8::1"), network_of("192.0.2.7")
    ('2001:db8::/64', '192.0.2.7')
    """
    try:
        is_v6 = isinstance(ip_address(address), IPv6Address)
    except ValueError:
        return address
    return str(ip_network(f"{address.partition('%')[0]}/64", strict=False)) if is_v6 else address
