"""Sentences of archives and of names from outside."""

from edge_server.language.sentence import Sentence

_AGAIN_ZH = "请对方重新压缩，或直接放文件夹。"
_AGAIN_EN = "Have it packed again, or add the folder itself."

SENTENCES = {
    "archive_damaged": Sentence(
        zh="压缩包坏了，或者没下完，没收下。",
        zh_do="重新下载或重新拷一次。",
        en="The archive is damaged or incomplete and was not taken.",
        en_do="Download or copy it again.",
    ),
    "archive_too_many": Sentence(
        zh="压缩包里有 {members} 个文件，超过 {most} 个，没收下。",
        zh_do="分成几个小的再放。",
        en="The archive holds {members} files, more than {most}, and was not taken.",
        en_do="Split it into smaller ones.",
    ),
    "archive_special_file": Sentence(
        zh="压缩包里有不是普通文件的东西（{name}），没收下。",
        zh_do=_AGAIN_ZH,
        en="The archive holds something that is no plain file ({name}) and was not taken.",
        en_do=_AGAIN_EN,
    ),
    "archive_encrypted": Sentence(
        zh="压缩包有密码，打不开，没收下。",
        zh_do="在电脑上解开以后再放。",
        en="The archive has a password and was not taken.",
        en_do="Unpack it on a computer and add the files.",
    ),
    "archive_method": Sentence(
        zh="压缩包用了少见的压法（{method}），没收下。",
        zh_do=_AGAIN_ZH,
        en="The archive uses a rare method ({method}) and was not taken.",
        en_do=_AGAIN_EN,
    ),
    "archive_too_large": Sentence(
        zh="压缩包解开有 {total_bytes}，太大了，没收下。",
        zh_do="分成几个小的再放。",
        en="Unpacked, the archive would be {total_bytes}, which is too large.",
        en_do="Split it into smaller ones.",
    ),
    "archive_no_room": Sentence(
        zh="压缩包解开有 {total_bytes}，盒子只能再放 {room_bytes}，没收下。",
        zh_do="先下架不用的课件腾出地方，再放一次。",
        en="Unpacked, the archive needs {total_bytes}; there is room for {room_bytes}.",
        en_do="Withdraw what is not used to make room, then add it again.",
    ),
    "archive_bomb": Sentence(
        zh="压缩包里有个文件解开会大得不正常，没收下。",
        zh_do="不要再用它，问问是从哪里来的。",
        en="A file in the archive would become absurdly large; it was not taken.",
        en_do="Do not use it; ask where it came from.",
    ),
    "archive_twice": Sentence(
        zh="压缩包里有两个同名文件（{name}），没收下。",
        zh_do=_AGAIN_ZH,
        en="Two files in the archive have one name ({name}); it was not taken.",
        en_do=_AGAIN_EN,
    ),
    "archive_contradicts": Sentence(
        zh="压缩包自己说的前后不一致（{name}），没收下。",
        zh_do=_AGAIN_ZH,
        en="The archive contradicts itself ({name}) and was not taken.",
        en_do=_AGAIN_EN,
    ),
    "archive_overlap": Sentence(
        zh="压缩包里的文件互相重叠，是有意做坏的，没收下。",
        zh_do="不要再用它，问问是从哪里来的。",
        en="Files in the archive overlap, which is made on purpose; it was not taken.",
        en_do="Do not use it; ask where it came from.",
    ),
    "archive_volumes": Sentence(
        zh="这只是分卷压缩包的一卷，单独打不开，没收下。",
        zh_do="在电脑上凑齐所有分卷、解开以后，把文件夹放进来。",
        en="This is only one part of an archive in several parts; it was not taken.",
        en_do="Bring all parts together on a computer, unpack them and add the folder.",
    ),
    "archive_unsupported": Sentence(
        zh="压缩包用的压缩方法（例如“固实压缩”）盒子解不开，没收下。",
        zh_do="在电脑上解开以后，把文件夹放进来，或者重新压成 zip。",
        en="The archive was packed by a method that the box cannot unpack, such as a solid RAR; "
        "it was not taken.",
        en_do="Unpack it on a computer and add the folder, or pack it as a zip.",
    ),
    "archive_too_slow": Sentence(
        zh="打开压缩包用了 {limit_s} 还没完，停下了，没收下。",
        zh_do="在电脑上解开以后，把文件夹放进来。",
        en="Opening the archive was not done after {limit_s} and was stopped; it was not taken.",
        en_do="Unpack it on a computer and add the folder.",
    ),
    "name_escapes": Sentence(
        zh="名字 {name} 想跑到别的文件夹去，没收下。",
        zh_do="不要再用它，问问是从哪里来的。",
        en="The name {name} leads outside its folder; it was not taken.",
        en_do="Do not use it; ask where it came from.",
    ),
    "name_unusable": Sentence(
        zh="名字 {name} 用不了，没收下。",
        zh_do="换个普通的名字再放。",
        en="The name {name} cannot be used; it was not taken.",
        en_do="Give it a plain name and add it again.",
    ),
    "name_too_long": Sentence(
        zh="名字 {name} 太长，没收下。",
        zh_do="改短一点再放。",
        en="The name {name} is too long; it was not taken.",
        en_do="Shorten it and add it again.",
    ),
    "path_too_deep": Sentence(
        zh="{name} 的文件夹套得太深（超过 {most} 层），没收下。",
        zh_do="少套几层再放。",
        en="{name} lies in too many folders (more than {most}); it was not taken.",
        en_do="Use fewer folders and add it again.",
    ),
}
