"""Ready questions for the SQL page: each a query to run as it is, or to start one's own from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """name: in a few words; answers: what one learns from it, as a sentence; sql: a query of the published results."""

    name: str
    answers: str
    sql: str


QUESTIONS = (
    Question(
        "Emotions of each video",
        "Which share of the time each video's people showed each emotion, and how positive they were on the whole.",
        """SELECT name, cohort, subject, session, coverage, mean_valence, angry, disgust, fear, happy, sad, surprise,
    neutral
FROM video_summary
WHERE run_id IS NOT NULL
ORDER BY name""",
    ),
    Question(
        "Emotions overall",
        "How the faces of all videos share out over the seven emotions.",
        """UNPIVOT (
    SELECT sum(angry * observations) / sum(observations) AS angry,
        sum(disgust * observations) / sum(observations) AS disgust,
        sum(fear * observations) / sum(observations) AS fear, sum(happy * observations) / sum(observations) AS happy,
        sum(sad * observations) / sum(observations) AS sad,
        sum(surprise * observations) / sum(observations) AS surprise,
        sum(neutral * observations) / sum(observations) AS neutral
    FROM video_summary
)
ON angry, disgust, fear, happy, sad, surprise, neutral INTO NAME emotion VALUE share""",
    ),
    Question(
        "Cohorts side by side",
        "How the cohorts differ in each emotion; every session weighs the same, however long it was.",
        """UNPIVOT (
    SELECT coalesce(cohort, 'no cohort') AS cohort, sessions, angry, disgust, fear, happy, sad, surprise, neutral
    FROM cohort_summary
)
ON angry, disgust, fear, happy, sad, surprise, neutral INTO NAME emotion VALUE share
ORDER BY cohort, share DESC""",
    ),
    Question(
        "Sessions of each subject in order",
        "Whether a subject's mood changes from session to session.",
        """SELECT subject, session, min(coalesce(recorded_at, added_at)) AS recorded_at, count(*) AS videos,
    sum(mean_valence * observations) / sum(observations) AS mean_valence,
    sum(sad * observations) / sum(observations) AS sad, sum(happy * observations) / sum(observations) AS happy
FROM video_summary
WHERE subject IS NOT NULL AND observations > 0
GROUP BY subject, session
ORDER BY subject, recorded_at""",
    ),
    Question(
        "Valence minute by minute",
        "How the newest video went: its mean valence in each minute, for each person.",
        """WITH newest AS (
    SELECT run_id FROM video_summary WHERE observations > 0 ORDER BY added_at DESC, video_id LIMIT 1
)
SELECT floor(t_s / 60)::INTEGER AS minute, 'person ' || track_id AS person, avg(valence) AS mean_valence,
    count(*) AS observations
FROM observation
WHERE run_id = (FROM newest)
GROUP BY ALL
ORDER BY minute, person""",
    ),
    Question(
        "Emotions of one video second by second",
        "The smoothed emotion of each face of the newest video, ready for a chart.",
        """WITH newest AS (
    SELECT run_id FROM video_summary WHERE observations > 0 ORDER BY added_at DESC, video_id LIMIT 1
)
SELECT t_s, valence, smoothed AS emotion, category, track_id
FROM observation
WHERE run_id = (FROM newest)
ORDER BY t_s, track_id""",
    ),
    Question(
        "Quality of each video",
        "Which videos are too dark, too blurred or too far away to be trusted: the worst seen first.",
        """SELECT v.name, r.detector, q.frames, q.frames_with_face / nullif(q.frames, 0) AS coverage,
    round(q.brightness) AS brightness, round(q.sharpness) AS sharpness, round(q.face_px) AS face_px, q.face_score
FROM run_quality q
JOIN run r USING (run_id)
JOIN video v USING (video_id)
WHERE r.current
ORDER BY coverage NULLS FIRST, name""",
    ),
    Question(
        "People and how long they were seen",
        "Who is in each video, for how long, and how they felt; what is excluded does not count.",
        """SELECT v.name, coalesce(t.label, 'person ' || s.track_id) AS person, s.seconds, s.valence, s.happy, s.sad,
    s.angry
FROM track_summary s
JOIN run r USING (run_id)
JOIN video v USING (video_id)
JOIN track t ON t.run_id = s.run_id AND t.track_id = s.track_id
WHERE r.current
ORDER BY v.name, s.seconds DESC""",
    ),
    Question(
        "Around each marker",
        "What the valence was in the 5 seconds before and after each marker, and how it changed.",
        """SELECT m.kind, v.name, m.t_s, avg(o.valence) FILTER (o.t_s < m.t_s) AS before,
    avg(o.valence) FILTER (o.t_s >= m.t_s) AS after, after - before AS change
FROM marker m
JOIN video v USING (video_id)
JOIN run r ON r.video_id = m.video_id AND r.current
LEFT JOIN observation o ON o.run_id = r.run_id AND o.t_s BETWEEN m.t_s - 5 AND m.t_s + 5
GROUP BY m.marker_id, m.kind, v.name, m.t_s
ORDER BY m.kind, v.name, m.t_s""",
    ),
    Question(
        "Excluded ranges",
        "What was left out of which video, and why.",
        """SELECT v.name, e.from_s, e.to_s, e.to_s - e.from_s AS seconds, e.reason, e.made_at
FROM excluded_range e
JOIN video v USING (video_id)
ORDER BY v.name, e.from_s""",
    ),
    Question(
        "Alerts that nobody has looked at",
        "Which alerts are open, in which video and when, the newest first.",
        """SELECT a.raised_at, a.rule, a.target, v.name, v.subject, a.start_s, a.end_s, a.held_s, a.peak
FROM alert a
JOIN run r USING (run_id)
JOIN video v USING (video_id)
WHERE a.acknowledged_at IS NULL AND r.current
ORDER BY a.raised_at DESC, a.start_s""",
    ),
    Question(
        "Tags",
        "Which tags the videos have, and how positive the people are under each.",
        """SELECT entry.key AS tag, entry.value AS value, count(*) AS videos, avg(s.mean_valence) AS mean_valence
FROM (SELECT video_id, unnest(map_entries(tags)) AS entry FROM video WHERE tags IS NOT NULL)
JOIN video_summary s USING (video_id)
GROUP BY ALL
ORDER BY tag, value""",
    ),
    Question(
        "Videos without a result",
        "What waits, failed or was cancelled, and why.",
        """SELECT v.name, r.state, r.attempt, r.queued_at, r.error
FROM video v
JOIN run r USING (video_id)
WHERE r.run_id = (SELECT max(run_id) FROM run WHERE video_id = v.video_id) AND r.state <> 'done'
ORDER BY r.queued_at DESC""",
    ),
    Question(
        "How fast the analyses are",
        "How many times real time each model and detector take, over all finished runs.",
        """SELECT r.model_id, r.detector, r.device, count(*) AS runs, sum(v.duration_s) / 3600 AS hours,
    sum(v.duration_s) / nullif(sum(r.seconds), 0) AS times_real_time
FROM run r
JOIN video v USING (video_id)
WHERE r.state = 'done'
GROUP BY ALL
ORDER BY hours DESC""",
    ),
    Question(
        "How good each model is",
        "What the evaluations of the models say: accuracy, F1 over the classes, and how honest the probabilities are.",
        """SELECT model_id, data, split, labels, n, accuracy, macro_f1, accuracy_3, ece, evaluated_at
FROM evaluation
ORDER BY evaluated_at DESC, labels""",
    ),
)
