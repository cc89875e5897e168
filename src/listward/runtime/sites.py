"""What stands for one client where clients are told apart by address."""

from ipaddress import ip_address

IPV6_SITE = 64


def site_of(address: str) -> str:
    """Return what stands for a client: its address, or its network where one site has as many as it likes (IPv6)."""
    if ":" not in address:
        return address
    ip = ip_address(address)
    return f"{int(ip) >> (ip.max_prefixlen - IPV6_SITE):x}"
