import threading
import time
from concurrent.futures import ThreadPoolExecutor

from zeroconf import IPVersion, ServiceBrowser, Zeroconf

from sync import discovery

BOX = "1a2b" + "0" * 28


class Seen:
    def __init__(self):
        self.names = []

    def add_service(self, zc, kind, name):
        self.names.append(name)

    def update_service(self, zc, kind, name): ...

    def remove_service(self, zc, kind, name): ...


def test_the_box_is_found_under_a_single_label_with_its_address_and_port():
    stop = threading.Event()
    shown = threading.Thread(
        target=discovery.advertise,
        args=(BOX, "向阳教学点", 8123, stop),
        kwargs={"interfaces": ["127.0.0.1"]},
    )
    shown.start()
    try:
        # A phone is a machine of its own: on the main thread it would take the event
        # loop that the browser tests leave there, which nobody runs meanwhile.
        with ThreadPoolExecutor(1) as elsewhere:
            name, info = elsewhere.submit(look).result()
        assert info.server == "jxd-1a2b.local."
        assert info.parsed_addresses() == ["127.0.0.1"]
        assert info.port == 8123
        assert name.startswith("向阳教学点")
    finally:
        stop.set()
        shown.join()


def look():
    """Return the name and the address that a phone finds."""
    seen = Seen()
    phone = Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    try:
        ServiceBrowser(phone, discovery.TYPE, seen)
        ends_s = time.monotonic() + 30
        while not seen.names and time.monotonic() < ends_s:
            time.sleep(0.1)
        assert seen.names, "nobody advertised"
        name = seen.names[0]
        return name, phone.get_service_info(discovery.TYPE, name, timeout=30_000)
    finally:
        phone.close()


def test_two_boxes_claim_two_names():
    assert discovery.host_name(BOX) != discovery.host_name("ffff" + "0" * 28)
