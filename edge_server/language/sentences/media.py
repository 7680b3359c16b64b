"""What people are told when a film, a deck or a picture cannot be made playable."""

from edge_server.language.sentence import Sentence

SENTENCES = {
    "not_media": Sentence(
        zh="这个文件里没有能播放的画面或声音。",
        zh_do="在电脑上打开看看；打不开就请重新取一份。",
        en="There is no picture or sound in this file that can be played.",
        en_do="Try it on a computer; if it does not open there, fetch it again.",
    ),
    "media_unsupported": Sentence(
        zh="盒子放不了这种老格式（{codec}）。原件保存着，可以下载。",
        zh_do="在电脑上打开；能放就用电脑转成 MP4 再放进来。",
        en="The box cannot play this rare format ({codec}). The original is kept and can be downloaded.",
        en_do="Open it on a computer; if it plays there, convert it to MP4 and bring that.",
    ),
    "media_without_index": Sentence(
        zh="这个视频没有传完，缺少播放要用的索引，放不出来。",
        zh_do="请重新取。",
        en="This film did not arrive whole: the index that playing needs is missing.",
        en_do="Fetch it again.",
    ),
    "encode_failed": Sentence(
        zh="这个文件转换不了。原件保存着，可以下载。",
        zh_do="在电脑上打开看看；能打开就告诉县里的技术员。",
        en="This file cannot be converted. The original is kept.",
        en_do="Try it on a computer; if it opens there, tell the county technician.",
    ),
    "copy_failed": Sentence(
        zh="这个文件改不成能播放的格式。原件保存着，可以下载。",
        zh_do="在电脑上打开看看；能打开就告诉县里的技术员。",
        en="This file cannot be put into a form that plays. The original is kept.",
        en_do="Try it on a computer; if it opens there, tell the county technician.",
    ),
    "result_too_short": Sentence(
        zh="应该有 {wanted_s} 秒，转换出来只有 {made_s} 秒，没有采用。原件保存着。",
        zh_do="在状态页重试；还是这样就请重新取。",
        en="It should last {wanted_s} s, but only {made_s} s came out; that was not used.",
        en_do="Retry it on the status page; if it stays so, fetch the file again.",
    ),
    "office_missing": Sentence(
        zh="盒子上没有装 LibreOffice，看不到这份课件的页面图。可以下载，也能搜到。",
        zh_do="请技术员安装 LibreOffice，或用电脑打开。",
        en="LibreOffice is not installed, so there are no page pictures. "
        "It can be downloaded and found.",
        en_do="Ask the technician to install LibreOffice, or open it on a computer.",
    ),
    "office_locked": Sentence(
        zh="这份课件有密码，看不到页面图。原件保存着，可以下载。",
        zh_do="用电脑打开，去掉密码另存一份，再放进来。",
        en="This file has a password, so its pages cannot be shown. "
        "The original is kept and can be downloaded.",
        en_do="Open it on a computer, save it without the password and bring that.",
    ),
    "office_failed": Sentence(
        zh="LibreOffice 打不开这份课件，可能坏了，也可能有密码。原件保存着，可以下载。",
        zh_do="用电脑上的 Office 或 WPS 打开。",
        en="LibreOffice cannot open this file: it may be damaged, or have a password. "
        "The original is kept.",
        en_do="Open it with Office or WPS on a computer.",
    ),
    "book_unreadable": Sentence(
        zh="这本电子书打不开，原件还在。",
        zh_do="下载以后用别的阅读器看。",
        en="This e-book cannot be opened here; the original is kept.",
        en_do="Download it and read it in another program.",
    ),
    "deck_unreadable": Sentence(
        zh="这份课件打不开，看不到页面图。原件保存着，可以下载。",
        zh_do="用电脑上的 PowerPoint 或 WPS 打开，另存为 pptx 再传上来。",
        en="This deck cannot be opened, so there are no page pictures. "
        "The original is kept.",
        en_do="Open it in PowerPoint or WPS, save it as pptx and upload that.",
    ),
    "pdf_locked": Sentence(
        zh="这份 PDF 有密码，看不到页面图。原件保存着，可以下载。",
        zh_do="向发来的人要一份没有密码的。",
        en="This PDF has a password, so its pages cannot be shown. The original is kept.",
        en_do="Ask its sender for one without a password.",
    ),
    "pdf_unreadable": Sentence(
        zh="这份 PDF 坏了，画不出页面。原件保存着，可以下载。",
        zh_do="请重新取一份。",
        en="This PDF is damaged; its pages cannot be drawn. The original is kept.",
        en_do="Fetch it again.",
    ),
    "picture_unreadable": Sentence(
        zh="这张图片（{format}）打不开。原件保存着，可以下载。",
        zh_do="请重新取一份。",
        en="This picture ({format}) cannot be opened. The original is kept.",
        en_do="Fetch it again.",
    ),
    "subtitles_empty": Sentence(
        zh="字幕文件里没有带时间的句子，播放时不显示。",
        zh_do="换一份字幕再放到视频旁边。",
        en="The subtitles hold no timed line and are not shown.",
        en_do="Put another subtitle file beside the video.",
    ),
    "subtitles_too_long": Sentence(
        zh="字幕文件太大（{size_bytes}），不显示。",
        zh_do="换一份字幕再放到视频旁边。",
        en="The subtitle file is too large ({size_bytes}) and is not shown.",
        en_do="Put another subtitle file beside the video.",
    ),
    "playlist_encrypted": Sentence(
        zh="这个下载的视频是加密的，没收下。",
        zh_do="用原来的软件导出成 MP4 再放。",
        en="This downloaded film is encrypted and was not taken.",
        en_do="Export it as MP4 with the program it came from.",
    ),
    "playlist_outside": Sentence(
        zh="播放列表指到文件夹外面去了（{name}），没收下。",
        zh_do="重新下载一次。",
        en="The playlist points outside its folder ({name}) and was not taken.",
        en_do="Download it again.",
    ),
    "playlist_incomplete": Sentence(
        zh="这个视频缺 {missing} 段，没收下。",
        zh_do="下载完再把整个文件夹放进来。",
        en="{missing} pieces of this film are missing; it was not taken.",
        en_do="Finish the download and add the whole folder again.",
    ),
    "disc_empty": Sentence(
        zh="光盘文件夹里没有影片，没收下。",
        zh_do="把整个 VIDEO_TS 或 MPEGAV 文件夹再拷一次。",
        en="There is no film in this disc folder; it was not taken.",
        en_do="Copy the whole VIDEO_TS or MPEGAV folder again.",
    ),
}
