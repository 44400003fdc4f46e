-- What people add to a video: who is who, markers, excluded ranges, baselines, reviewed moments; and files made on request.

ALTER TABLE run ADD COLUMN people_revision INTEGER DEFAULT 0;
COMMENT ON COLUMN run.people_revision IS 'Counts every change of its people, so that two who edit at once do not overwrite each other';

ALTER TABLE observation ADD COLUMN tracked_as INTEGER;
UPDATE observation SET tracked_as = track_id;
COMMENT ON COLUMN observation.tracked_as IS 'The track that the tracker gave it; track_id is that after merging and splitting';

CREATE TABLE people_edit (
    run_id INTEGER NOT NULL,
    edit INTEGER NOT NULL,
    kind VARCHAR NOT NULL CHECK (kind IN ('name', 'merge', 'split')),
    track_id INTEGER NOT NULL,
    into_id INTEGER,
    at_s DOUBLE,
    name VARCHAR,
    made_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE people_edit IS 'What people said about who is who; tracks are what the tracker found with these applied in order';
COMMENT ON COLUMN people_edit.run_id IS 'The run';
COMMENT ON COLUMN people_edit.edit IS 'Place in the order, from 1; undo takes the last away';
COMMENT ON COLUMN people_edit.kind IS 'name, merge or split';
COMMENT ON COLUMN people_edit.track_id IS 'The track named, merged away, or split';
COMMENT ON COLUMN people_edit.into_id IS 'merge: the track it goes into; split: the number of the new track; else NULL';
COMMENT ON COLUMN people_edit.at_s IS 'split: what is seen from this second on belongs to the new track; else NULL';
COMMENT ON COLUMN people_edit.name IS 'name: the name given, NULL to take it away';
COMMENT ON COLUMN people_edit.made_at IS 'When (UTC)';

CREATE TABLE marker (
    marker_id VARCHAR PRIMARY KEY,
    video_id VARCHAR NOT NULL,
    t_s DOUBLE NOT NULL,
    end_s DOUBLE,
    kind VARCHAR NOT NULL,
    note VARCHAR,
    source VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE marker IS 'Moments and stretches of a video that a person marked';
COMMENT ON COLUMN marker.marker_id IS 'Its identity';
COMMENT ON COLUMN marker.video_id IS 'The video';
COMMENT ON COLUMN marker.t_s IS 'When it begins, in seconds from the start of the video';
COMMENT ON COLUMN marker.end_s IS 'When it ends, in seconds; NULL for a moment';
COMMENT ON COLUMN marker.kind IS 'Type of the marker, such as question or stimulus';
COMMENT ON COLUMN marker.note IS 'Free text';
COMMENT ON COLUMN marker.source IS 'typed, player, csv, srt or eaf';
COMMENT ON COLUMN marker.made_at IS 'When it was added (UTC)';

CREATE TABLE excluded_range (
    range_id VARCHAR PRIMARY KEY,
    video_id VARCHAR NOT NULL,
    from_s DOUBLE NOT NULL,
    to_s DOUBLE NOT NULL,
    reason VARCHAR,
    made_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE excluded_range IS 'Stretches of a video that no figure counts';
COMMENT ON COLUMN excluded_range.range_id IS 'Its identity';
COMMENT ON COLUMN excluded_range.video_id IS 'The video';
COMMENT ON COLUMN excluded_range.from_s IS 'Begins at this second';
COMMENT ON COLUMN excluded_range.to_s IS 'Ends before this second';
COMMENT ON COLUMN excluded_range.reason IS 'Why';
COMMENT ON COLUMN excluded_range.made_at IS 'When it was added (UTC)';

CREATE TABLE baseline (
    run_id INTEGER NOT NULL,
    track_id INTEGER NOT NULL,
    from_s DOUBLE NOT NULL,
    to_s DOUBLE NOT NULL,
    made_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE baseline IS 'A neutral stretch chosen for a person, to which values can be shown relative';
COMMENT ON COLUMN baseline.run_id IS 'The run';
COMMENT ON COLUMN baseline.track_id IS 'The person''s track; one baseline each';
COMMENT ON COLUMN baseline.from_s IS 'Begins at this second';
COMMENT ON COLUMN baseline.to_s IS 'Ends before this second';
COMMENT ON COLUMN baseline.made_at IS 'When it was chosen (UTC)';

CREATE TABLE reviewed_moment (
    run_id INTEGER NOT NULL,
    moment VARCHAR NOT NULL,
    reviewed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE reviewed_moment IS 'Key moments that a person has looked at';
COMMENT ON COLUMN reviewed_moment.run_id IS 'The run';
COMMENT ON COLUMN reviewed_moment.moment IS 'The moment: its kind, emotion, person and time, as peak/happy/1/12.500';
COMMENT ON COLUMN reviewed_moment.reviewed_at IS 'When it was ticked (UTC)';

CREATE TABLE made_file (
    made_id VARCHAR PRIMARY KEY,
    video_id VARCHAR NOT NULL,
    run_id INTEGER,
    kind VARCHAR NOT NULL CHECK (kind IN ('proxy', 'annotated', 'clips')),
    options JSON NOT NULL,
    state run_state NOT NULL,
    file VARCHAR,
    size_bytes BIGINT,
    error VARCHAR,
    requested_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
COMMENT ON TABLE made_file IS 'Files made from a video on request; they lie in the home''s folder made/ and go with the video';
COMMENT ON COLUMN made_file.made_id IS 'Its identity: the request''s';
COMMENT ON COLUMN made_file.video_id IS 'The video';
COMMENT ON COLUMN made_file.run_id IS 'The run that it shows; NULL for a proxy';
COMMENT ON COLUMN made_file.kind IS 'proxy: H.264 for the player; annotated: with boxes and labels; clips: a ZIP of key moments';
COMMENT ON COLUMN made_file.options IS 'How it was asked for';
COMMENT ON COLUMN made_file.state IS 'queued, running, done, failed or cancelled';
COMMENT ON COLUMN made_file.file IS 'File name in made/; NULL until it is done';
COMMENT ON COLUMN made_file.size_bytes IS 'Size in bytes';
COMMENT ON COLUMN made_file.error IS 'Why it failed, as a sentence';
COMMENT ON COLUMN made_file.requested_at IS 'When it was asked for (UTC)';
COMMENT ON COLUMN made_file.finished_at IS 'When it was finished, well or not (UTC)';
