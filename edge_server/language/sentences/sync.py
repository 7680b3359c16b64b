"""Sentences of arriving."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "empty_file": Sentence(
        zh="{name} 是空的，没收下。",
        zh_do="重新拷一次。",
        en="{name} is empty and was not taken.",
        en_do="Copy it again.",
    ),
    "is_program": Sentence(
        zh="{name} 是程序，不是课件，没收下。",
        zh_do="如果里面有课件，请把课件单独拿出来再放。",
        en="{name} is a program, not courseware, and was not taken.",
        en_do="If there is courseware in it, take that out and add it by itself.",
    ),
    "is_link": Sentence(
        zh="{name} 只是一个快捷方式，没收下。",
        zh_do="放原来的文件。",
        en="{name} is only a link and was not taken.",
        en_do="Add the file itself.",
    ),
    "archive_empty": Sentence(
        zh="压缩包 {name} 里没有课件，没收下。",
        zh_do="打开看看是不是压错了。",
        en="The archive {name} holds no courseware and was not taken.",
        en_do="Open it and see whether the right files are in it.",
    ),
}
