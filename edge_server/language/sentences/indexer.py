"""Sentences of the room that reads files and finds words."""

from edge_server.language.sentence import Sentence

SENTENCES: dict[str, Sentence] = {
    "text_unreadable": Sentence(
        zh="读不出这个文件里的文字。文件完好保存着，按标题仍能找到。",
        zh_do="想按内容找到它，用 WPS 或 Office 打开，另存一份再传上来。",
        en="The words in this file cannot be read. The file is kept and is still found"
        " by its title.",
        en_do="To find it by what it says, open it in Office or WPS, save a copy and"
        " upload that.",
    ),
    "text_locked": Sentence(
        zh="这个文件加了密码，里面的文字读不出来。文件完好保存着，按标题仍能找到。",
        zh_do="想按内容找到它，去掉密码再传一次。",
        en="This file has a password, so its words cannot be read. The file is kept and"
        " is still found by its title.",
        en_do="To find it by what it says, take the password off and upload it again.",
    ),
    "words_damaged": Sentence(
        zh="查找用的词表坏了，要重新做一遍。课件一件不少，目录照常能用。",
        zh_do="在盒子上运行 edge-server index rebuild，几分钟就好。",
        en="The list of words behind search is damaged and has to be made again. No"
        " courseware is lost and the library tree works as always.",
        en_do="Run edge-server index rebuild on the box; it takes a few minutes.",
    ),
}
