"""Sentences of what travels between the centre and its boxes."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "document_damaged": Sentence(
        zh="收到的一份目录数据（{kind}）坏了，没有采用；已有的课件不受影响。",
        zh_do="不用管，会重新取。一再出现时请告诉县中心。",
        en="A list that arrived ({kind}) is damaged and was not used; courseware is safe.",
        en_do="Nothing: it is fetched again. If this keeps coming, tell the county centre.",
    ),
    "document_too_new": Sentence(
        zh="县中心发来的目录数据（{kind}）是新格式 {number}，这台盒子还读不了。",
        zh_do="请更新这台盒子的程序。",
        en="The centre sent a list ({kind}) of the newer format {number}, which this box cannot read.",
        en_do="Update the program of this box.",
    ),
    "entry_damaged": Sentence(
        zh="县中心目录里有一条课件的说明不对（{field}），这份目录没有采用。",
        zh_do="请告诉县中心：发布的目录有错。",
        en="A resource in the centre's list is described wrongly ({field}); the list was not used.",
        en_do="Tell the county centre that the published list is wrong.",
    ),
    "signature_wrong": Sentence(
        zh="这次联系的签名不对，县中心没有接受。",
        zh_do="请在盒子上用新的登记码重新加入。",
        en="The signature of this call is wrong; the centre did not accept it.",
        en_do="Let the box join again with a new code.",
    ),
    "code_unreadable": Sentence(
        zh="登记码应是 16 位字母和数字，这里读出 {letters} 位，或有不该有的字。",
        zh_do="照着卡片再输一次；不分大小写，横线可以不输。",
        en="A code has 16 letters and digits; {letters} were read here, or others than a code has.",
        en_do="Type it again from the card, in either case, with or without dashes.",
    ),
    "patch_damaged": Sentence(
        zh="新版本的补丁用不上，改为取整个文件；旧版本还在。",
        zh_do="不用管。",
        en="The patch to the new version does not fit; the whole file is fetched instead and the old version stays.",
        en_do="Nothing.",
    ),
}
