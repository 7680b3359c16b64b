"""What is said when the guard keeps something out, or cannot keep watch here."""

from edge_server.language.sentence import Sentence

SENTENCES: dict[str, Sentence] = {
    "no_sandbox": Sentence(
        zh="隔离间现在用不了，所以什么都没有转换；文件都在，没有动过。",
        zh_do="运行 edge-server doctor，看缺什么。",
        en="The sandbox cannot be used now, so nothing was converted; every file is kept as it was.",
        en_do="Run edge-server doctor to see what is missing.",
    ),
    "sandbox_not_installed": Sentence(
        zh="没有装 bubblewrap，别人的文件没有地方可以安全打开。文件照常收下、可以下载，但不转换、不读文字。",
        zh_do="装上它：apt install bubblewrap，再重新启动。",
        en="bubblewrap is not installed, so there is no safe place to open foreign files. They are kept and can be downloaded, but are not converted or read.",
        en_do="Install it with apt install bubblewrap, then start again.",
    ),
    "sandbox_not_allowed": Sentence(
        zh="bubblewrap 装了，但这台机器不让它建隔离间（用户命名空间）。文件照常收下、可以下载，但不转换、不读文字。",
        zh_do="在系统里允许用户命名空间（user.max_user_namespaces 不能是 0；容器要放行），再重新启动。",
        en="bubblewrap is installed, but this machine does not let it make a sandbox (user namespaces). Files are kept and can be downloaded, but are not converted or read.",
        en_do="Allow user namespaces (user.max_user_namespaces above 0; containers must permit them), then start again.",
    ),
    "stopped": Sentence(
        zh="转换停下了，让路给更急的事；文件没有问题。",
        zh_do="",
        en="The conversion was stopped to make way; nothing is wrong with the file.",
        en_do="",
    ),
    "converter_too_long": Sentence(
        zh="打开这个文件用了 {limit_s} 还没完，停下了。原文件留着，可以下载。",
        zh_do="在自己的电脑上打开看看，另存一份再放进来。",
        en="Opening this file was not done after {limit_s} and was stopped. The original is kept and can be downloaded.",
        en_do="Open it on your own computer, save it anew and bring it again.",
    ),
    "converter_killed": Sentence(
        zh="转换程序中途被系统关掉了，多半是内存不够。过一会儿会自动再试，原文件留着。",
        zh_do="不用管它；试了很多次还不行，就请技术员看看盒子的内存。",
        en="The system ended the converter half way, most likely for want of memory. "
        "It is tried again by itself; the original is kept.",
        en_do="Nothing to do; if it fails many times, have the technician look at the memory.",
    ),
    "converter_too_much": Sentence(
        zh="从这个文件读出的内容超过 {limit_bytes}，停下了。原文件留着，可以下载。",
        zh_do="把它分成几个文件再放进来。",
        en="Reading this file gave more than {limit_bytes} and was stopped. The original is kept and can be downloaded.",
        en_do="Split it into several files and bring those.",
    ),
}
