"""Sentences of what travels between a county centre and its boxes."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "no_centre": Sentence(
        zh="这个盒子还没有加入县中心。",
        zh_do="向县里要一个登记码，然后运行 edge-server sync enrol。",
        en="This box has not joined a county centre.",
        en_do="Ask the county for a code, then run edge-server sync enrol.",
    ),
    "link_down": Sentence(
        zh="连不上县中心。收到的都在，会自动接着取。",
        zh_do="看看网线和路由器。",
        en="The county centre cannot be reached. What came is kept and goes on by itself.",
        en_do="Look at the cable and the router.",
    ),
    "answer_wrong": Sentence(
        zh="网络那头回答的不是县中心的文件（{name}，{status}），没有收。已有的课件不受影响。",
        zh_do="如果这条网要先登录，请先在浏览器里登录；否则告诉县中心。",
        en="What answers is not the county's file ({name}, {status}); it was not taken. What is here is safe.",
        en_do="If this network asks for a log-in, log in with a browser first; otherwise tell the county centre.",
    ),
    "portal_page": Sentence(
        zh="这条网要先登录才能用：回来的是登录网页（{status}），不是课件，没有收。已有的课件不受影响。",
        zh_do="用浏览器打开任意一个网页，按提示登录这条网；要是经常这样，请网络管理员放行县中心的地址。",
        en="This network wants a log-in first: its own page came ({status}) instead of courseware and was not taken. What is here is safe.",
        en_do="Open any page in a browser and log in; if it happens often, ask who runs the network to let the county centre's address through.",
    ),
    "chunk_wrong": Sentence(
        zh="收到的一块（第 {chunk} 块）和县里的不一样，没有收，会重新取。",
        zh_do="",
        en="A piece that came (number {chunk}) is not the county's; it was not taken and is fetched again.",
        en_do="",
    ),
    "shard_wrong": Sentence(
        zh="一份课件清单（{collection}）和县里签过的不一样，没有用。已有的课件不受影响。",
        zh_do="换一条网络再取；还是这样就告诉县中心。",
        en="A list of courseware ({collection}) is not the one the county signed; it was not used. What is here is safe.",
        en_do="Fetch over another line; if it stays, tell the county centre.",
    ),
    "centre_unreachable": Sentence(
        zh="连不上县中心 {address}。要上报的都留着，会自动再报。",
        zh_do="看看网线和路由器；地址不对的话问县里。",
        en="The county centre at {address} cannot be reached. What is to be reported is kept and sent later.",
        en_do="Look at the cable and the router; ask the county if the address is wrong.",
    ),
    "authority_unfit": Sentence(
        zh="{address} 那头不是发这个登记码的县中心，没有加入，登记码也没有发出去。",
        zh_do="核对地址和登记码，两样都要是县里给的。",
        en="Who answers at {address} is not the county that gave this code; nothing was joined and the code was not sent.",
        en_do="Check address and code; both come from the county.",
    ),
    "call_repeated": Sentence(
        zh="县中心说这个请求以前来过（{counter}），这次没有报上去；要上报的都留着。",
        zh_do="如果这个盒子是照着另一个复制的，请用新的登记码重新加入。",
        en="The county centre has had this call before ({counter}), so nothing was reported; what is to be reported is kept.",
        en_do="If this box is a copy of another one, join again with a new code.",
    ),
    "outbox_not_taken": Sentence(
        zh="县中心一直说缺前面的记录（{upto}），没有报上去；要上报的都留着。",
        zh_do="告诉县中心。",
        en="The county centre keeps asking for earlier records ({upto}), so nothing was reported; what is to be reported is kept.",
        en_do="Tell the county centre.",
    ),
    "too_many_codes": Sentence(
        zh="登记码输错太多次，请等 {wait_s} 再试。",
        zh_do="核对登记码。",
        en="Too many wrong codes; wait {wait_s} and try again.",
        en_do="Check the code.",
    ),
    "axis_unknown": Sentence(
        zh="“{name}”不是认识的说法（{axis}）。",
        zh_do="照课本上的名称写，比如 三年级、语文、统编版。",
        en="{name} is no known value of {axis}.",
        en_do="Write it as textbooks do: 三年级, 语文, 统编版.",
    ),
    "passphrase_needed": Sentence(
        zh="县中心的发布密钥要有口令，这里没法输入，什么都没有做。",
        zh_do="加上 --passphrase-file FILE，或者用 --without-passphrase 表明不要口令。",
        en="A county centre's release key needs a passphrase, and nobody can type one here; nothing was made.",
        en_do="Add --passphrase-file FILE, or say --without-passphrase.",
    ),
    "delivery_cut": Sentence(
        zh="取到一半停电或者关机了。收到的都在，会自动接着取。",
        zh_do="",
        en="The power went, or the box was switched off, while it fetched. What came is kept and goes on by itself.",
        en_do="",
    ),
}
