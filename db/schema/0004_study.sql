-- What studies need: figures of each person of a run, saved queries and filters, alerts, consent, retention, thumbnails.

CREATE TABLE run_quality (
    run_id INTEGER PRIMARY KEY,
    frames INTEGER NOT NULL,
    frames_with_face INTEGER NOT NULL,
    seconds DOUBLE NOT NULL,
    excluded_s DOUBLE NOT NULL,
    brightness REAL,
    sharpness REAL,
    face_px REAL,
    face_score REAL
);
COMMENT ON TABLE run_quality IS 'How well a finished run could see, over the frames that count: those outside of excluded ranges';
COMMENT ON COLUMN run_quality.run_id IS 'The run';
COMMENT ON COLUMN run_quality.frames IS 'Frames looked at that count';
COMMENT ON COLUMN run_quality.frames_with_face IS 'Of those, the frames with at least one face';
COMMENT ON COLUMN run_quality.seconds IS 'Time that the frames that count stand for, in seconds';
COMMENT ON COLUMN run_quality.excluded_s IS 'Time that the frames left out stand for, in seconds';
COMMENT ON COLUMN run_quality.brightness IS 'Mean grey level of the frames that count, 0 to 255; NULL without any';
COMMENT ON COLUMN run_quality.sharpness IS 'Median sharpness of the frames that count (see frame.sharpness); NULL without any';
COMMENT ON COLUMN run_quality.face_px IS 'Median width of the faces that count, in pixels; NULL without any';
COMMENT ON COLUMN run_quality.face_score IS 'Mean score of the faces that count, 0 to 1; NULL without any or with Haar';

CREATE TABLE track_summary (
    run_id INTEGER NOT NULL,
    track_id INTEGER NOT NULL,
    observations INTEGER NOT NULL,
    seconds DOUBLE NOT NULL,
    angry REAL, disgust REAL, fear REAL, happy REAL, sad REAL, surprise REAL, neutral REAL,
    p_angry REAL, p_disgust REAL, p_fear REAL, p_happy REAL, p_sad REAL, p_surprise REAL, p_neutral REAL,
    valence REAL
);
COMMENT ON TABLE track_summary IS 'What each person of a finished run showed, added up over what counts: the time outside of excluded ranges';
COMMENT ON COLUMN track_summary.run_id IS 'The run';
COMMENT ON COLUMN track_summary.track_id IS 'The person''s track, after merging and splitting';
COMMENT ON COLUMN track_summary.observations IS 'Frames in which the person is seen that count';
COMMENT ON COLUMN track_summary.seconds IS 'Time that these stand for, in seconds';
COMMENT ON COLUMN track_summary.angry IS 'Share of that time in which the smoothed emotion is angry, 0 to 1; NULL where nothing counts';
COMMENT ON COLUMN track_summary.disgust IS 'Share of disgust, 0 to 1';
COMMENT ON COLUMN track_summary.fear IS 'Share of fear, 0 to 1';
COMMENT ON COLUMN track_summary.happy IS 'Share of happy, 0 to 1';
COMMENT ON COLUMN track_summary.sad IS 'Share of sad, 0 to 1';
COMMENT ON COLUMN track_summary.surprise IS 'Share of surprise, 0 to 1';
COMMENT ON COLUMN track_summary.neutral IS 'Share of neutral, 0 to 1';
COMMENT ON COLUMN track_summary.p_angry IS 'Mean probability of angry over that time, 0 to 1; NULL where nothing counts';
COMMENT ON COLUMN track_summary.p_disgust IS 'Mean probability of disgust, 0 to 1';
COMMENT ON COLUMN track_summary.p_fear IS 'Mean probability of fear, 0 to 1';
COMMENT ON COLUMN track_summary.p_happy IS 'Mean probability of happy, 0 to 1';
COMMENT ON COLUMN track_summary.p_sad IS 'Mean probability of sad, 0 to 1';
COMMENT ON COLUMN track_summary.p_surprise IS 'Mean probability of surprise, 0 to 1';
COMMENT ON COLUMN track_summary.p_neutral IS 'Mean probability of neutral, 0 to 1';
COMMENT ON COLUMN track_summary.valence IS 'Mean valence over that time, -1 to 1; NULL where nothing counts';

CREATE TABLE saved_query (
    query_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    sql VARCHAR NOT NULL,
    saved_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE saved_query IS 'Questions in SQL that somebody kept';
COMMENT ON COLUMN saved_query.query_id IS 'Its identity: the request''s';
COMMENT ON COLUMN saved_query.name IS 'What people call it; saving under the same name replaces it';
COMMENT ON COLUMN saved_query.sql IS 'The query';
COMMENT ON COLUMN saved_query.saved_at IS 'When (UTC)';

CREATE TABLE saved_filter (
    filter_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    filter JSON NOT NULL,
    saved_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE saved_filter IS 'Choices of videos that somebody kept, for the library and for comparisons';
COMMENT ON COLUMN saved_filter.filter_id IS 'Its identity: the request''s';
COMMENT ON COLUMN saved_filter.name IS 'What people call it; saving under the same name replaces it';
COMMENT ON COLUMN saved_filter.filter IS 'The choice: text, cohorts, subjects, sessions, states, tags, from_day, to_day; what is absent lets everything through';
COMMENT ON COLUMN saved_filter.saved_at IS 'When (UTC)';

-- Nothing has been written to these two before.
DROP TABLE alert;
DROP TABLE alert_rule;
CREATE TABLE alert_rule (
    rule_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    threshold DOUBLE CHECK (threshold BETWEEN 0 AND 1),
    at_least_s DOUBLE NOT NULL CHECK (at_least_s > 0),
    within_s DOUBLE NOT NULL,
    enabled BOOLEAN NOT NULL,
    notify BOOLEAN NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    CHECK (within_s >= at_least_s)
);
COMMENT ON TABLE alert_rule IS 'When to raise an alert: one person''s target at or above threshold for at_least_s seconds within within_s';
COMMENT ON COLUMN alert_rule.rule_id IS 'Its identity: the request''s';
COMMENT ON COLUMN alert_rule.name IS 'What people call it';
COMMENT ON COLUMN alert_rule.target IS 'An emotion or a category; of a category, the probabilities of its emotions are added up';
COMMENT ON COLUMN alert_rule.threshold IS 'Lowest smoothed probability that counts, 0 to 1; NULL: the sensitivity of the emotion (table sensitivity)';
COMMENT ON COLUMN alert_rule.at_least_s IS 'How long the target must hold in all, in seconds';
COMMENT ON COLUMN alert_rule.within_s IS 'Length of the window it must hold in, in seconds';
COMMENT ON COLUMN alert_rule.enabled IS 'Whether the rule is in force';
COMMENT ON COLUMN alert_rule.notify IS 'Whether its alerts are sent out, where a way to send them is set up';
COMMENT ON COLUMN alert_rule.changed_at IS 'When it was last changed (UTC)';

CREATE TABLE sensitivity (
    target VARCHAR PRIMARY KEY,
    threshold DOUBLE NOT NULL CHECK (threshold BETWEEN 0 AND 1)
);
COMMENT ON TABLE sensitivity IS 'From which probability on an emotion or category counts, for rules without a threshold of their own';
COMMENT ON COLUMN sensitivity.target IS 'An emotion or a category';
COMMENT ON COLUMN sensitivity.threshold IS 'Lowest smoothed probability that counts, 0 to 1; lower is more sensitive';

CREATE TABLE alert (
    alert_id VARCHAR PRIMARY KEY,
    rule_id VARCHAR NOT NULL,
    rule VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    threshold DOUBLE NOT NULL,
    run_id INTEGER NOT NULL,
    track_id INTEGER NOT NULL,
    start_s DOUBLE NOT NULL,
    end_s DOUBLE NOT NULL,
    held_s DOUBLE NOT NULL,
    peak REAL NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    acknowledged_at TIMESTAMP,
    note VARCHAR
);
COMMENT ON TABLE alert IS 'Alerts raised by rules';
COMMENT ON COLUMN alert.alert_id IS 'Its identity: rule, run, person and beginning';
COMMENT ON COLUMN alert.rule_id IS 'The rule';
COMMENT ON COLUMN alert.rule IS 'What the rule was called when it was raised';
COMMENT ON COLUMN alert.target IS 'The emotion or category';
COMMENT ON COLUMN alert.threshold IS 'The threshold in force when it was raised, 0 to 1';
COMMENT ON COLUMN alert.run_id IS 'The run it was raised in';
COMMENT ON COLUMN alert.track_id IS 'The track it is about, within the run';
COMMENT ON COLUMN alert.start_s IS 'When it begins, in seconds from the start of the video';
COMMENT ON COLUMN alert.end_s IS 'When it ends, in seconds';
COMMENT ON COLUMN alert.held_s IS 'For how long the target held between the two, in seconds';
COMMENT ON COLUMN alert.peak IS 'Highest smoothed probability in it, 0 to 1';
COMMENT ON COLUMN alert.raised_at IS 'When it was raised (UTC)';
COMMENT ON COLUMN alert.acknowledged_at IS 'When a person took note of it (UTC); NULL until then';
COMMENT ON COLUMN alert.note IS 'What the person wrote on it';

CREATE TABLE alert_delivery (
    alert_id VARCHAR NOT NULL,
    channel VARCHAR NOT NULL CHECK (channel IN ('webhook', 'email')),
    state VARCHAR NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    attempt INTEGER NOT NULL,
    next_try_at TIMESTAMP,
    sent_at TIMESTAMP,
    error VARCHAR
);
COMMENT ON TABLE alert_delivery IS 'Alerts on their way out of this machine; none without a rule that notifies and a channel that is set up';
COMMENT ON COLUMN alert_delivery.alert_id IS 'The alert; one that starts with test/ is from the test button';
COMMENT ON COLUMN alert_delivery.channel IS 'webhook or email';
COMMENT ON COLUMN alert_delivery.state IS 'waiting, sent or failed';
COMMENT ON COLUMN alert_delivery.attempt IS 'How often it was tried';
COMMENT ON COLUMN alert_delivery.next_try_at IS 'When it is tried next (UTC); NULL when sent or given up';
COMMENT ON COLUMN alert_delivery.sent_at IS 'When it was sent (UTC)';
COMMENT ON COLUMN alert_delivery.error IS 'Why the last try failed, as a sentence';

CREATE TABLE alert_due (
    run_id INTEGER PRIMARY KEY
);
COMMENT ON TABLE alert_due IS 'Current runs on which the rules have yet to be tried, since rules or sensitivities changed';
COMMENT ON COLUMN alert_due.run_id IS 'The run';

CREATE TABLE setting (
    name VARCHAR PRIMARY KEY,
    value JSON NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE setting IS 'What was decided in the dashboard for this home: consent, retention, thumbnails; what is absent has its default';
COMMENT ON COLUMN setting.name IS 'Name of the setting';
COMMENT ON COLUMN setting.value IS 'Its value';
COMMENT ON COLUMN setting.changed_at IS 'When it was last changed (UTC)';

CREATE TABLE consent (
    subject VARCHAR PRIMARY KEY,
    given BOOLEAN NOT NULL,
    given_on DATE,
    expires_on DATE,
    note VARCHAR,
    changed_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE consent IS 'Which subjects agreed to being analysed, and until when';
COMMENT ON COLUMN consent.subject IS 'The subject, as in video.subject';
COMMENT ON COLUMN consent.given IS 'Whether consent was given; false: it was refused or withdrawn';
COMMENT ON COLUMN consent.given_on IS 'Day on which it was given, refused or withdrawn';
COMMENT ON COLUMN consent.expires_on IS 'Last day on which it holds; NULL: it does not expire';
COMMENT ON COLUMN consent.note IS 'Free text, such as where the signed form lies';
COMMENT ON COLUMN consent.changed_at IS 'When this was last changed (UTC)';

CREATE TABLE purpose_log (
    confirmed_at TIMESTAMP NOT NULL,
    purpose VARCHAR NOT NULL,
    statement VARCHAR NOT NULL
);
COMMENT ON TABLE purpose_log IS 'Who uses this home confirmed what it is used for and that prohibited uses are none of it';
COMMENT ON COLUMN purpose_log.confirmed_at IS 'When (UTC)';
COMMENT ON COLUMN purpose_log.purpose IS 'The purpose, in the words of who confirmed it';
COMMENT ON COLUMN purpose_log.statement IS 'What was confirmed, word for word';

CREATE TABLE thumbnail (
    video_id VARCHAR PRIMARY KEY,
    file VARCHAR NOT NULL,
    t_s DOUBLE NOT NULL,
    size_bytes BIGINT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE thumbnail IS 'Small pictures of videos, made only where somebody asked for them; they lie in the home''s folder thumbnails/';
COMMENT ON COLUMN thumbnail.video_id IS 'The video';
COMMENT ON COLUMN thumbnail.file IS 'File name in thumbnails/';
COMMENT ON COLUMN thumbnail.t_s IS 'Which moment it shows, in seconds from the start of the video';
COMMENT ON COLUMN thumbnail.size_bytes IS 'Size in bytes';
COMMENT ON COLUMN thumbnail.made_at IS 'When it was made (UTC)';

ALTER TABLE erasure_log ADD COLUMN receipt_id VARCHAR;
ALTER TABLE erasure_log ADD COLUMN receipt JSON;
COMMENT ON COLUMN erasure_log.subject IS 'SHA-256 of the receipt''s salt and the name of the subject; the salt is on the receipt that was given out and nowhere else';
COMMENT ON COLUMN erasure_log.receipt_id IS 'Number of the receipt';
COMMENT ON COLUMN erasure_log.receipt IS 'Counts of rows by table and of files by folder, and whether the search afterwards found nothing; no names';
