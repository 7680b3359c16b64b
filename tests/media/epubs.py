"""E-books for tests, written by hand."""

import io
import zipfile

from PIL import Image


def epub(*, hostile: bool = True, cover: bool = False) -> bytes:
    """Write a book of two chapters; a hostile one brings a script in every way it knows."""
    bad = (
        '<script>fetch("/usage",{method:"POST"})</script><img src="x" onerror="alert(1)"/>'
        '<iframe src="/status"></iframe><a href="javascript:alert(1)">x</a>'
        '<svg onload="alert(1)"><image xlink:href="pic.png"/></svg>'
        if hostile
        else ""
    )
    xhtml = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{}</body></html>'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        )
        book.writestr(
            "OPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
            '<item id="nav" href="nav.xhtml" properties="nav"/>'
            '<item id="a" href="a.xhtml"/><item id="b" href="b.xhtml"/>'
            + ('<item id="c" href="pic.png" properties="cover-image"/>' * cover)
            + "</manifest>"
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        book.writestr(
            "OPS/nav.xhtml",
            xhtml.format(
                '<nav><ol><li><a href="a.xhtml">小蝌蚪找妈妈</a></li><li><a href="b.xhtml">井底的青蛙</a></li></ol></nav>'
            ),
        )
        book.writestr(
            "OPS/a.xhtml",
            xhtml.format(
                "<h1>小蝌蚪找妈妈</h1><p>池塘里有一群小蝌蚪，大大的脑袋，黑灰色的身子，甩着长长的尾巴，快活地游来游去。</p>"
                + '<p><img src="pic.png" alt="荷叶"/></p>'
                + bad
            ),
        )
        book.writestr(
            "OPS/b.xhtml", xhtml.format("<h1>井底的青蛙</h1><p>青蛙坐在井里。</p>")
        )
        book.writestr("OPS/pic.png", _png())
    return made.getvalue()


def _png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (320, 120), "#CFE3D4").save(made, "PNG")
    return made.getvalue()
