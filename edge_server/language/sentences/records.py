"""Sentences of the records: accounts, PINs, resources."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "account_exists": Sentence(
        zh="已经有叫 {name} 的了。",
        zh_do="换一个名字。",
        en="There is an account called {name} already.",
        en_do="Choose another name.",
    ),
    "account_name_empty": Sentence(
        zh="名字是空的。",
        zh_do="写上老师的称呼。",
        en="The name is empty.",
        en_do="Write what the teacher is called.",
    ),
    "account_unknown": Sentence(
        zh="没有叫 {name} 的。",
        zh_do="用 edge-server accounts list 看看有谁。",
        en="There is no account called {name}.",
        en_do="See who there is with edge-server accounts list.",
    ),
    "account_damaged": Sentence(
        zh="{name} 的口令记录坏了，现在不能用。",
        zh_do="在盒子上运行 edge-server accounts reset-pin {name}。",
        en="The record of {name}'s PIN is damaged and cannot be used.",
        en_do="Run edge-server accounts reset-pin {name} at the box.",
    ),
    "pin_not_8_digits": Sentence(
        zh="口令要正好 {digits} 位数字。",
        zh_do="换一个再试。",
        en="The PIN must be exactly {digits} digits.",
        en_do="Choose another.",
    ),
    "pin_too_easy": Sentence(
        zh="这个口令太好猜了（连号、重复或生日）。",
        zh_do="换一个别人想不到的。",
        en="That PIN is too easy to guess (a run, a repetition or a birthday).",
        en_do="Choose one that nobody would think of.",
    ),
    "pin_wrong": Sentence(
        zh="口令不对。",
        zh_do="再试一次；忘了就在盒子上运行 edge-server accounts reset-pin。",
        en="The PIN is wrong.",
        en_do="Try again; if forgotten, run edge-server accounts reset-pin at the box.",
    ),
    "code_wrong": Sentence(
        zh="设置码不对，或者已经用过、过期了。",
        zh_do="看清楚再输一次，或在盒子上重新要一个。",
        en="The one-time code is wrong, used or too old.",
        en_do="Type it again, or get a new one at the box.",
    ),
    "too_many_tries": Sentence(
        zh="试得太多了，先等 {wait_s} 秒。",
        zh_do="等一等再试。",
        en="Too many tries; wait {wait_s} seconds.",
        en_do="Try again then.",
    ),
    "resource_unknown": Sentence(
        zh="没有这件课件：{resource}。",
        zh_do="用 edge-server library list 查它的编号。",
        en="There is no such resource: {resource}.",
        en_do="Look up its id with edge-server library list.",
    ),
    "not_withdrawn": Sentence(
        zh="{title} 没有下架过，不用恢复。",
        zh_do="",
        en="{title} was not withdrawn.",
        en_do="",
    ),
    "resource_broken": Sentence(
        zh="课件 {title} 缺文件或文件坏了。",
        zh_do="重新放入这件课件，会成为新的一版。",
        en="The resource {title} lacks a file or has a damaged one.",
        en_do="Add it again; it becomes a new version.",
    ),
    "outbox_chain_broken": Sentence(
        zh="待上报的记录从第 {seq} 条起对不上。前面的都好。",
        zh_do="告诉县里的技术员，不要删任何文件。",
        en="The rows waiting to be reported do not follow from number {seq} on.",
        en_do="Tell the county technician; delete nothing.",
    ),
    "audit_chain_broken": Sentence(
        zh="操作记录从第 {seq} 条起对不上。",
        zh_do="告诉县里的技术员。",
        en="The audit records do not follow from number {seq} on.",
        en_do="Tell the county technician.",
    ),
}
