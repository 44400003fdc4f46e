-- Live sessions: a video need not have a file, and markers can be set while a session runs.

COMMENT ON COLUMN video.path IS 'Where the file lies now; empty for a live session of which only what was seen is kept';
COMMENT ON COLUMN marker.source IS 'typed, player, live, csv, srt or eaf';
