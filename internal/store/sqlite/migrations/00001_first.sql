-- Times are microseconds since 1970 in UTC, days are days since 1970 in UTC.
-- Text is cleaned and bounded before it gets here, see store/sqlstore/clean.go.
-- store/postgres/migrations has the same tables and columns.

-- +goose Up
CREATE TABLE cases (
	seq          INTEGER PRIMARY KEY,
	id           TEXT    NOT NULL UNIQUE,
	repository   TEXT    NOT NULL,
	provider     TEXT    NOT NULL,
	run_id       TEXT    NOT NULL,
	job_id       TEXT    NOT NULL,
	attempt      INTEGER NOT NULL,
	job_name     TEXT    NOT NULL,
	workflow     TEXT    NOT NULL,
	url          TEXT    NOT NULL,
	commit_sha   TEXT    NOT NULL,
	branch       TEXT    NOT NULL,
	pull_request INTEGER NOT NULL,
	-- the line of work: "#12" for a pull request, else "=branch", else ""
	line         TEXT    NOT NULL,
	-- one CI run and attempt: the jobs of a matrix share it
	run_key      TEXT    NOT NULL,
	verdict      TEXT    NOT NULL,
	log_sha256   TEXT    NOT NULL,
	source       TEXT    NOT NULL,
	seen_at      INTEGER NOT NULL,
	saved_at     INTEGER NOT NULL,
	complete     INTEGER NOT NULL,
	body         BLOB    NOT NULL
);
CREATE INDEX cases_log ON cases (log_sha256);
CREATE INDEX cases_commit ON cases (commit_sha);

-- The IDs of packages and tests are made from their names, see clean.go.
CREATE TABLE packages (
	id         INTEGER PRIMARY KEY,
	repository TEXT NOT NULL,
	path       TEXT NOT NULL
);
CREATE INDEX packages_path ON packages (path);

CREATE TABLE tests (
	id      INTEGER PRIMARY KEY,
	package INTEGER NOT NULL,
	name    TEXT    NOT NULL
);
CREATE INDEX tests_name ON tests (name);

CREATE TABLE causes (
	seq         INTEGER PRIMARY KEY,
	key         TEXT    NOT NULL UNIQUE,
	repository  TEXT    NOT NULL,
	kind        TEXT    NOT NULL,
	package     INTEGER NOT NULL,
	title       TEXT    NOT NULL,
	fingerprint TEXT    NOT NULL,
	owner       TEXT    NOT NULL,
	first_seen  INTEGER NOT NULL,
	last_seen   INTEGER NOT NULL,
	excerpt     TEXT    NOT NULL,
	closed_at   INTEGER NOT NULL,
	closed_fix  TEXT    NOT NULL,
	closed_why  TEXT    NOT NULL
);
CREATE INDEX causes_recent ON causes (repository, last_seen);
CREATE INDEX causes_seen ON causes (last_seen);

-- Titles and aliases with their package, and fingerprints; a title may stand for
-- several causes.
CREATE TABLE cause_names (
	repository TEXT    NOT NULL,
	name       TEXT    NOT NULL,
	cause      INTEGER NOT NULL,
	PRIMARY KEY (repository, name, cause)
) WITHOUT ROWID;
CREATE INDEX cause_names_cause ON cause_names (cause);

CREATE TABLE failures (
	case_seq    INTEGER NOT NULL,
	failure     TEXT    NOT NULL,
	cause       INTEGER NOT NULL,
	kind        TEXT    NOT NULL,
	package     INTEGER NOT NULL,
	title       TEXT    NOT NULL,
	day         INTEGER NOT NULL,
	line        TEXT    NOT NULL,
	-- the branch, which for a pull request is the one it is made of
	head        TEXT    NOT NULL,
	run_key     TEXT    NOT NULL,
	seen_at     INTEGER NOT NULL,
	-- 1 when the same job passed at the commit, too, or a test when run again
	proven      INTEGER NOT NULL,
	PRIMARY KEY (case_seq, failure)
) WITHOUT ROWID;
CREATE INDEX failures_day ON failures (cause, day, run_key);
CREATE INDEX failures_line ON failures (cause, line, seen_at);
CREATE INDEX failures_seen ON failures (cause, seen_at);
CREATE INDEX failures_package ON failures (package, seen_at);
CREATE INDEX failures_time ON failures (seen_at);

-- Tests that did not pass, and tests that passed and are part of a failure.
CREATE TABLE outcomes (
	case_seq INTEGER NOT NULL,
	test     INTEGER NOT NULL,
	status   TEXT    NOT NULL,
	role     TEXT    NOT NULL,
	failure  TEXT    NOT NULL,
	runs     INTEGER NOT NULL,
	failed   INTEGER NOT NULL,
	passed   INTEGER NOT NULL,
	-- of the last run, in microseconds, 0 when the log does not tell
	elapsed  INTEGER NOT NULL,
	seen_at  INTEGER NOT NULL,
	PRIMARY KEY (case_seq, test)
) WITHOUT ROWID;
CREATE INDEX outcomes_test ON outcomes (test, seen_at);

CREATE TABLE package_runs (
	case_seq   INTEGER NOT NULL,
	package    INTEGER NOT NULL,
	result     TEXT    NOT NULL,
	passed     INTEGER NOT NULL,
	failed     INTEGER NOT NULL,
	skipped    INTEGER NOT NULL,
	unfinished INTEGER NOT NULL,
	elapsed    INTEGER NOT NULL,
	day        INTEGER NOT NULL,
	PRIMARY KEY (case_seq, package)
) WITHOUT ROWID;

-- What flakes reads: sums over the tables above, kept up to date with them.
CREATE TABLE cause_days (
	cause     INTEGER NOT NULL,
	day       INTEGER NOT NULL,
	runs      INTEGER NOT NULL,
	jobs      INTEGER NOT NULL,
	proven    INTEGER NOT NULL,
	PRIMARY KEY (cause, day)
) WITHOUT ROWID;
CREATE INDEX cause_days_day ON cause_days (day);
CREATE TABLE cause_lines (
	cause     INTEGER NOT NULL,
	line      TEXT    NOT NULL,
	head      TEXT    NOT NULL,
	-- 1 for a line of work of its own, see store/sqlstore/lines.go
	own       INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	PRIMARY KEY (cause, line)
) WITHOUT ROWID;
CREATE INDEX cause_lines_head ON cause_lines (cause, head, line);
CREATE TABLE package_days (
	package INTEGER NOT NULL,
	day     INTEGER NOT NULL,
	jobs    INTEGER NOT NULL,
	PRIMARY KEY (package, day)
) WITHOUT ROWID;

CREATE TABLE filings (
	key        TEXT    NOT NULL PRIMARY KEY,
	repository TEXT    NOT NULL,
	action     TEXT    NOT NULL,
	cause      TEXT    NOT NULL,
	state      TEXT    NOT NULL,
	target     TEXT    NOT NULL,
	url        TEXT    NOT NULL,
	detail     BLOB    NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
);
CREATE INDEX filings_created ON filings (repository, created_at);
CREATE INDEX filings_cause ON filings (cause);

-- +goose Down
DROP TABLE filings;
DROP TABLE package_days;
DROP TABLE cause_lines;
DROP TABLE cause_days;
DROP TABLE package_runs;
DROP TABLE outcomes;
DROP TABLE failures;
DROP TABLE cause_names;
DROP TABLE causes;
DROP TABLE tests;
DROP TABLE packages;
DROP TABLE cases;
