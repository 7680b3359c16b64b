"""Sentences of the command line and of ``doctor``."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "not_a_box": Sentence(
        zh="{folder} 里还没有数据。",
        zh_do="先运行 edge-server init --data {folder}。",
        en="There is no box in {folder} yet.",
        en_do="Run edge-server init --data {folder} first.",
    ),
    "path_missing": Sentence(
        zh="找不到 {path}。",
        zh_do="看看名字有没有写错。",
        en="{path} is not there.",
        en_do="Check the name.",
    ),
    "samples_missing": Sentence(
        zh="找不到示例课件：{folder}。",
        zh_do="用 --samples 指出它们在哪里。",
        en="The samples are not in {folder}.",
        en_do="Say where they are with --samples.",
    ),
    "program_missing": Sentence(
        zh="没有装 {program}，有些课件转换不了。",
        zh_do="安装软件包 {package}。",
        en="{program} is not installed, so some courseware cannot be converted.",
        en_do="Install the package {package}.",
    ),
    "disk_nearly_full": Sentence(
        zh="硬盘快满了，只剩 {free_bytes}，不再收新课件。已有的都能放。",
        zh_do="下架不用的课件，或换一块大硬盘。",
        en="The disk is nearly full ({free_bytes} left); nothing new is taken in.",
        en_do="Withdraw what is not used, or fit a bigger disk.",
    ),
    "jobs_aside": Sentence(
        zh="有 {jobs} 件事做不成，放在一边了。",
        zh_do="用 edge-server jobs list --state aside 看原因。",
        en="{jobs} jobs could not be done and were set aside.",
        en_do="See why with edge-server jobs list --state aside.",
    ),
    "things_refused": Sentence(
        zh="有 {things} 个文件没收下，原因在状态页。",
        zh_do="看完原因再决定要不要重新放。",
        en="{things} files were refused; the status page says why.",
        en_do="Read why and decide whether to add them again.",
    ),
    "no_pin_yet": Sentence(
        zh="还没有人设过上传用的口令。",
        zh_do="用 edge-server accounts reset-pin 老师 要一个设置码。",
        en="Nobody has set a PIN for uploading yet.",
        en_do="Get a one-time code with edge-server accounts reset-pin 老师.",
    ),
}
