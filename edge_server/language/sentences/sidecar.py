"""What is said about catalogue sheets and tables of contents."""

from edge_server.language.sentence import Sentence

SENTENCES: dict[str, Sentence] = {
    "sheet_too_big": Sentence(
        zh="这张表有 {size_bytes}，超过 {limit_bytes}，没收下；它旁边的课件照常收下。",
        zh_do="按学科或年级拆成几张，再放进来。",
        en="This sheet has {size_bytes}, more than {limit_bytes}, so it was not taken; the courseware beside it was.",
        en_do="Split it by subject or grade and bring it again.",
    ),
    "sheet_unreadable": Sentence(
        zh="这张表打不开（{format}：{why}），没收下；它旁边的课件照常收下。",
        zh_do="用 WPS 或 Excel 打开，另存为 .xlsx，再放进来。",
        en="This sheet cannot be opened ({format}: {why}), so it was not taken; the courseware beside it was.",
        en_do="Open it in WPS or Excel, save it as .xlsx and bring it again.",
    ),
    "sheet_cut": Sentence(
        zh="表太长，只读了前 {rows} 行；读到的都已用上。",
        zh_do="把后面的行另存一张表，再放进来。",
        en="The sheet is long: only the first {rows} rows were read, and all of those are used.",
        en_do="Save the rest as another sheet and bring it.",
    ),
    "sidecar_no_header": Sentence(
        zh="课件清单里找不到写着“文件”的表头，没收下；旁边的课件按文件夹名归了类。",
        zh_do="在表头里写上“文件”“标题”“年级”“学科”等，再放进来。",
        en="No heading of this catalogue says “file”, so it was not taken; the files beside it were placed by their folders.",
        en_do="Give it headings such as file, title, grade, subject and bring it again.",
    ),
    "sidecar_row_without_file": Sentence(
        zh="第 {row} 行没有写文件，跳过了；别的行都已用上。",
        zh_do="补上文件名，再放一次。",
        en="Row {row} names no file and was passed over; all other rows are used.",
        en_do="Fill in the file's name and bring the sheet again.",
    ),
    "sidecar_row_twice": Sentence(
        zh="第 {row} 行和第 {first} 行写的是同一个文件（{file}），用了第 {first} 行。",
        zh_do="删掉多余的一行。",
        en="Rows {row} and {first} name the same file ({file}); row {first} is used.",
        en_do="Remove the one that is not meant.",
    ),
    "sidecar_row_unmatched": Sentence(
        zh="第 {row} 行写的文件（{file}）不在这里；到了以后会自动对上。",
        zh_do="若文件已经放进来，看看名字是不是写错了。",
        en="The file that row {row} names ({file}) is not here; the row is used once it comes.",
        en_do="If the file is here, check how its name is written.",
    ),
    "axis_word_unknown": Sentence(
        zh="第 {row} 行的“{words}”没有认出来，按原样留着。",
        zh_do="若是写错了，改好再放一次；若就是这个叫法，不用管。",
        en="“{words}” in row {row} is not known; it is kept as written.",
        en_do="If it is a slip, correct it and bring the sheet again; if it is meant, leave it.",
    ),
    "contents_no_header": Sentence(
        zh="目录里找不到写着“课”的表头，没收下；已有的目录没有变。",
        zh_do="在表头里写上“单元”“课”“课时”，再放进来。",
        en="No heading of this table of contents says “lesson”, so it was not taken; the contents known so far are unchanged.",
        en_do="Give it headings such as unit, lesson, periods and bring it again.",
    ),
    "contents_place_missing": Sentence(
        zh="目录没有写明是哪本书，课件暂时对不上它；目录已收下。",
        zh_do="在表里补上年级、学科、册次，再放一次。",
        en="The table of contents does not say which book it is of, so no courseware meets it yet; it is kept.",
        en_do="Add grade, subject and volume and bring it again.",
    ),
    "contents_lesson_twice": Sentence(
        zh="第 {row} 行的课（{words}）前面已经有了，只留一处。",
        zh_do="",
        en="The lesson in row {row} ({words}) stood above already and is kept once.",
        en_do="",
    ),
}
