"""What people are told when the web server cannot start."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "port_taken": Sentence(
        zh="端口 {port} 已被别的程序占用，网页没有启动。资料都还在。",
        zh_do="关掉占用它的程序，或用 --port 换一个端口再启动。",
        en="Port {port} is taken by another program, so the pages did not start. "
        "Everything stored is safe.",
        en_do="Stop that program, or start again with another --port.",
    ),
    "port_forbidden": Sentence(
        zh="系统不允许本程序使用端口 {port}。",
        zh_do="用 --port 换一个 1024 以上的端口，或以系统服务的方式启动。",
        en="The system does not let this program use port {port}.",
        en_do="Choose a --port from 1024 up, or start it as a system service.",
    ),
    "address_unknown": Sentence(
        zh="本机没有 {host} 这个网络地址，网页没有启动。",
        zh_do="在设置里把 host 改成 0.0.0.0（所有网络）或本机的地址。",
        en="This machine has no network address {host}, so the pages did not start.",
        en_do="Set host to 0.0.0.0 (every network) or to an address of this machine.",
    ),
}
