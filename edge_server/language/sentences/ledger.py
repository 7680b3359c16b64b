"""Sentences of the county's book of its points."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "ledger_unreachable": Sentence(
        zh="账本数据库没有回应（{why}），数据没有丢，各教学点稍后会再送来。",
        zh_do="检查 PostgreSQL 是否在运行、磁盘是否已满。",
        en="The ledger's database does not answer ({why}); nothing is lost, points will send again.",
        en_do="See that PostgreSQL is running and that its disk is not full.",
    ),
    "ledger_too_new": Sentence(
        zh="账本是更新版本的程序建的（第 {number} 版，本程序只认识到第 {known} 版）。",
        zh_do="请安装新版本的程序。",
        en="A newer program made the ledger (number {number}, known here up to {known}).",
        en_do="Install the newer program.",
    ),
    "box_unknown": Sentence(
        zh="县中心不认识这个盒子（{box}）。",
        zh_do="向县中心要一个登记码，重新加入。",
        en="The county centre does not know this box ({box}).",
        en_do="Ask the centre for a one-time code and enrol again.",
    ),
    "box_revoked": Sentence(
        zh="这个盒子（{box}）已被另一个替换或停用，县中心不再接收它的数据。",
        zh_do="如果还要用它，向县中心要一个新的登记码，重新加入。",
        en="This box ({box}) was replaced or revoked; the centre takes nothing from it any more.",
        en_do="To use it again, ask the centre for a new one-time code and enrol.",
    ),
    "code_unknown": Sentence(
        zh="登记码不对，或者已换成新的。",
        zh_do="看清卡片上的字母再输一次；还不行，向县中心要新的。",
        en="The one-time code is wrong, or a newer one took its place.",
        en_do="Type it again from the card; if it fails again, ask the centre for a new one.",
    ),
    "code_used": Sentence(
        zh="登记码已经用过了，一个码只能用一次。",
        zh_do="向县中心要一个新的。",
        en="The one-time code has been used; each works once.",
        en_do="Ask the centre for a new one.",
    ),
    "code_expired": Sentence(
        zh="登记码过期了，有效期是 60 天。",
        zh_do="向县中心要一个新的。",
        en="The one-time code is older than its 60 days.",
        en_do="Ask the centre for a new one.",
    ),
    "point_unknown": Sentence(
        zh="没有这个教学点（{point}）。",
        zh_do="从教学点列表里选。",
        en="There is no such teaching point ({point}).",
        en_do="Choose one from the list of points.",
    ),
    "points_sheet_strange": Sentence(
        zh="表里没有找到“名称”这一列，没有导入。",
        zh_do="第一行写上列名：学校标识码、名称、中心校、乡镇、负责人、电话，顺序不限。",
        en="The sheet has no column 名称 (name); nothing was brought in.",
        en_do="Head the columns 学校标识码, 名称, 中心校, 乡镇, 负责人, 电话, in any order.",
    ),
    "point_without_name": Sentence(
        zh="第 {row} 行没有名称，没有导入。",
        zh_do="补上名称，再导入一次。",
        en="Row {row} has no name and was not brought in.",
        en_do="Fill in the name and bring the sheet in again.",
    ),
    "school_code_twice": Sentence(
        zh="第 {row} 行的学校标识码和第 {first} 行相同，没有导入。",
        zh_do="改正其中一个，再导入一次。",
        en="Row {row} has the same school code as row {first} and was not brought in.",
        en_do="Correct one of them and bring the sheet in again.",
    ),
    "point_name_empty": Sentence(
        zh="没有写教学点的名称。",
        zh_do="写上名称再加一次。",
        en="The point has no name.",
        en_do="Write its name and add it again.",
    ),
}
