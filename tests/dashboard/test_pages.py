def test_empty(open_page):
    a = open_page()
    print(a.main)
    open_page("video")


def test_seeded(seeded, open_page):
    open_page()
    for c in "abcdef0":
        open_page("video", video=c * 16)
