"""Sentences of what the county signs: heads, keys, certificates."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "head_forged": Sentence(
        zh="县里目录的签名或校验不对（{file}），没有采用；已有的课件不受影响。",
        zh_do="换一条路或换一个优盘再试；还不行就告诉县中心。",
        en="A signature or hash of the county's list is wrong ({file}), so it was not used; nothing here has changed.",
        en_do="Try another line or another stick; if it stays, tell the county centre.",
    ),
    "head_rolled_back": Sentence(
        zh="这里的目录（{file}，第 {offered} 号）比盒子已有的（第 {held} 号）旧，没有采用；已有的课件不受影响。",
        zh_do="如果是优盘，请拿新的来；如果是网络，请告诉县中心。",
        en="The list here ({file}, number {offered}) is older than the one this box has ({held}), so it was not used; nothing here has changed.",
        en_do="Bring a newer stick; if it came over the network, tell the county centre.",
    ),
    "head_too_long": Sentence(
        zh="县里目录的文件 {file} 比允许的 {most_bytes} 还长，没有收；已有的课件不受影响。",
        zh_do="多半是对方的网站不对，请告诉县中心。",
        en="The file {file} of the county's list is longer than the {most_bytes} allowed and was not taken; nothing here has changed.",
        en_do="The other side is most likely wrong; tell the county centre.",
    ),
    "head_incomplete": Sentence(
        zh="县里的目录还不全，缺 {file}；会自动再试。",
        zh_do="不用管它。",
        en="The county's list is not complete yet, {file} is missing; it is tried again by itself.",
        en_do="Nothing to do.",
    ),
    "head_stale": Sentence(
        zh="县里的目录（{role}）已过期 {late_s}，没有采用；已有的课件照常用，会自动再试。",
        zh_do="先看盒子的时间对不对；对的话告诉县中心。",
        en="The county's list ({role}) expired {late_s} ago and was not used; what is here can be used as before, and it is tried again by itself.",
        en_do="See whether the box's time is right; if it is, tell the county centre.",
    ),
    "release_key_locked": Sentence(
        zh="发布密钥加了口令，要在终端里输入口令才能签名；已经做好的内容都在。",
        zh_do="在县中心的终端里运行 edge-server centre publish。",
        en="The release key is locked by a passphrase, so signing needs somebody at the terminal; what was built is kept.",
        en_do="Run edge-server centre publish in the centre's terminal.",
    ),
    "passphrase_wrong": Sentence(
        zh="口令不对，什么都没有签。",
        zh_do="再输一次。",
        en="The passphrase is wrong; nothing was signed.",
        en_do="Type it again.",
    ),
    "key_missing": Sentence(
        zh="keys 文件夹里没有现在有效的 {key} 密钥，什么都没有签。",
        zh_do="从备份拿回来；真丢了就用根密钥换一把：edge-server centre keys。",
        en="The keys folder does not hold the {key} key that is in force now; nothing was signed.",
        en_do="Bring it back from the backup; if it is lost, replace it with the root keys: edge-server centre keys.",
    ),
    "key_unreadable": Sentence(
        zh="{path} 不是可用的密钥文件。",
        zh_do="从备份拿回来。",
        en="{path} is not a usable key file.",
        en_do="Bring it back from the backup.",
    ),
    "root_keys_missing": Sentence(
        zh="换密钥要 {needed} 把现在有效的根密钥，只找到 {found} 把；什么都没有改。",
        zh_do="把存根密钥的优盘都插上，再说明它们在哪。",
        en="Replacing keys needs {needed} root keys that are in force now, and {found} were found; nothing was changed.",
        en_do="Plug in the sticks with the root keys and say where they are.",
    ),
    "not_a_centre": Sentence(
        zh="这里不是县中心，没有密钥。",
        zh_do="县中心要这样建：edge-server init --role county-centre。",
        en="This is not a county centre and has no keys.",
        en_do="A county centre is made by edge-server init --role county-centre.",
    ),
    "nothing_to_sign": Sentence(
        zh="还没有发布过，没有要签的。",
        zh_do="先发布：edge-server centre publish PATH。",
        en="Nothing has been published yet, so there is nothing to sign.",
        en_do="Publish first: edge-server centre publish PATH.",
    ),
    "number_used": Sentence(
        zh="第 {number} 号已经签过别的内容（最新是第 {newest} 号），没有签。",
        zh_do="再发布一次，会用新的号。",
        en="Number {number} was signed before for something else (the newest is {newest}); nothing was signed.",
        en_do="Publish again; it will get a new number.",
    ),
    "release_key_changed": Sentence(
        zh="发布密钥换过了，目录要用新的密钥再签一次；学校现在用的不受影响。",
        zh_do="运行 edge-server centre publish。",
        en="The release key was replaced, so the list must be signed again with the new one; the schools go on with what they have.",
        en_do="Run edge-server centre publish.",
    ),
    "server_name_wrong": Sentence(
        zh="“{name}”不是主机名，也不是 IP 地址，没有做证书。",
        zh_do="写成 centre.example.cn 或 192.0.2.1 这样。",
        en="{name} is neither a host name nor an IP address; no certificate was made.",
        en_do="Write it like centre.example.cn or 192.0.2.1.",
    ),
}
