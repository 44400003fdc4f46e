-- The first schema. A migration is never changed once released: add a new file with the next number instead.

CREATE TYPE emotion_name AS ENUM ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral');
CREATE TYPE category_name AS ENUM ('negative', 'neutral', 'positive');
CREATE TYPE run_state AS ENUM ('queued', 'running', 'done', 'failed', 'cancelled');

CREATE TABLE emotion (
    emotion emotion_name PRIMARY KEY,
    category category_name NOT NULL,
    valence REAL NOT NULL CHECK (valence BETWEEN -1 AND 1)
);
COMMENT ON TABLE emotion IS 'The seven emotions with their category and valence';
COMMENT ON COLUMN emotion.emotion IS 'Name, in FER2013 order';
COMMENT ON COLUMN emotion.category IS 'negative, neutral or positive';
COMMENT ON COLUMN emotion.valence IS 'How pleasant, -1 to 1';

CREATE TABLE video (
    video_id VARCHAR PRIMARY KEY,
    sha256 VARCHAR NOT NULL UNIQUE,
    name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    size_bytes BIGINT NOT NULL,
    duration_s DOUBLE,
    fps DOUBLE,
    width INTEGER,
    height INTEGER,
    codec VARCHAR,
    recorded_at TIMESTAMP,
    added_at TIMESTAMP NOT NULL,
    source VARCHAR NOT NULL CHECK (source IN ('watch', 'upload', 'live')),
    subject VARCHAR,
    cohort VARCHAR,
    session VARCHAR,
    tags MAP(VARCHAR, VARCHAR),
    consent BOOLEAN,
    missing_since TIMESTAMP
);
COMMENT ON TABLE video IS 'One row per video content: the same file dropped twice is one video';
COMMENT ON COLUMN video.video_id IS 'First 16 hex digits of the SHA-256 of the content';
COMMENT ON COLUMN video.sha256 IS 'SHA-256 of the content, 64 hex digits';
COMMENT ON COLUMN video.name IS 'File name as it was given, for people; never used as a path';
COMMENT ON COLUMN video.path IS 'Where the file lies now';
COMMENT ON COLUMN video.size_bytes IS 'Size in bytes';
COMMENT ON COLUMN video.duration_s IS 'Duration in seconds; NULL until it was opened';
COMMENT ON COLUMN video.fps IS 'Average frame rate in frames per second; NULL if unknown';
COMMENT ON COLUMN video.width IS 'Width in pixels, in display orientation';
COMMENT ON COLUMN video.height IS 'Height in pixels, in display orientation';
COMMENT ON COLUMN video.codec IS 'Video codec, such as h264';
COMMENT ON COLUMN video.recorded_at IS 'When it was recorded (UTC), from the container or the sidecar';
COMMENT ON COLUMN video.added_at IS 'When Moodreel first saw it (UTC)';
COMMENT ON COLUMN video.source IS 'watch, upload or live';
COMMENT ON COLUMN video.subject IS 'Who is in it: a pseudonym is best';
COMMENT ON COLUMN video.cohort IS 'Group the subject belongs to';
COMMENT ON COLUMN video.session IS 'Session name or number';
COMMENT ON COLUMN video.tags IS 'Free key-value pairs';
COMMENT ON COLUMN video.consent IS 'Whether the people in it agreed; NULL if nobody said';
COMMENT ON COLUMN video.missing_since IS 'When the file was found to be gone (UTC); NULL while it is there';

CREATE TABLE file (
    path VARCHAR PRIMARY KEY,
    video_id VARCHAR,
    size_bytes BIGINT NOT NULL,
    mtime_ns BIGINT NOT NULL,
    error VARCHAR
);
COMMENT ON TABLE file IS 'Files already looked at in the watched folders, so that only new or changed ones are read again';
COMMENT ON COLUMN file.path IS 'Absolute path';
COMMENT ON COLUMN file.video_id IS 'The video that this file holds; NULL when it could not be read';
COMMENT ON COLUMN file.size_bytes IS 'Size in bytes when it was read';
COMMENT ON COLUMN file.mtime_ns IS 'Modification time when it was read, nanoseconds since 1970';
COMMENT ON COLUMN file.error IS 'Why it could not be read, as a sentence';

CREATE TABLE model (
    model_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    card JSON NOT NULL,
    added_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE model IS 'Every network that analysed something here';
COMMENT ON COLUMN model.model_id IS 'name, version and the first 8 hex digits of the hash: moodnet-1-1a2b3c4d';
COMMENT ON COLUMN model.name IS 'Name of the bundle';
COMMENT ON COLUMN model.version IS 'Version of the bundle';
COMMENT ON COLUMN model.sha256 IS 'SHA-256 of model.keras';
COMMENT ON COLUMN model.card IS 'model.json as it was';
COMMENT ON COLUMN model.added_at IS 'When it was first used here (UTC)';

CREATE SEQUENCE run_number;
CREATE TABLE run (
    run_id INTEGER PRIMARY KEY DEFAULT nextval('run_number'),
    video_id VARCHAR NOT NULL,
    model_id VARCHAR,
    detector VARCHAR,
    device VARCHAR,
    sample_fps DOUBLE NOT NULL CHECK (sample_fps > 0),
    smoothing VARCHAR NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    state run_state NOT NULL DEFAULT 'queued',
    attempt INTEGER NOT NULL DEFAULT 0,
    queued_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    finished_at TIMESTAMP,
    seconds DOUBLE,
    frames_sampled INTEGER,
    frames_with_face INTEGER,
    corrupt_packets INTEGER,
    note VARCHAR,
    error VARCHAR,
    current BOOLEAN NOT NULL DEFAULT false
);
COMMENT ON TABLE run IS 'One analysis of one video with one model and one set of settings';
COMMENT ON COLUMN run.run_id IS 'Number of the run';
COMMENT ON COLUMN run.video_id IS 'The video analysed';
COMMENT ON COLUMN run.model_id IS 'The model used; before it finished, the one asked for';
COMMENT ON COLUMN run.detector IS 'Face detector used, yunet or haar; before it finished, the one asked for';
COMMENT ON COLUMN run.device IS 'Where the network ran, such as CPU or GPU:0';
COMMENT ON COLUMN run.sample_fps IS 'Frames looked at per second of video';
COMMENT ON COLUMN run.smoothing IS 'Smoothing method and window: mean:1.5s or mode:5';
COMMENT ON COLUMN run.priority IS 'Higher runs first: 0 bulk folder, 10 a person is waiting';
COMMENT ON COLUMN run.state IS 'queued, running, done, failed or cancelled';
COMMENT ON COLUMN run.attempt IS 'How often it was started';
COMMENT ON COLUMN run.queued_at IS 'When it was asked for (UTC)';
COMMENT ON COLUMN run.started_at IS 'When the last attempt started (UTC)';
COMMENT ON COLUMN run.finished_at IS 'When it ended, well or not (UTC)';
COMMENT ON COLUMN run.seconds IS 'Time the analysis took, in seconds';
COMMENT ON COLUMN run.frames_sampled IS 'Frames looked at';
COMMENT ON COLUMN run.frames_with_face IS 'Frames with at least one face';
COMMENT ON COLUMN run.corrupt_packets IS 'Damaged packets that were skipped';
COMMENT ON COLUMN run.note IS 'What is worth knowing of a finished run, as a sentence, such as a file that breaks off';
COMMENT ON COLUMN run.error IS 'Why it failed, as a sentence';
COMMENT ON COLUMN run.current IS 'Whether this is the newest finished run of its video';

CREATE TABLE run_summary (
    run_id INTEGER PRIMARY KEY,
    observations BIGINT NOT NULL,
    tracks INTEGER NOT NULL,
    angry REAL, disgust REAL, fear REAL, happy REAL, sad REAL, surprise REAL, neutral REAL,
    mean_valence REAL,
    valence_curve REAL[] NOT NULL
);
COMMENT ON TABLE run_summary IS 'What a finished run found, added up once, so that lists of thousands of videos open at once';
COMMENT ON COLUMN run_summary.run_id IS 'The run';
COMMENT ON COLUMN run_summary.observations IS 'Faces seen, over all frames';
COMMENT ON COLUMN run_summary.tracks IS 'People seen, as far as tracking tells them apart';
COMMENT ON COLUMN run_summary.angry IS 'Share of observations whose smoothed emotion is angry, 0 to 1; NULL without a face';
COMMENT ON COLUMN run_summary.disgust IS 'Share of disgust, 0 to 1';
COMMENT ON COLUMN run_summary.fear IS 'Share of fear, 0 to 1';
COMMENT ON COLUMN run_summary.happy IS 'Share of happy, 0 to 1';
COMMENT ON COLUMN run_summary.sad IS 'Share of sad, 0 to 1';
COMMENT ON COLUMN run_summary.surprise IS 'Share of surprise, 0 to 1';
COMMENT ON COLUMN run_summary.neutral IS 'Share of neutral, 0 to 1';
COMMENT ON COLUMN run_summary.mean_valence IS 'Mean valence over observations, -1 to 1; NULL without a face';
COMMENT ON COLUMN run_summary.valence_curve IS 'Mean valence in 40 equal parts of the video; NULL in a part without a face';

CREATE TABLE frame (
    run_id INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    t_s DOUBLE NOT NULL,
    faces SMALLINT NOT NULL,
    brightness REAL NOT NULL,
    sharpness REAL NOT NULL
);
COMMENT ON TABLE frame IS 'Every frame looked at, with or without a face, so that a gap is a fact';
COMMENT ON COLUMN frame.run_id IS 'The run';
COMMENT ON COLUMN frame.frame IS 'Number of the frame in the video, from 0, in display order';
COMMENT ON COLUMN frame.t_s IS 'Presentation time in seconds from the start of the video';
COMMENT ON COLUMN frame.faces IS 'Faces found';
COMMENT ON COLUMN frame.brightness IS 'Mean grey level, 0 to 255';
COMMENT ON COLUMN frame.sharpness IS 'Variance of the Laplacian of the grey picture scaled to at most 640 wide; low is blurred';

CREATE TABLE track (
    run_id INTEGER NOT NULL,
    track_id INTEGER NOT NULL,
    first_s DOUBLE NOT NULL,
    last_s DOUBLE NOT NULL,
    observations INTEGER NOT NULL,
    label VARCHAR
);
COMMENT ON TABLE track IS 'One face followed through a video';
COMMENT ON COLUMN track.run_id IS 'The run';
COMMENT ON COLUMN track.track_id IS 'Number of the track within the run, from 1, in order of appearance';
COMMENT ON COLUMN track.first_s IS 'When it is first seen, in seconds';
COMMENT ON COLUMN track.last_s IS 'When it is last seen, in seconds';
COMMENT ON COLUMN track.observations IS 'How many frames it is seen in';
COMMENT ON COLUMN track.label IS 'Name given by a person';

CREATE TABLE observation (
    run_id INTEGER NOT NULL,
    frame INTEGER NOT NULL,
    t_s DOUBLE NOT NULL,
    track_id INTEGER NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    w REAL NOT NULL,
    h REAL NOT NULL,
    face_score REAL,
    angry REAL NOT NULL,
    disgust REAL NOT NULL,
    fear REAL NOT NULL,
    happy REAL NOT NULL,
    sad REAL NOT NULL,
    surprise REAL NOT NULL,
    neutral REAL NOT NULL,
    emotion emotion_name NOT NULL,
    smoothed emotion_name NOT NULL,
    category category_name NOT NULL,
    valence REAL NOT NULL
);
COMMENT ON TABLE observation IS 'One face in one frame';
COMMENT ON COLUMN observation.run_id IS 'The run';
COMMENT ON COLUMN observation.frame IS 'Number of the frame in the video, from 0, in display order';
COMMENT ON COLUMN observation.t_s IS 'Presentation time in seconds from the start of the video';
COMMENT ON COLUMN observation.track_id IS 'The track it belongs to, within the run';
COMMENT ON COLUMN observation.x IS 'Left edge of the face in pixels, in display orientation';
COMMENT ON COLUMN observation.y IS 'Top edge of the face in pixels';
COMMENT ON COLUMN observation.w IS 'Width of the face in pixels';
COMMENT ON COLUMN observation.h IS 'Height of the face in pixels';
COMMENT ON COLUMN observation.face_score IS 'How sure the detector is, 0 to 1; NULL with Haar, which does not say';
COMMENT ON COLUMN observation.angry IS 'Probability of angry, 0 to 1; the seven sum to 1';
COMMENT ON COLUMN observation.disgust IS 'Probability of disgust, 0 to 1';
COMMENT ON COLUMN observation.fear IS 'Probability of fear, 0 to 1';
COMMENT ON COLUMN observation.happy IS 'Probability of happy, 0 to 1';
COMMENT ON COLUMN observation.sad IS 'Probability of sad, 0 to 1';
COMMENT ON COLUMN observation.surprise IS 'Probability of surprise, 0 to 1';
COMMENT ON COLUMN observation.neutral IS 'Probability of neutral, 0 to 1';
COMMENT ON COLUMN observation.emotion IS 'The most probable emotion, raw';
COMMENT ON COLUMN observation.smoothed IS 'The emotion after smoothing over time along the track';
COMMENT ON COLUMN observation.category IS 'Category of the smoothed emotion';
COMMENT ON COLUMN observation.valence IS 'Sum over the emotions of probability times valence, -1 to 1';

CREATE TABLE evaluation (
    evaluation_id VARCHAR PRIMARY KEY,
    model_id VARCHAR NOT NULL,
    data VARCHAR NOT NULL,
    split VARCHAR NOT NULL,
    labels VARCHAR NOT NULL CHECK (labels IN ('fer2013', 'ferplus')),
    n INTEGER NOT NULL,
    accuracy DOUBLE,
    accuracy_3 DOUBLE,
    macro_f1 DOUBLE,
    ece DOUBLE,
    evaluated_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE evaluation IS 'How well a model does on a labelled set';
COMMENT ON COLUMN evaluation.evaluation_id IS 'Model, data, split and labels: moodnet-1-1a2b3c4d/fer2013/PublicTest/ferplus';
COMMENT ON COLUMN evaluation.model_id IS 'The model evaluated';
COMMENT ON COLUMN evaluation.data IS 'Name of the data set';
COMMENT ON COLUMN evaluation.split IS 'Part of the data set, such as PublicTest';
COMMENT ON COLUMN evaluation.labels IS 'Whose labels count: fer2013 (one label) or ferplus (majority of ten votes)';
COMMENT ON COLUMN evaluation.n IS 'Faces it was tried on';
COMMENT ON COLUMN evaluation.accuracy IS 'Share of faces named right among seven emotions, 0 to 1';
COMMENT ON COLUMN evaluation.accuracy_3 IS 'Share of faces named right among the three categories, 0 to 1';
COMMENT ON COLUMN evaluation.macro_f1 IS 'Mean over the emotions of F1, 0 to 1; NULL where undefined';
COMMENT ON COLUMN evaluation.ece IS 'Expected calibration error, 0 to 1: how far stated probability is from the share that is right';
COMMENT ON COLUMN evaluation.evaluated_at IS 'When it was measured (UTC)';

CREATE TABLE evaluation_class (
    evaluation_id VARCHAR NOT NULL,
    emotion emotion_name NOT NULL,
    precision DOUBLE,
    recall DOUBLE,
    f1 DOUBLE,
    support INTEGER NOT NULL
);
COMMENT ON TABLE evaluation_class IS 'An evaluation, by emotion';
COMMENT ON COLUMN evaluation_class.evaluation_id IS 'The evaluation';
COMMENT ON COLUMN evaluation_class.emotion IS 'The emotion';
COMMENT ON COLUMN evaluation_class.precision IS 'Of the faces given this name, the share that has it, 0 to 1; NULL if none was';
COMMENT ON COLUMN evaluation_class.recall IS 'Of the faces that have it, the share given this name, 0 to 1; NULL if none has';
COMMENT ON COLUMN evaluation_class.f1 IS 'Harmonic mean of precision and recall, 0 to 1; NULL where undefined';
COMMENT ON COLUMN evaluation_class.support IS 'Faces that have it';

CREATE TABLE confusion (
    evaluation_id VARCHAR NOT NULL,
    truth emotion_name NOT NULL,
    predicted emotion_name NOT NULL,
    faces INTEGER NOT NULL
);
COMMENT ON TABLE confusion IS 'Which emotion was taken for which, in an evaluation';
COMMENT ON COLUMN confusion.evaluation_id IS 'The evaluation';
COMMENT ON COLUMN confusion.truth IS 'Emotion by the label';
COMMENT ON COLUMN confusion.predicted IS 'Emotion by the model';
COMMENT ON COLUMN confusion.faces IS 'How many faces';

CREATE TABLE training_epoch (
    model_id VARCHAR NOT NULL,
    epoch INTEGER NOT NULL,
    measure VARCHAR NOT NULL,
    value DOUBLE
);
COMMENT ON TABLE training_epoch IS 'Training curves of a model';
COMMENT ON COLUMN training_epoch.model_id IS 'The model';
COMMENT ON COLUMN training_epoch.epoch IS 'Number of the epoch, from 1';
COMMENT ON COLUMN training_epoch.measure IS 'What was measured, such as loss or val_accuracy';
COMMENT ON COLUMN training_epoch.value IS 'The value at the end of the epoch; NULL where undefined';

CREATE TABLE prediction_sample (
    evaluation_id VARCHAR NOT NULL,
    row INTEGER NOT NULL,
    truth emotion_name NOT NULL,
    predicted emotion_name NOT NULL,
    probability REAL NOT NULL
);
COMMENT ON TABLE prediction_sample IS 'Some predictions of an evaluation, to look at';
COMMENT ON COLUMN prediction_sample.evaluation_id IS 'The evaluation';
COMMENT ON COLUMN prediction_sample.row IS 'Row of the face in the data set, from 0';
COMMENT ON COLUMN prediction_sample.truth IS 'Emotion by the label';
COMMENT ON COLUMN prediction_sample.predicted IS 'Emotion by the model';
COMMENT ON COLUMN prediction_sample.probability IS 'Probability the model gave its prediction, 0 to 1';

CREATE TABLE alert_rule (
    rule_id VARCHAR PRIMARY KEY,
    name VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    threshold DOUBLE NOT NULL CHECK (threshold BETWEEN 0 AND 1),
    at_least_s DOUBLE NOT NULL,
    within_s DOUBLE NOT NULL,
    enabled BOOLEAN NOT NULL
);
COMMENT ON TABLE alert_rule IS 'When to raise an alert: target at or above threshold for at_least_s seconds within within_s';
COMMENT ON COLUMN alert_rule.rule_id IS 'Unique name of the rule';
COMMENT ON COLUMN alert_rule.name IS 'What people call it';
COMMENT ON COLUMN alert_rule.target IS 'An emotion or a category';
COMMENT ON COLUMN alert_rule.threshold IS 'Lowest probability that counts, 0 to 1';
COMMENT ON COLUMN alert_rule.at_least_s IS 'How long the target must hold, in seconds';
COMMENT ON COLUMN alert_rule.within_s IS 'Length of the window it must hold in, in seconds';
COMMENT ON COLUMN alert_rule.enabled IS 'Whether the rule is in force';

CREATE TABLE alert (
    rule_id VARCHAR NOT NULL,
    run_id INTEGER NOT NULL,
    track_id INTEGER NOT NULL,
    start_s DOUBLE NOT NULL,
    end_s DOUBLE NOT NULL,
    raised_at TIMESTAMP NOT NULL,
    acknowledged_at TIMESTAMP
);
COMMENT ON TABLE alert IS 'Alerts raised by rules';
COMMENT ON COLUMN alert.rule_id IS 'The rule';
COMMENT ON COLUMN alert.run_id IS 'The run it was raised in';
COMMENT ON COLUMN alert.track_id IS 'The track it is about, within the run';
COMMENT ON COLUMN alert.start_s IS 'When it begins, in seconds from the start of the video';
COMMENT ON COLUMN alert.end_s IS 'When it ends, in seconds';
COMMENT ON COLUMN alert.raised_at IS 'When it was raised (UTC)';
COMMENT ON COLUMN alert.acknowledged_at IS 'When a person took note of it (UTC); NULL until then';

CREATE TABLE request_log (
    request_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    handled_at TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL CHECK (state IN ('applied', 'refused')),
    reason VARCHAR,
    request JSON NOT NULL
);
COMMENT ON TABLE request_log IS 'Every request from the spool, applied exactly once or refused with the reason';
COMMENT ON COLUMN request_log.request_id IS 'Unique name of the request';
COMMENT ON COLUMN request_log.kind IS 'upload, analyze, edit, reprocess, cancel or delete';
COMMENT ON COLUMN request_log.requested_at IS 'When it was made (UTC)';
COMMENT ON COLUMN request_log.handled_at IS 'When it was applied or refused (UTC)';
COMMENT ON COLUMN request_log.state IS 'applied or refused';
COMMENT ON COLUMN request_log.reason IS 'Why it was refused, as a sentence';
COMMENT ON COLUMN request_log.request IS 'The request as it came';

CREATE TABLE erasure_log (
    erased_at TIMESTAMP NOT NULL,
    subject VARCHAR NOT NULL,
    videos INTEGER NOT NULL,
    observations BIGINT NOT NULL,
    files INTEGER NOT NULL
);
COMMENT ON TABLE erasure_log IS 'What was erased when; the subject is kept as a hash only';
COMMENT ON COLUMN erasure_log.erased_at IS 'When (UTC)';
COMMENT ON COLUMN erasure_log.subject IS 'SHA-256 of the name of the subject, 64 hex digits';
COMMENT ON COLUMN erasure_log.videos IS 'Videos erased';
COMMENT ON COLUMN erasure_log.observations IS 'Observations erased';
COMMENT ON COLUMN erasure_log.files IS 'Files erased';

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    applied_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE schema_version IS 'Which changes of this schema were applied to this store';
COMMENT ON COLUMN schema_version.version IS 'Number of the change, from 1';
COMMENT ON COLUMN schema_version.name IS 'Name of the change';
COMMENT ON COLUMN schema_version.applied_at IS 'When it was applied (UTC)';

CREATE VIEW timeline AS
SELECT v.video_id, v.name, v.subject, v.cohort, v.session, o.run_id, o.track_id, t.label, o.frame, o.t_s,
    o.x, o.y, o.w, o.h, o.face_score, o.angry, o.disgust, o.fear, o.happy, o.sad, o.surprise, o.neutral,
    o.emotion, o.smoothed, o.category, o.valence
FROM observation o
JOIN run r ON r.run_id = o.run_id AND r.current
JOIN video v USING (video_id)
LEFT JOIN track t ON t.run_id = o.run_id AND t.track_id = o.track_id;
COMMENT ON VIEW timeline IS 'Every face of every current run, with who and what it belongs to';
COMMENT ON COLUMN timeline.video_id IS 'First 16 hex digits of the SHA-256 of the content';
COMMENT ON COLUMN timeline.name IS 'File name as it was given, for people; never used as a path';
COMMENT ON COLUMN timeline.subject IS 'Who is in it: a pseudonym is best';
COMMENT ON COLUMN timeline.cohort IS 'Group the subject belongs to';
COMMENT ON COLUMN timeline.session IS 'Session name or number';
COMMENT ON COLUMN timeline.run_id IS 'The current run of the video';
COMMENT ON COLUMN timeline.track_id IS 'The track it belongs to, within the run';
COMMENT ON COLUMN timeline.label IS 'Name given to the track by a person';
COMMENT ON COLUMN timeline.frame IS 'Number of the frame in the video, from 0, in display order';
COMMENT ON COLUMN timeline.t_s IS 'Presentation time in seconds from the start of the video';
COMMENT ON COLUMN timeline.x IS 'Left edge of the face in pixels, in display orientation';
COMMENT ON COLUMN timeline.y IS 'Top edge of the face in pixels';
COMMENT ON COLUMN timeline.w IS 'Width of the face in pixels';
COMMENT ON COLUMN timeline.h IS 'Height of the face in pixels';
COMMENT ON COLUMN timeline.face_score IS 'How sure the detector is, 0 to 1; NULL with Haar, which does not say';
COMMENT ON COLUMN timeline.angry IS 'Probability of angry, 0 to 1; the seven sum to 1';
COMMENT ON COLUMN timeline.disgust IS 'Probability of disgust, 0 to 1';
COMMENT ON COLUMN timeline.fear IS 'Probability of fear, 0 to 1';
COMMENT ON COLUMN timeline.happy IS 'Probability of happy, 0 to 1';
COMMENT ON COLUMN timeline.sad IS 'Probability of sad, 0 to 1';
COMMENT ON COLUMN timeline.surprise IS 'Probability of surprise, 0 to 1';
COMMENT ON COLUMN timeline.neutral IS 'Probability of neutral, 0 to 1';
COMMENT ON COLUMN timeline.emotion IS 'The most probable emotion, raw';
COMMENT ON COLUMN timeline.smoothed IS 'The emotion after smoothing over time along the track';
COMMENT ON COLUMN timeline.category IS 'Category of the smoothed emotion';
COMMENT ON COLUMN timeline.valence IS 'Sum over the emotions of probability times valence, -1 to 1';

CREATE VIEW video_summary AS
SELECT v.video_id, v.name, v.subject, v.cohort, v.session, v.source, v.recorded_at, v.added_at, v.missing_since,
    v.duration_s, v.width, v.height, r.run_id, r.model_id, r.detector, r.device, r.sample_fps, r.smoothing, r.seconds,
    r.frames_sampled, r.frames_with_face, r.frames_with_face / nullif(r.frames_sampled, 0) AS coverage,
    s.tracks, s.observations, s.mean_valence, s.angry, s.disgust, s.fear, s.happy, s.sad, s.surprise, s.neutral,
    s.valence_curve
FROM video v
LEFT JOIN run r ON r.video_id = v.video_id AND r.current
LEFT JOIN run_summary s USING (run_id);
COMMENT ON VIEW video_summary IS 'One row per video: coverage, shares of the smoothed emotions and mean valence of its current run';
COMMENT ON COLUMN video_summary.video_id IS 'First 16 hex digits of the SHA-256 of the content';
COMMENT ON COLUMN video_summary.name IS 'File name as it was given, for people; never used as a path';
COMMENT ON COLUMN video_summary.subject IS 'Who is in it: a pseudonym is best';
COMMENT ON COLUMN video_summary.cohort IS 'Group the subject belongs to';
COMMENT ON COLUMN video_summary.session IS 'Session name or number';
COMMENT ON COLUMN video_summary.source IS 'watch, upload or live';
COMMENT ON COLUMN video_summary.recorded_at IS 'When it was recorded (UTC), from the container or the sidecar';
COMMENT ON COLUMN video_summary.added_at IS 'When Moodreel first saw it (UTC)';
COMMENT ON COLUMN video_summary.missing_since IS 'When the file was found to be gone (UTC); NULL while it is there';
COMMENT ON COLUMN video_summary.duration_s IS 'Duration in seconds; NULL until it was opened';
COMMENT ON COLUMN video_summary.width IS 'Width in pixels, in display orientation';
COMMENT ON COLUMN video_summary.height IS 'Height in pixels, in display orientation';
COMMENT ON COLUMN video_summary.run_id IS 'The current run; NULL while none has finished';
COMMENT ON COLUMN video_summary.model_id IS 'The model used; before it finished, the one asked for';
COMMENT ON COLUMN video_summary.detector IS 'Face detector used, yunet or haar; before it finished, the one asked for';
COMMENT ON COLUMN video_summary.device IS 'Where the network ran, such as CPU or GPU:0';
COMMENT ON COLUMN video_summary.sample_fps IS 'Frames looked at per second of video';
COMMENT ON COLUMN video_summary.smoothing IS 'Smoothing method and window: mean:1.5s or mode:5';
COMMENT ON COLUMN video_summary.seconds IS 'Time the analysis took, in seconds';
COMMENT ON COLUMN video_summary.frames_sampled IS 'Frames looked at';
COMMENT ON COLUMN video_summary.frames_with_face IS 'Frames with at least one face';
COMMENT ON COLUMN video_summary.coverage IS 'Share of the frames looked at that show a face, 0 to 1';
COMMENT ON COLUMN video_summary.tracks IS 'People seen, as far as tracking tells them apart';
COMMENT ON COLUMN video_summary.observations IS 'Faces seen, over all frames';
COMMENT ON COLUMN video_summary.mean_valence IS 'Mean valence over observations, -1 to 1; NULL without a face';
COMMENT ON COLUMN video_summary.angry IS 'Share of observations whose smoothed emotion is angry, 0 to 1; NULL without a face';
COMMENT ON COLUMN video_summary.disgust IS 'Share of disgust, 0 to 1';
COMMENT ON COLUMN video_summary.fear IS 'Share of fear, 0 to 1';
COMMENT ON COLUMN video_summary.happy IS 'Share of happy, 0 to 1';
COMMENT ON COLUMN video_summary.sad IS 'Share of sad, 0 to 1';
COMMENT ON COLUMN video_summary.surprise IS 'Share of surprise, 0 to 1';
COMMENT ON COLUMN video_summary.neutral IS 'Share of neutral, 0 to 1';
COMMENT ON COLUMN video_summary.valence_curve IS 'Mean valence in 40 equal parts of the video; NULL in a part without a face';

CREATE VIEW session_summary AS
SELECT cohort, subject, session, count(*) AS videos, sum(duration_s) AS duration_s, sum(observations) AS observations,
    sum(frames_with_face) / nullif(sum(frames_sampled), 0) AS coverage,
    sum(mean_valence * observations) / nullif(sum(observations), 0) AS mean_valence,
    sum(angry * observations) / nullif(sum(observations), 0) AS angry,
    sum(disgust * observations) / nullif(sum(observations), 0) AS disgust,
    sum(fear * observations) / nullif(sum(observations), 0) AS fear,
    sum(happy * observations) / nullif(sum(observations), 0) AS happy,
    sum(sad * observations) / nullif(sum(observations), 0) AS sad,
    sum(surprise * observations) / nullif(sum(observations), 0) AS surprise,
    sum(neutral * observations) / nullif(sum(observations), 0) AS neutral
FROM video_summary
GROUP BY cohort, subject, session;
COMMENT ON VIEW session_summary IS 'One row per cohort, subject and session; means weigh every observation alike';
COMMENT ON COLUMN session_summary.cohort IS 'Group the subject belongs to';
COMMENT ON COLUMN session_summary.subject IS 'Who is in it';
COMMENT ON COLUMN session_summary.session IS 'Session name or number';
COMMENT ON COLUMN session_summary.videos IS 'Videos of the session';
COMMENT ON COLUMN session_summary.duration_s IS 'Their durations together, in seconds';
COMMENT ON COLUMN session_summary.observations IS 'Faces seen, over all frames';
COMMENT ON COLUMN session_summary.coverage IS 'Share of the frames looked at that show a face, 0 to 1';
COMMENT ON COLUMN session_summary.mean_valence IS 'Mean valence over observations, -1 to 1; NULL without a face';
COMMENT ON COLUMN session_summary.angry IS 'Share of observations whose smoothed emotion is angry, 0 to 1';
COMMENT ON COLUMN session_summary.disgust IS 'Share of observations whose smoothed emotion is disgust, 0 to 1';
COMMENT ON COLUMN session_summary.fear IS 'Share of observations whose smoothed emotion is fear, 0 to 1';
COMMENT ON COLUMN session_summary.happy IS 'Share of observations whose smoothed emotion is happy, 0 to 1';
COMMENT ON COLUMN session_summary.sad IS 'Share of observations whose smoothed emotion is sad, 0 to 1';
COMMENT ON COLUMN session_summary.surprise IS 'Share of observations whose smoothed emotion is surprise, 0 to 1';
COMMENT ON COLUMN session_summary.neutral IS 'Share of observations whose smoothed emotion is neutral, 0 to 1';

CREATE VIEW cohort_summary AS
SELECT cohort, count(DISTINCT subject) AS subjects, count(*) AS sessions, sum(videos) AS videos,
    avg(coverage) AS coverage, avg(mean_valence) AS mean_valence, avg(angry) AS angry, avg(disgust) AS disgust,
    avg(fear) AS fear, avg(happy) AS happy, avg(sad) AS sad, avg(surprise) AS surprise, avg(neutral) AS neutral
FROM session_summary
GROUP BY cohort;
COMMENT ON VIEW cohort_summary IS 'One row per cohort; means weigh every session alike, however long it was';
COMMENT ON COLUMN cohort_summary.cohort IS 'The cohort';
COMMENT ON COLUMN cohort_summary.subjects IS 'Subjects in it';
COMMENT ON COLUMN cohort_summary.sessions IS 'Sessions in it';
COMMENT ON COLUMN cohort_summary.videos IS 'Videos in it';
COMMENT ON COLUMN cohort_summary.coverage IS 'Mean over sessions of their coverage, 0 to 1';
COMMENT ON COLUMN cohort_summary.mean_valence IS 'Mean over sessions of their mean valence, -1 to 1; NULL without a face';
COMMENT ON COLUMN cohort_summary.angry IS 'Mean over sessions of the share of angry, 0 to 1';
COMMENT ON COLUMN cohort_summary.disgust IS 'Mean over sessions of the share of disgust, 0 to 1';
COMMENT ON COLUMN cohort_summary.fear IS 'Mean over sessions of the share of fear, 0 to 1';
COMMENT ON COLUMN cohort_summary.happy IS 'Mean over sessions of the share of happy, 0 to 1';
COMMENT ON COLUMN cohort_summary.sad IS 'Mean over sessions of the share of sad, 0 to 1';
COMMENT ON COLUMN cohort_summary.surprise IS 'Mean over sessions of the share of surprise, 0 to 1';
COMMENT ON COLUMN cohort_summary.neutral IS 'Mean over sessions of the share of neutral, 0 to 1';

CREATE VIEW minute_share AS
SELECT video_id, run_id, track_id, floor(t_s / 60)::INTEGER AS minute, smoothed AS emotion, count(*) AS observations,
    count(*) / sum(count(*)) OVER (PARTITION BY video_id, run_id, track_id, floor(t_s / 60)) AS share
FROM timeline
GROUP BY video_id, run_id, track_id, floor(t_s / 60), smoothed;
COMMENT ON VIEW minute_share IS 'Share of each smoothed emotion, per minute of video and track';
COMMENT ON COLUMN minute_share.video_id IS 'The video';
COMMENT ON COLUMN minute_share.run_id IS 'Its current run';
COMMENT ON COLUMN minute_share.track_id IS 'The track, within the run';
COMMENT ON COLUMN minute_share.minute IS 'Minute of the video, from 0';
COMMENT ON COLUMN minute_share.emotion IS 'Smoothed emotion';
COMMENT ON COLUMN minute_share.observations IS 'Observations with that emotion in that minute';
COMMENT ON COLUMN minute_share.share IS 'Their share of the observations of the track in that minute, 0 to 1';
