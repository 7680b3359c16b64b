import threading
import time

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
    stop, seen = threading.Event(), Seen()
    shown = threading.Thread(
        target=discovery.advertise,
        args=(BOX, "向阳教学点", 8123, stop),
        kwargs={"interfaces": ["127.0.0.1"]},
    )
    shown.start()
    phone = Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    try:
        ServiceBrowser(phone, discovery.TYPE, seen)
        ends_s = time.monotonic() + 30
        while not seen.names and time.monotonic() < ends_s:
            time.sleep(0.1)
        assert seen.names, "nobody advertised"
        info = phone.get_service_info(discovery.TYPE, seen.names[0], timeout=30_000)
        assert info.server == "jxd-1a2b.local."
        assert info.parsed_addresses() == ["127.0.0.1"]
        assert info.port == 8123
        assert seen.names[0].startswith("向阳教学点")
    finally:
        stop.set()
        shown.join()
        phone.close()


def test_two_boxes_claim_two_names():
    assert discovery.host_name(BOX) != discovery.host_name("ffff" + "0" * 28)
