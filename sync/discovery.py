"""Being found on the LAN by multicast DNS: ``http://jxd-<4 of the box id>.local``.

The host name is one label, because resolvers on Linux and macOS resolve no deeper ones
below ``.local``, and holds part of the box's id, because two boxes on one network would
both claim a common name. It is a convenience: phones that do not resolve it have the QR
code with the IP address. Addresses are looked at again every five seconds, since one
listener serves one address and a router may hand out another.
"""

import logging
import threading

from zeroconf import IPVersion, NonUniqueNameException, ServiceInfo, Zeroconf

from edge_server.ground import lan

log = logging.getLogger(__name__)

TYPE = "_http._tcp.local."
LOOK_S = 5.0


def host_name(box_id: str) -> str:
    """Return the single label under which a box is found: ``jxd-1a2b``."""
    return f"jxd-{box_id[:4]}"


def advertise(
    box_id: str,
    name: str,
    port: int,
    stop: threading.Event,
    *,
    interfaces: list[str] | None = None,
) -> None:
    """Advertise the web server until ``stop`` is set.

    Args:
        box_id: The box's id, 32 hex digits.
        name: What people call this place.
        port: TCP port of the web server.
        stop: Ends it.
        interfaces: Addresses to use; by default those of the LAN as they are found.
    """
    shown: Zeroconf | None = None
    at: list[str] = []
    try:
        while not stop.is_set():
            now = interfaces or [
                address for address in lan.addresses() if not address.startswith("127.")
            ]
            if now != at:
                if shown is not None:
                    shown.close()
                shown, at = _begin(box_id, name, port, now), now
            stop.wait(LOOK_S)
    finally:
        if shown is not None:
            shown.close()


def _begin(box_id: str, name: str, port: int, addresses: list[str]) -> Zeroconf | None:
    if not addresses:
        return None
    try:
        shown = Zeroconf(interfaces=addresses, ip_version=IPVersion.V4Only)
    except OSError as error:  # no multicast here, or an interface that just went down
        log.warning("not advertised by mDNS: %s", error)
        return None
    info = ServiceInfo(
        TYPE,
        f"{name} ({box_id[:4]}).{TYPE}",
        port=port,
        server=f"{host_name(box_id)}.local.",
        parsed_addresses=addresses,
        properties={"id": box_id, "path": "/"},
    )
    try:
        shown.register_service(info, allow_name_change=True)
    except (NonUniqueNameException, OSError) as error:
        log.warning("not advertised by mDNS: %s", error)
    return shown
