"""What people are told when a film, a deck or a picture cannot be made playable."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "not_media": Sentence(
        zh="这个文件里没有能播放的画面或声音，原件保存着。",
        zh_do="在电脑上打开看看；打不开就请重新取一份。",
        en="There is no picture or sound in this file that can be played. "
        "The original is kept.",
        en_do="Try it on a computer; if it does not open there, fetch it again.",
    ),
    "media_without_index": Sentence(
        zh="这个视频没有传完，缺少播放要用的索引，放不出来。",
        zh_do="请重新取。",
        en="This film did not arrive whole: the index that playing needs is missing.",
        en_do="Fetch it again.",
    ),
}
