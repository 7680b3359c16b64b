"""Sentences of the ground: disk, database, settings, jobs, locks."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "disk_full": Sentence(
        zh="硬盘放不下了：还要 {needed_bytes}，只剩 {free_bytes}。已有的课件都在。",
        zh_do="删掉不用的课件，或换一块大硬盘；腾出地方后会自动继续。",
        en="The disk has no room: {needed_bytes} needed, {free_bytes} left. What is here is safe.",
        en_do="Withdraw what is not used or fit a bigger disk; work goes on by itself.",
    ),
    "busy": Sentence(
        zh="另一个程序正在用它（{lock}）。什么都没有改动。",
        zh_do="等它做完再试一次。",
        en="Another process is using it ({lock}). Nothing was changed.",
        en_do="Wait until it has finished and try again.",
    ),
    "setting_unknown": Sentence(
        zh="设置文件里的 {key} 不认识。",
        zh_do="是不是想写 {near}？改 edge-server.toml 后再启动。",
        en="The setting {key} is not known.",
        en_do="Did you mean {near}? Change edge-server.toml and start again.",
    ),
    "setting_wrong": Sentence(
        zh="设置 {key} 不能是 {value}。",
        zh_do="照 docs/settings.md 改好再启动。",
        en="The setting {key} cannot be {value}.",
        en_do="Correct it as docs/settings.md says and start again.",
    ),
    "settings_unreadable": Sentence(
        zh="设置文件 edge-server.toml 读不懂：{why}。",
        zh_do="改好这一行再启动。",
        en="The file edge-server.toml cannot be read: {why}.",
        en_do="Correct that line and start again.",
    ),
    "database_damaged": Sentence(
        zh="数据库坏了（{found}）。课件文件都在，没有改动任何东西。",
        zh_do="把 edge.db 和 edge.db-wal 另存一份，再用 backup 里最新的一份恢复。",
        en="The database is damaged ({found}). Lesson files are safe; nothing was changed.",
        en_do="Copy edge.db and edge.db-wal aside, then restore the newest file in backup/.",
    ),
    "database_not_ready": Sentence(
        zh="数据库现在打不开：{why}。",
        zh_do="过一会儿再试；一直这样就运行 edge-server doctor。",
        en="The database cannot be used now: {why}.",
        en_do="Try again shortly; if it stays so, run edge-server doctor.",
    ),
    "object_missing": Sentence(
        zh="有一个文件现在不在盒子里（{object_id}）。",
        zh_do="如果拔过硬盘，插回去；否则重新放入这件课件。",
        en="A file is not here now ({object_id}).",
        en_do="If a disk was unplugged, plug it in; else add that resource again.",
    ),
    "object_damaged": Sentence(
        zh="有一个文件坏了：{object_id}，用到它的课件：{used_by}。",
        zh_do="重新放入这件课件；常出现的话，存储卡该换了。",
        en="A file is damaged: {object_id}, used by: {used_by}.",
        en_do="Add that resource again; if it happens often, replace the card.",
    ),
    "pack_damaged": Sentence(
        zh="这一组页面图片坏了（{bytes} 字节）。原文件没有问题。",
        zh_do="在状态页重试，会重新做一遍。",
        en="A set of page pictures is damaged ({bytes} bytes). The original is safe.",
        en_do="Retry it on the status page; it will be made again.",
    ),
    "job_kills_worker": Sentence(
        zh="这件事单独做也五次让后台停掉，先放在一边。其他事照常进行。",
        zh_do="把原文件交给县里的技术员看一看。",
        en="This job ended the worker five times although alone, so it was set aside.",
        en_do="Let the county technician look at the file.",
    ),
    "unexpected": Sentence(
        zh="这一步没做成。文件保存着，别的课件照常能用。",
        zh_do="点“再试一次”；还是不行就告诉技术员，盒子的日志里记着原因。",
        en="This step did not succeed. The file is kept, and all other courseware works.",
        en_do="Tap “Try again”; if it still fails, tell the technician: the box's log has the reason.",
    ),
}
