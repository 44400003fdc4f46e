"""What a store holds about one subject, and how it is taken out: rows deleted, mentions in other rows replaced."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field

from db.naming import Words, folded, same_subject
from db.session import Session, utc_now

SHORTEST = 5  # characters of a file's name that is looked for in other places

# Nothing in these is about people in videos.
_NOT_ABOUT_PEOPLE = {
    "emotion", "model", "schema_version", "evaluation", "evaluation_class", "evaluation_curve", "evaluation_group",
    "confusion", "training_epoch", "prediction_sample",
}  # fmt: skip
# Where a file of somebody else lies: only renaming the file would change it.
_PATHS = {("video", "path"), ("file", "path")}
# Rows in which a mention takes the whole row with it: they only tell of what was asked for.
_WHOLE_ROWS = {"request_log"}


@dataclass(frozen=True)
class Mention:
    """A text in a row of somebody else that names the subject."""

    table: str
    column: str
    rowid: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Traces:
    """All that a store knows of a subject. videos: each {video_id, sha256, name, path, source}.

    rows: how many by table; observations: how many of them are faces in frames. mentions: in rows of others. elsewhere:
    paths of files of others that name the subject. made, thumbnails: names of files. private: those texts besides the
    subject's name that belong to no other video: ids, hashes, names and paths of files. namesakes: other subjects.
    """

    subject: str
    videos: list[dict] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    thumbnails: list[str] = field(default_factory=list)
    private: list[str] = field(default_factory=list)
    namesakes: list[str] = field(default_factory=list)

    @property
    def observations(self) -> int:
        return self.rows.get("observation", 0)

    @property
    def video_ids(self) -> list[str]:
        return [video["video_id"] for video in self.videos]

    def words(self, with_name: bool = True) -> Words:
        """What must not be found any more; without the name, only what its files are called."""
        return Words([*([self.subject] if with_name else []), *self.private], self.namesakes)


def traces(con, subject: str) -> Traces:
    """What an open store or snapshot knows of a subject; nothing of it is changed."""
    everyone = _rows(con, "SELECT video_id, sha256, name, path, source, subject FROM video ORDER BY added_at, video_id")
    videos = [video for video in everyone if same_subject(video["subject"], subject)]
    ids = {video["video_id"] for video in videos}
    others = {text.casefold() for v in everyone if v["video_id"] not in ids for text in (v["name"], v["path"])}
    files = _rows(con, "SELECT path, video_id FROM file")
    own = [text for v in videos for text in (v["video_id"], v["sha256"], v["name"], v["path"])]
    own += [row["path"] for row in files if row["video_id"] in ids]
    # Nor is a file's name that others share, or one too short to be anybody's own.
    private = sorted({text for text in own if text.casefold() not in others and len(text) >= SHORTEST})
    subjects = {video["subject"] for video in everyone} | {
        one for (one,) in con.execute("SELECT subject FROM consent").fetchall()
    }
    namesakes = sorted(one for one in subjects if one is not None and not same_subject(one, subject))
    names, columns = Words([subject, *private], namesakes), _columns(con)
    rows = {table: count for table in columns if (count := _count(con, table, columns[table], list(ids)))}
    if consents := sum(same_subject(one, subject) for (one,) in con.execute("SELECT subject FROM consent").fetchall()):
        rows["consent"] = consents
    mentions, elsewhere = [], []
    for mention in _mentions(con, columns, names, list(ids)):
        if mention.table == "consent" and same_subject(mention.text, subject):
            continue
        if mention.table in _WHOLE_ROWS:
            continue
        if (mention.table, mention.column) in _PATHS:
            elsewhere.append(mention.text)
        else:
            mentions.append(mention)
    if asked := {m.rowid for m in _mentions(con, {t: columns[t] for t in _WHOLE_ROWS}, names, [])}:
        rows["request_log"] = len(asked)
    made = _rows(con, "SELECT file, video_id, run_id, kind FROM made_file WHERE file IS NOT NULL")
    # Names of people are drawn into annotated videos, so those of others that show the name go as well.
    named = {row["run_id"] for row in _rows(con, "SELECT run_id, label FROM track WHERE label IS NOT NULL")
             if names.are_in(row["label"])}  # fmt: skip
    return Traces(
        subject, [{k: v for k, v in video.items() if k != "subject"} for video in videos], rows, mentions,
        sorted(set(elsewhere)),
        [m["file"] for m in made if m["video_id"] in ids or (m["kind"] == "annotated" and m["run_id"] in named)],
        [row["file"] for row in _rows(con, "SELECT file, video_id FROM thumbnail") if row["video_id"] in ids],
        private,
        namesakes,
    )  # fmt: skip


def owners(con) -> dict[str, str | None]:
    """Of every file that an open store or snapshot knows: path -> the video it holds; None where it holds none."""
    rows = con.execute("SELECT path, video_id FROM video UNION ALL SELECT path, video_id FROM file").fetchall()
    return dict(rows)


def found(con, names: Words) -> dict[str, int]:
    """Where an open store or snapshot has a text that the words are in: `table.column` -> rows. Empty: nowhere."""
    counts: dict[str, int] = {}
    for mention in _mentions(con, _columns(con), names, []):
        counts[mention.place] = counts.get(mention.place, 0) + 1
    return counts


def receipt(con, receipt_id: str) -> dict:
    """The receipt of an erasure from an open store or snapshot. Raises KeyError if there is none of that number."""
    row = con.execute("SELECT receipt FROM erasure_log WHERE receipt_id = ?", [receipt_id]).fetchone()
    if row is None:
        raise KeyError(f"There is no receipt {receipt_id!r}.")
    return json.loads(row[0])


class Erasures(Session):
    """What is erased, and the log of it."""

    def traces(self, subject: str) -> Traces:
        """As `traces` of the store."""
        return self.read_with(lambda con: traces(con, subject))

    def still_found(self, names: Words) -> dict[str, int]:
        """As `found` in the store."""
        return self.read_with(lambda con: found(con, names))

    def erase_mentions(self, of: Traces, names: Words) -> dict[str, int]:
        """Delete a subject's consent and what requests said of it, and put ERASED into rows of others.

        Its videos are for `delete_video`, before. Returns how many rows were changed, by `table.column`.
        """
        changed: dict[str, int] = {}
        with self.transaction():
            for row in self._read("SELECT subject FROM consent"):
                if same_subject(row["subject"], of.subject):
                    self._write("DELETE FROM consent WHERE subject = ?", [row["subject"]])
            columns = _columns(self._connection)
            texts: dict[tuple[str, int], dict[str, str]] = {}
            for mention in _mentions(self._connection, columns, names, []):
                if mention.table in _WHOLE_ROWS:
                    self._write(f"DELETE FROM {mention.table} WHERE rowid = ?", [mention.rowid])
                elif (mention.table, mention.column) not in _PATHS:
                    texts.setdefault((mention.table, mention.rowid), {})[mention.column] = mention.text
                    changed[mention.place] = changed.get(mention.place, 0) + 1
            # A row at a time, because a row that is changed may have another rowid afterwards.
            for (table, rowid), row in texts.items():
                values = [self._replaced(table, rowid, column, text, names) for column, text in row.items()]
                changes = ", ".join(f'"{column}" = ?' for column in row)
                self._write(f"UPDATE {table} SET {changes} WHERE rowid = ?", [*values, rowid])
            for file in of.made:
                self._write("DELETE FROM made_file WHERE file = ?", [file])
        return changed

    def _replaced(self, table: str, rowid: int, column: str, text: str, names: Words) -> str | dict:
        value = self._read(f'SELECT "{column}" AS value FROM {table} WHERE rowid = ?', [rowid])[0]["value"]
        if isinstance(value, dict):
            return {names.replaced_in(key): names.replaced_in(one) for key, one in value.items()}
        return names.replaced_in(text)

    def leave_out(self, hashes: list[str]) -> None:
        """Keep in mind that files with these SHA-256 are not to be taken in by themselves, without keeping the hashes.

        What is kept are salted digests: who does not have the file can't tell from them which one it is.
        """
        known = self._left_out()
        digests = {_digest(known["salt"], sha256) for sha256 in hashes}
        self._keep_left_out(known["salt"], sorted(digests | set(known["digests"])))

    def is_left_out(self, sha256: str) -> bool:
        """Whether a file with this SHA-256 was left where it was when its subject was erased."""
        known = self._left_out()
        return bool(known["digests"]) and _digest(known["salt"], sha256) in known["digests"]

    def take_back(self, sha256: str) -> None:
        """Somebody asks for this file by hand: it may be taken in again."""
        known = self._left_out()
        self._keep_left_out(known["salt"], [d for d in known["digests"] if d != _digest(known["salt"], sha256)])

    def _left_out(self) -> dict:
        rows = self._read("SELECT value FROM setting WHERE name = 'left_out'")
        return json.loads(rows[0]["value"]) if rows else {"salt": secrets.token_hex(16), "digests": []}

    def _keep_left_out(self, salt: str, digests: list[str]) -> None:
        self._write(
            "INSERT OR REPLACE INTO setting (name, value, changed_at) VALUES ('left_out', ?, ?)",
            [json.dumps({"salt": salt, "digests": digests}), utc_now()],
        )

    def log_erasure(self, receipt_id: str, subject_hash: str, of: Traces, receipt: dict) -> None:
        """Record that a subject was erased; receipt: counts, and no names."""
        self._write(
            "INSERT INTO erasure_log (erased_at, subject, videos, observations, files, receipt_id, receipt) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                utc_now(), subject_hash, len(of.videos), of.observations, sum(receipt["files"].values()), receipt_id,
                json.dumps(receipt),
            ],
        )  # fmt: skip

    def erasure(self, receipt_id: str) -> dict | None:
        """What was recorded of an erasure, with `receipt` parsed; None if there is none of that number."""
        rows = self._read("SELECT * FROM erasure_log WHERE receipt_id = ?", [receipt_id])
        return rows[0] | {"receipt": json.loads(rows[0]["receipt"])} if rows else None

    def complete_erasure(self, receipt_id: str, receipt: dict) -> None:
        """Replace the receipt of an erasure by one that tells of the search afterwards, too."""
        self._write("UPDATE erasure_log SET receipt = ? WHERE receipt_id = ?", [json.dumps(receipt), receipt_id])


def subject_hash(salt: str, subject: str) -> str:
    """How the log of erasures names a subject: who holds the salt, and knows the name, can tell that it is this one."""
    return hashlib.sha256(f"{salt}{folded(subject)}".encode()).hexdigest()


def _digest(salt: str, sha256: str) -> str:
    return hashlib.blake2b(sha256.encode(), key=bytes.fromhex(salt), digest_size=32).hexdigest()


def _rows(con, sql: str) -> list[dict]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _columns(con) -> dict[str, dict[str, str]]:
    """table -> {column: data type} of the tables in which people could be."""
    rows = con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() JOIN duckdb_tables() USING (table_name) "
        "WHERE duckdb_columns.schema_name = 'main' ORDER BY table_name, column_index"
    ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        if table not in _NOT_ABOUT_PEOPLE:
            columns.setdefault(table, {})[column] = kind
    return columns


def _count(con, table: str, columns: dict[str, str], video_ids: list[str]) -> int:
    if "video_id" in columns:
        where = "video_id IN (SELECT unnest(?::VARCHAR[]))"
    elif "run_id" in columns:
        where = "run_id IN (SELECT run_id FROM run WHERE video_id IN (SELECT unnest(?::VARCHAR[])))"
    else:
        return 0
    return con.execute(f"SELECT count(*) FROM {table} WHERE {where}", [video_ids]).fetchone()[0]


def _mentions(con, columns: dict[str, dict[str, str]], names: Words, without: list[str]) -> list[Mention]:
    """Texts that the words are in, but for rows that hang on the videos `without`."""
    mentions = []
    for table, kinds in columns.items():
        texts = [name for name, kind in kinds.items() if kind in ("VARCHAR", "JSON") or kind.startswith("MAP(VARCHAR")]
        if not texts:
            continue
        where, values = "", []
        if without and "video_id" in kinds:
            where, values = "WHERE video_id IS NULL OR video_id NOT IN (SELECT unnest(?::VARCHAR[]))", [without]
        elif without and "run_id" in kinds:
            where = "WHERE run_id NOT IN (SELECT run_id FROM run WHERE video_id IN (SELECT unnest(?::VARCHAR[])))"
            values = [without]
        chosen = ", ".join(f'"{name}"::VARCHAR' for name in texts)
        for rowid, *row in con.execute(f"SELECT rowid, {chosen} FROM {table} {where}", values).fetchall():
            mentions += [
                Mention(table, column, rowid, text)
                for column, text in zip(texts, row, strict=True)
                if text is not None and names.are_in(text)
            ]
    return mentions
