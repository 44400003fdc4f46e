"""Files of markers: tables, subtitles and ELAN's annotations, good ones and others."""

import pandas as pd
import pytest

from dashboard import marker_files
from dashboard.downloads import guard
from dashboard.marker_files import MarkersUnreadable, read_markers


def read(text: str, duration_s=60.0, **more):
    return read_markers("m.txt", text.encode(), duration_s, **more)


def tuples(imported):
    return [(m["t_s"], m["end_s"], m["kind"], m["note"]) for m in imported.markers]


class TestTable:
    @pytest.mark.parametrize(
        "text",
        [
            "time,end,kind,note\n12.5,,stimulus,\n1:02.25,63.5,question,why?\n",
            "Start;End;Type;Text\r\n12,5;;stimulus;\r\n1:02,25;63,5;question;why?\r\n",
            "begin\tend\tlabel\tcomment\n12.5\t\tstimulus\n\n0:01:02.250\t1:03.5\tquestion\twhy?",
            'T_S|marker|end_s|note\n12.5|stimulus||\n"62.25"|question|63.5|why?\n',
            "onset,duration,trial_type,note\n12.5,n/a,stimulus,\n62.25,1.25,question,why?\n",
            "Begin (ms),End [ms],Kind,Note\n12500,,stimulus,\n62250,63500,question,why?\n",
            ",t_s,kind,end,note\n0,12.5,stimulus,,\n1,62.25,question,63.5,why?\n",
            '\n\ntime (s),end (s),kind,note\n"12,5",,stimulus,\n"62,25","63,5",question,why?\n',
        ],
        ids=["comma", "semicolon", "tab", "bar", "bids", "milliseconds", "index", "quoted"],
    )
    def test_of_every_fashion(self, text):
        imported = read(text, 100.0)
        assert tuples(imported) == [(12.5, None, "stimulus", None), (62.25, 63.5, "question", "why?")]
        assert (imported.source, imported.problems, imported.warnings, imported.untyped) == ("csv", [], [], 0)

    def test_one_column_with_decimal_commas(self):
        imported = read("time\n1,5\n0:07,25\n")
        assert tuples(imported) == [(1.5, None, "marker", None), (7.25, None, "marker", None)]
        assert imported.untyped == 2
        assert tuples(read("time\n3", untyped="stimulus")) == [(3.0, None, "stimulus", None)]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    def test_in_every_encoding(self, encoding):
        mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
        data = mark + "time,kind\n3,Müller – „ja“".encode(encoding)
        assert tuples(read_markers("m.csv", data, 60)) == [(3.0, None, "Müller – „ja“", None)]

    def test_every_rejected_row_is_listed_with_its_line_and_why(self):
        imported = read(
            "time,end,kind,note\n3,,a,\nsoon,,a,\n-1,,a,\n5,4,a,\n,,a,\n99,,a,\n7,99,a,\n8,x,a,\n1,5,a,b,c\n"
            f"9,,{'k' * 201},\n10,,a,{'n' * 2001}\nnan,,a,\n60.9,,b,\n4,4,c,\n"
        )
        assert tuples(imported) == [(3.0, None, "a", None), (4.0, None, "c", None), (60.9, None, "b", None)]
        assert imported.problems == [
            "Line 3: 'soon' is no time such as 75.5, 1:15.5 or 0:01:15.500.",
            "Line 4: -1 s is before the beginning of the video.",
            "Line 5: it ends (0:04) before it begins (0:05).",
            "Line 6: '' is no time such as 75.5, 1:15.5 or 0:01:15.500.",
            "Line 7: 1:39 lies after the end of the video (1:00).",
            "Line 8: 1:39 lies after the end of the video (1:00).",
            "Line 9: 'x' is no time such as 75.5, 1:15.5 or 0:01:15.500.",
            "Line 10: it has 5 cells, and the header 4; a decimal comma needs quotes around its number.",
            "Line 11: its type has 201 characters, and 200 are the most.",
            "Line 12: its note has 2,001 characters, and 2,000 are the most.",
            "Line 13: 'nan' is no time such as 75.5, 1:15.5 or 0:01:15.500.",
        ]
        assert imported.warnings == []  # two of five outside is not the half

    def test_lines_are_counted_with_blank_ones_and_those_in_quotes(self):
        imported = read('\n\ntime,note\n3,"two\nlines"\n\nx,\n')
        assert imported.markers[0]["note"] == "two\nlines"
        assert imported.problems[0].startswith("Line 7: ")

    def test_of_another_video(self):
        imported = read("time\n10\n70\n80\n90\n")
        assert len(imported.markers) == 1 and len(imported.problems) == 3
        assert imported.warnings == [
            "These markers seem to belong to another video: 3 of 4 lie after the end of this one (1:00)."
        ]
        assert read("time\n10\n70\n").warnings == []  # half is not more than half
        assert len(read("time\n10\n70\n80\n90\n", None).markers) == 4  # of unknown length

    def test_what_this_program_wrote_comes_back_as_it_was(self):
        kinds = ["=1+1", "'quoted'", "@x", "-", "plain", "it's"]
        rows = pd.DataFrame({"t_s": range(6), "end_s": [None] * 6, "kind": kinds, "note": ["+1\ntwo"] * 6})
        imported = read(guard(rows).to_csv(index=False))
        assert [(m["kind"], m["note"]) for m in imported.markers] == [(kind, "+1\ntwo") for kind in kinds]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("12.5,stimulus\n13,x\n", "m.txt has no column of times: its first line must name the columns"),
            ("kind,note\na,b\n", "It is: kind, note"),
            ('time,note\n3,"never closed\n', "m.txt can't be read as a table at line 2: unexpected end"),
            ("time,note\n3," + "x" * 200_000, "field larger than field limit"),
            ("", "m.txt is empty."),
            ("\ufeff \n", "m.txt is empty."),
        ],
    )
    def test_what_is_no_table_of_markers(self, text, told):
        with pytest.raises(MarkersUnreadable) as error:
            read(text)
        assert told in str(error.value) and len(str(error.value)) < 900

    def test_too_large_and_too_many(self):
        with pytest.raises(MarkersUnreadable, match=r"big.csv is 5.0 MB large, and 5 MB are the most"):
            read_markers("big.csv", b"x" * 5_000_001, 60)
        rows = "time\n" + "".join(f"{number / 1000}\n" for number in range(10_001))
        with pytest.raises(MarkersUnreadable, match="more than 10,000 rows"):
            read(rows)
        assert len(read(rows[: rows.rindex("10.0\n")]).markers) == 10_000

    @pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"\xff\xfe\0", b"\0" * 100, b"\0t\0i\0m\0e"])
    def test_what_is_no_text(self, data):
        with pytest.raises(MarkersUnreadable, match="not a file of text"):
            read_markers("m.csv", data, 60)

    def test_names_of_files_are_short_and_on_one_line(self):
        with pytest.raises(MarkersUnreadable) as error:
            read_markers("a\nb" + "c" * 10_000, b"", 60)
        assert "\n" not in str(error.value) and len(str(error.value)) < 100


SRT = """1
00:00:01,500 --> 00:00:03,000
<i>First</i> line
second line

2
00:00:05,000 --> 00:00:05,000 X1:10
{\\an8}=SUM(A1)
3
00:00:07,250 --> 00:00:08,000
no blank line above
"""


class TestSubtitles:
    @pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
    def test_srt(self, ends):
        imported = read(SRT.replace("\n", ends), untyped="subtitle")
        assert (imported.source, imported.problems, imported.untyped) == ("srt", [], 3)
        assert tuples(imported) == [
            (1.5, 3.0, "subtitle", "First line second line"), (5.0, None, "subtitle", "=SUM(A1)"),
            (7.25, 8.0, "subtitle", "no blank line above"),
        ]  # fmt: skip

    def test_webvtt(self):
        text = "WEBVTT\n\nNOTE by hand\n\nintro\n00:01.500 --> 00:03.000\nhello\n\n00:00:05.000 --> 00:00:06.500\n7\n"
        imported = read(text)
        assert tuples(imported) == [(1.5, 3.0, "marker", "hello"), (5.0, 6.5, "marker", "7")]
        assert imported.problems == []

    def test_what_is_wrong_is_listed_with_its_line(self):
        imported = read(
            "nobody's line\n\n1\n00:00:01,000 -> 00:00:02,000\nx\n\n2\n00:00:aa --> 00:00:02,000\nx\n\n"
            "3\n00:00:04,000 --> 00:00:03,000\nback\n\n4\n00:00:61,000 --> 00:02:00,000\n\n"
            "5\n00:10:00,000 --> 00:10:01,000\nlate\n\n6\n00:00:09,000 --> 00:00:10,000\n"
        )
        assert tuples(imported) == [(9.0, 10.0, "marker", None)]
        assert [problem[: problem.index(":")] for problem in imported.problems] == [
            "Line 1", "Line 3", "Line 4", "Line 5", "Line 8", "Line 12", "Line 16", "Line 19",
        ]  # fmt: skip
        assert imported.problems[4] == (
            "Line 8: '00:00:aa --> 00:00:02,000' is not of the form 00:01:15,500 --> 00:01:17,000."
        )
        assert imported.problems[5] == "Line 12: it ends (0:03) before it begins (0:04)."


def eaf(body: str, media: str = "file:///C:/Users/x/my%20clip.mpg", slots: str | None = None, header: str = "") -> str:
    slots = slots or (
        '<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1500"/><TIME_SLOT TIME_SLOT_ID="ts2"/>'
        '<TIME_SLOT TIME_SLOT_ID="ts3"/><TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="4500"/>'
        '<TIME_SLOT TIME_SLOT_ID="ts5"/>'
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT AUTHOR="x" FORMAT="3.0">'
        f'<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"{header}><MEDIA_DESCRIPTOR MEDIA_URL="{media}"/></HEADER>'
        f"<TIME_ORDER>{slots}</TIME_ORDER>{body}</ANNOTATION_DOCUMENT>"
    )


def aligned(key: str, begin: str, end: str, value: str = "v") -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{key}" TIME_SLOT_REF1="{begin}" TIME_SLOT_REF2="{end}">'
        f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def referring(key: str, parent: str, value: str = "v") -> str:
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{key}" ANNOTATION_REF="{parent}">'
        f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


class TestElan:
    def test_tiers_references_and_slots_without_a_time(self):
        body = (
            f'<TIER TIER_ID="gaze">{aligned("a1", "ts1", "ts4", "left &amp; up")}</TIER>'
            f'<TIER TIER_ID="word">{aligned("a2", "ts1", "ts2")}{aligned("a3", "ts2", "ts3", "")}</TIER>'
            # The child before its parent's parent is known; each takes the times of the aligned one above it.
            f'<TIER TIER_ID="gloss">{referring("a5", "a4", "child")}</TIER>'
            f'<TIER TIER_ID="translation">{referring("a4", "a1")}</TIER>'
        )
        imported = read(eaf(body), video_name="My Clip.mp4")
        assert imported.source == "eaf" and imported.problems == [] and imported.untyped == 0
        assert sorted(tuples(imported), key=lambda marker: marker[2]) == [
            (1.5, 4.5, "gaze", "left & up"), (1.5, 4.5, "gloss", "child"), (1.5, 4.5, "translation", "v"),
            (1.5, 2.5, "word", "v"), (2.5, 3.5, "word", None),
        ]  # fmt: skip
        assert imported.warnings == ["2 of its annotations have no exact time, but one between their neighbours'."]

    def test_what_has_no_time_is_listed(self):
        body = (
            f'<TIER TIER_ID="t">{aligned("a1", "ts4", "ts5")}{aligned("a2", "ts4", "ts9")}{referring("a3", "a9")}'
            f"{referring('a4', 'a5')}{referring('a5', 'a4')}{aligned('a6', 'ts4', 'ts1')}</TIER>"
        )
        imported = read(eaf(body))
        assert imported.markers == []
        assert imported.problems == [
            *(f"Annotation a{number}: it has no time." for number in range(1, 6)),
            "Annotation a6: it ends (0:01) before it begins (0:04).",
        ]

    def test_of_another_video(self):
        body = f'<TIER TIER_ID="t">{aligned("a1", "ts1", "ts4")}</TIER>'
        assert read(eaf(body), video_name="first session.mp4").warnings == [
            "It was made for my clip.mpg, and this video is called first session.mp4."
        ]
        assert read(eaf(body, media=""), video_name="first session.mp4").warnings == []
        slots = '<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1"/><TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="900000"/>'
        imported = read(eaf(body, slots=slots), video_name="other.mp4")
        assert [warning[:30] for warning in imported.warnings] == [
            "These markers seem to belong t", "It was made for my clip.mpg, a"
        ]  # fmt: skip

    def test_no_annotations(self):
        assert read(eaf("")).markers == []
        assert read("<ANNOTATION_DOCUMENT/>").markers == []

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("<html><body></body></html>", "it is XML, but no annotation document of ELAN"),
            ("<ANNOTATION_DOCUMENT>", "it is not well-formed XML"),
            ("<" * 1000, "it is not well-formed XML"),
            ('<!DOCTYPE a [<!ENTITY b "c">]><ANNOTATION_DOCUMENT/>', "it has a DOCTYPE"),
            ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><ANNOTATION_DOCUMENT/>', "it has a DOCTYPE"),
            ('<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"/></ANNOTATION_DOCUMENT>', "in PAL-frames"),
            ('<?xml version="1.0" encoding="nonsense"?><ANNOTATION_DOCUMENT/>', "it is not well-formed XML"),
            ("<ANNOTATION_DOCUMENT>&undefined;</ANNOTATION_DOCUMENT>", "it is not well-formed XML"),
        ],
    )
    def test_what_is_no_elan_file(self, text, told):
        with pytest.raises(MarkersUnreadable, match="m.txt can't be read as an ELAN file") as error:
            read(text)
        assert told in str(error.value)

    def test_nested_without_end(self):
        depth = 100_000
        with pytest.raises(MarkersUnreadable):
            read("<a>" * depth + "</a>" * depth)

    def test_in_utf_16(self):
        text = eaf(f'<TIER TIER_ID="Blick ü">{aligned("a1", "ts1", "ts4")}</TIER>').replace("UTF-8", "UTF-16")
        imported = marker_files.read_markers("m.eaf", text.encode("utf-16"), 60)
        assert tuples(imported) == [(1.5, 4.5, "Blick ü", "v")]
