"""HTML: what is seen, what is hidden, where links lead; bounded before the tree is built."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.message import limits
from listward.filters.message.html import read_html
from listward.filters.message.html_bounds import Budget
from listward.filters.message.styles import normal_color
from listward.filters.message.values import Link


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>do<b>na</b>te</p>", "donate"),
        ("<p>do<!-- x -->nate</p>", "donate"),
        ("do<span>na</span><wbr>te", "donate"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a<br>b", "a\nb"),
        ("<td>a</td><td>b</td>", "ab"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("<style>p{}</style><script>x</script><title>t</title><p>a</p>", "a"),
        ("a &lt;b&gt; &amp;amp; &euro;&nbsp;5", "a <b> &amp; € 5"),
        ("<p>a   b\t c</p>", "a b c"),
        ('<p title="a > b">c</p>', "c"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<p>a<p>b", "a\nb"),
    ],
)
def test_visible_text(html: str, text: str) -> None:
    """Inline elements join, blocks break, comments and scripts are nothing."""
    assert read_html(html).visible == text


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">x y</div>',
        '<div style="DISPLAY : none !important">x y</div>',
        '<span style="visibility:hidden">x y</span>',
        '<span style="font-size:0">x y</span>',
        '<span style="font-size: 0px; color:red">x y</span>',
        '<span style="opacity:0">x y</span>',
        '<span style="display:none;display:none!important">x y</span>',
        '<p style="font-family:&quot;Arial, x&quot;;display:none">x y</p>',
        '<div style="visibility:hidden"><b>x y</b></div>',
        '<div style="background:rgb(0,0,0)"><p style="color:#000">x y</p></div>',
        "<p hidden>x y</p>",
        '<p style="color:#fff;background-color:white">x y</p>',
        '<td bgcolor="#FFFFFF"><font color="white">x y</font></td>',
        '<div style="background:#000"><p style="color:rgb(0, 0, 0)">x y</p></div>',
        '<div style="display:none">x <b>y</b></div>',
    ],
)
def test_hidden_text_is_apart(hidden: str) -> None:
    """What is hidden by an inline style or attribute is in the hidden view only."""
    read = read_html(
        f"<table><tr><td>before</td>{hidden if hidden.startswith('<td') else ''}</tr></table>{hidden}<p>after</p>"
    )
    assert "x y" in read.hidden
    assert "x y" not in read.visible or hidden.startswith("<td")
    assert "after" in read.visible


@pytest.mark.parametrize(
    "shown",
    [
        '<div style="font-size:0.9em">x y</div>',
        '<div style="font-size:10px">x y</div>',
        '<div style="opacity:0.5">x y</div>',
        '<div style="display:block">x y</div>',
        '<div style="color:#fff;background:url(a.png)">x y</div>',
        '<div style="color:#000;background:#fff">x y</div>',
        '<div style="display:none">z</div><div>x y</div>',
        '<div style="background:#fff"><p style="color:#000">x y</p></div>',
        '<p data-hidden="1">x y</p>',
        '<p style="display:none;display:block">x y</p>',
        '<p style="display:none;all:initial">x y</p>',
        '<p hidden style="display:block">x y</p>',
        '<div style="visibility:hidden"><p style="visibility:visible">x y</p></div>',
        '<div style="font-size:0"><span style="font-size:16px">x y</span></div>',
        '<p style="color:#fff;color:#000;background:#fff">x y</p>',
        '<p style="color:#fff;background:#fff;background-image:url(a.png)">x y</p>',
        '<p style="color:#000;background:rgba(0,0,0,0)">x y</p>',
        '<div style="color:#fff;background:#fff"><table><tr><td>x y</td></tr></table></div>',
        '<p style="/*;display:none;*/color:red">x y</p>',
        '<p style="--a:(b(c);display:none)">x y</p>',
        '<p style="mso-hide:all">x y</p>',
        '<p style="display:none foo">x y</p>',
        '<p title=" style=" display:none;a="">x y</p>',
        '<p a">x y</p><p title="z">w</p>',
        '<basefont style="display:none">x y',
        '<body><p><keygen style="display:none">x y</p>',
        "<svg><text>x y</text></svg>",
        "<noscript>x y</noscript>",
        '<object data="a"><p>x y</p></object>',
        '<img src="a.png" alt="x y">',
        '<input value="x y">',
        '<input placeholder="x y">',
        '<select><option label="x y">z</select>',
        '<xmp><div style="display:none"></xmp>x y',
        "<!--[if mso]><p>x y</p><![endif]-->",
    ],
)
def test_visible_text_stays_visible(shown: str) -> None:
    """Ordinary styles hide nothing."""
    assert "x y" in read_html(shown).visible


def test_a_page_with_styles_of_its_own_hides_nothing_for_certain() -> None:
    """A stylesheet can show again what a style attribute hides: such text is in both views."""
    for sheet in ("<style>p{display:block!important}</style>", '<link rel="stylesheet" href="a.css">'):
        read = read_html(f'{sheet}<p style="display:none">x y</p><p>z</p>')
        assert (read.visible, read.hidden) == ("x y\nz", "x y")


@pytest.mark.parametrize(
    "page",
    ['<input type="hidden" value="x y">z', "<!-- x y -->z", "<!--[if !mso]><!-->z<!--<![endif]-->", "z<p alt='x y'>"],
)
def test_what_nobody_sees_is_not_read(page: str) -> None:
    """Comments, hidden fields and attributes without meaning are no text, and nothing is read twice."""
    assert read_html(page).visible == "z"


def test_links_with_their_text() -> None:
    """Targets are unescaped; the text is what people read."""
    html = (
        '<a href="http://a.example/?x=1&amp;y=2">click <b>here</b></a><form action="http://b.example/"><a id=x>no</a>'
    )
    assert read_html(html).links == (Link("http://a.example/?x=1&y=2", "click here"), Link("http://b.example/", ""))


def test_large_pages_are_read_roughly_at_the_end() -> None:
    """Beyond 1 MiB the tags are only cut out, and this is a defect."""
    page = "<p>word" + "a " * (limits.HTML_BYTES // 2) + '</p><p style="display:none">la<b>st</b></p>'
    read = read_html(page)
    assert read.defect == "html-too-large"
    assert read.visible.endswith("last")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 201 + "x" + "</div>" * 201,
        "</div>" * 500 + "<div>" * 500 + "x",
        "<b><i>" * 200 + "x",
        "<main></q>" * 3000 + "x",
    ],
)
def test_deep_pages_are_read_roughly(html: str) -> None:
    """No tree is built of a page that nests too deep; its text is there all the same."""
    read = read_html(html)
    assert read.defect == "html-too-deep"
    assert read.visible == "x"


@pytest.mark.parametrize(
    "page",
    [
        "<p " + " ".join(f"a{n}=b" for n in range(9000)) + ">x",
        "<p " + "/".join(f'a{n}=">"' for n in range(9000)) + ">x",
        "".join(f"<p a{n} b{n}></p>" for n in range(5000)) + "x",
        "<body></body>" * 8000 + "x",
        "<select>" + "<option>" * 8000 + "</select>x",
        "<p>x" + "&" * 200_000,
    ],
)
def test_dense_pages_are_read_roughly(page: str) -> None:
    """No tree is built of what costs a tree parser the square of its size; the text is there all the same."""
    read = read_html(page)
    assert read.defect == "html-too-dense"
    assert read.visible.strip("&")[-1] == "x"


def test_pages_of_very_many_tags_are_read_roughly_at_the_end() -> None:
    """The front is read well; behind it words and links are still found."""
    read = read_html("<br>" * limits.HTML_TAGS + '<p>do<B>na</B>te<!-- x --></p><a href="http://a.example/">b</a>')
    assert (read.defect, read.visible) == ("html-too-large", "donate\nb")
    assert read.links == (Link("http://a.example/", ""),)


def test_the_pages_of_a_message_share_one_budget() -> None:
    """Many pages cost no more than one."""
    budget = Budget()
    assert read_html("<br>" * limits.HTML_TAGS, budget).defect == ""
    assert read_html("<br>", budget).defect == "html-too-large"


def test_unclosed_paragraphs_are_not_deep() -> None:
    """Elements that close themselves may be many."""
    assert read_html("<p>a<br>" * 1000 + "<li>b" * 1000).defect == ""


@pytest.mark.parametrize(
    ("color", "digits"),
    [("white", "ffffff"), ("#fff", "ffffff"), ("00ff00", "00ff00"), ("rgb(1,2,3)", "010203"), ("inherit", "")],
)
def test_colours_compare(color: str, digits: str) -> None:
    """All ways of writing a colour give six digits."""
    assert normal_color(color) == digits


@given(st.text(alphabet="<>/abdiv =\"'!-&;p", max_size=120))
def test_reading_never_raises(html: str) -> None:
    """Whatever the markup, there are texts."""
    assert isinstance(read_html(html).visible, str)
