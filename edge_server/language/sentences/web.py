"""What pages say when something does not go as asked."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "language_not_compiled": Sentence(
        zh="英文的句子还没有编好，只能用中文。",
        zh_do="在程序目录里运行 ./scripts/run，它会编好。",
        en="The English sentences have not been compiled.",
        en_do="Run ./scripts/run in the program's folder; it compiles them.",
    ),
    "page_not_found": Sentence(
        zh="这里没有东西。",
        zh_do="可能已经下架或者换了地方。到课件库里找，或者搜索课名。",
        en="There is nothing here.",
        en_do="It may have been withdrawn or moved. Look in the library, or search for the lesson.",
    ),
    "page_failed": Sentence(
        zh="这一页出了错，课件都还在。",
        zh_do="过一会儿再试。一直这样，就告诉技术员。",
        en="This page failed; no courseware is lost.",
        en_do="Try again in a while. If it stays like this, tell the technician.",
    ),
    "not_understood": Sentence(
        zh="没有看懂这个请求，什么都没有改。",
        zh_do="回到上一页再试一次。",
        en="That request made no sense, and nothing was changed.",
        en_do="Go back and try once more.",
    ),
    "not_json": Sentence(
        zh="没有看懂这个请求，什么都没有改。",
        zh_do="刷新页面再试一次。",
        en="That request made no sense, and nothing was changed.",
        en_do="Reload the page and try once more.",
    ),
    "too_long_to_send": Sentence(
        zh="发来的东西太大，没有收。",
        zh_do="一次少选几个文件。",
        en="That is too much at once and was not taken.",
        en_do="Choose fewer files at a time.",
    ),
    "form_from_elsewhere": Sentence(
        zh="这个请求是别的网页发来的，什么都没有改。",
        zh_do="直接打开盒子的网址再做一次。",
        en="That request came from another site, and nothing was changed.",
        en_do="Open the box's own address and do it there.",
    ),
    "form_too_old": Sentence(
        zh="这一页开得太久了，什么都没有改。",
        zh_do="刷新页面再做一次。",
        en="This page has been open too long, and nothing was changed.",
        en_do="Reload it and do it once more.",
    ),
    "pin_needed": Sentence(
        zh="要先输入口令。",
        zh_do="打开“输入口令”，这部手机输一次就行。",
        en="The PIN is needed first.",
        en_do="Open “Enter the PIN”; once on this phone is enough.",
    ),
    "pins_differ": Sentence(
        zh="两次写的口令不一样。",
        zh_do="再写一遍。",
        en="The two PINs are not the same.",
        en_do="Write them once more.",
    ),
    "already_withdrawn": Sentence(
        zh="它已经下架了。",
        zh_do="",
        en="It has been withdrawn already.",
        en_do="",
    ),
    "no_file_chosen": Sentence(
        zh="还没有选文件。",
        zh_do="点一下方框，选一个文件。",
        en="No file has been chosen yet.",
        en_do="Tap the box and choose one.",
    ),
    "too_many_files": Sentence(
        zh="一次最多传 {most} 个文件，这一次的都没有收。",
        zh_do="分几次传，或者打成一个压缩包。",
        en="At most {most} files at a time; none of these was taken.",
        en_do="Send them in several goes, or as one zip.",
    ),
}
