-- Text sorts by bytes (COLLATE "C"), as it does in SQLite.
-- Times are microseconds since 1970 in UTC, days are days since 1970 in UTC.
-- Text is cleaned and bounded before it gets here, see store/sqlstore/clean.go.
-- store/sqlite/migrations has the same tables and columns.

-- +goose Up
CREATE TABLE cases (
	seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	id           TEXT    COLLATE "C" NOT NULL UNIQUE,
	repository   TEXT    COLLATE "C" NOT NULL,
	provider     TEXT    COLLATE "C" NOT NULL,
	run_id       TEXT    COLLATE "C" NOT NULL,
	job_id       TEXT    COLLATE "C" NOT NULL,
	attempt      BIGINT NOT NULL,
	job_name     TEXT    COLLATE "C" NOT NULL,
	workflow     TEXT    COLLATE "C" NOT NULL,
	url          TEXT    COLLATE "C" NOT NULL,
	commit_sha   TEXT    COLLATE "C" NOT NULL,
	branch       TEXT    COLLATE "C" NOT NULL,
	pull_request BIGINT NOT NULL,
	-- the line of work: "#12" for a pull request, else "=branch", else ""
	line         TEXT    COLLATE "C" NOT NULL,
	-- one CI run and attempt: the jobs of a matrix share it
	run_key      TEXT    COLLATE "C" NOT NULL,
	verdict      TEXT    COLLATE "C" NOT NULL,
	log_sha256   TEXT    COLLATE "C" NOT NULL,
	source       TEXT    COLLATE "C" NOT NULL,
	seen_at      BIGINT NOT NULL,
	saved_at     BIGINT NOT NULL,
	complete     BIGINT NOT NULL,
	body         BYTEA    NOT NULL
);
CREATE INDEX cases_log ON cases (log_sha256);
CREATE INDEX cases_commit ON cases (commit_sha);

-- The IDs of packages and tests are made from their names, see clean.go.
CREATE TABLE packages (
	id         BIGINT PRIMARY KEY,
	repository TEXT COLLATE "C" NOT NULL,
	path       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX packages_path ON packages (path);

CREATE TABLE tests (
	id      BIGINT PRIMARY KEY,
	package BIGINT NOT NULL,
	name    TEXT    COLLATE "C" NOT NULL
);
CREATE INDEX tests_name ON tests (name);

CREATE TABLE causes (
	seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key         TEXT    COLLATE "C" NOT NULL UNIQUE,
	repository  TEXT    COLLATE "C" NOT NULL,
	kind        TEXT    COLLATE "C" NOT NULL,
	package     BIGINT NOT NULL,
	title       TEXT    COLLATE "C" NOT NULL,
	fingerprint TEXT    COLLATE "C" NOT NULL,
	owner       TEXT    COLLATE "C" NOT NULL,
	first_seen  BIGINT NOT NULL,
	last_seen   BIGINT NOT NULL,
	excerpt     TEXT    COLLATE "C" NOT NULL,
	closed_at   BIGINT NOT NULL,
	closed_fix  TEXT    COLLATE "C" NOT NULL,
	closed_why  TEXT    COLLATE "C" NOT NULL
);
CREATE INDEX causes_recent ON causes (repository, last_seen);

-- Titles, aliases and fingerprints; a title may stand for several causes.
CREATE TABLE cause_names (
	repository TEXT    COLLATE "C" NOT NULL,
	name       TEXT    COLLATE "C" NOT NULL,
	cause      BIGINT NOT NULL,
	PRIMARY KEY (repository, name, cause)
);
CREATE INDEX cause_names_cause ON cause_names (cause);

CREATE TABLE failures (
	case_seq    BIGINT NOT NULL,
	failure     TEXT    COLLATE "C" NOT NULL,
	cause       BIGINT NOT NULL,
	kind        TEXT    COLLATE "C" NOT NULL,
	package     BIGINT NOT NULL,
	title       TEXT    COLLATE "C" NOT NULL,
	day         BIGINT NOT NULL,
	line        TEXT    COLLATE "C" NOT NULL,
	run_key     TEXT    COLLATE "C" NOT NULL,
	seen_at     BIGINT NOT NULL,
	PRIMARY KEY (case_seq, failure)
);
CREATE INDEX failures_day ON failures (cause, day, run_key);
CREATE INDEX failures_line ON failures (cause, line, seen_at);
CREATE INDEX failures_seen ON failures (cause, seen_at);
CREATE INDEX failures_package ON failures (package, seen_at);
CREATE INDEX failures_time ON failures (seen_at);

-- Tests that did not pass, and tests that passed and are part of a failure.
CREATE TABLE outcomes (
	case_seq BIGINT NOT NULL,
	test     BIGINT NOT NULL,
	status   TEXT    COLLATE "C" NOT NULL,
	role     TEXT    COLLATE "C" NOT NULL,
	failure  TEXT    COLLATE "C" NOT NULL,
	runs     BIGINT NOT NULL,
	failed   BIGINT NOT NULL,
	seen_at  BIGINT NOT NULL,
	PRIMARY KEY (case_seq, test)
);
CREATE INDEX outcomes_test ON outcomes (test, seen_at);

CREATE TABLE package_runs (
	case_seq   BIGINT NOT NULL,
	package    BIGINT NOT NULL,
	result     TEXT    COLLATE "C" NOT NULL,
	passed     BIGINT NOT NULL,
	failed     BIGINT NOT NULL,
	skipped    BIGINT NOT NULL,
	unfinished BIGINT NOT NULL,
	day        BIGINT NOT NULL,
	PRIMARY KEY (case_seq, package)
);

-- What flakes reads: sums over the tables above, kept up to date with them.
-- The order of the key columns is that of the question: a range of days.
CREATE TABLE cause_days (
	day       BIGINT NOT NULL,
	cause     BIGINT NOT NULL,
	runs      BIGINT NOT NULL,
	jobs      BIGINT NOT NULL,
	PRIMARY KEY (day, cause)
);
CREATE TABLE cause_lines (
	cause     BIGINT NOT NULL,
	line      TEXT    COLLATE "C" NOT NULL,
	last_seen BIGINT NOT NULL,
	PRIMARY KEY (cause, line)
);
CREATE TABLE package_days (
	package BIGINT NOT NULL,
	day     BIGINT NOT NULL,
	jobs    BIGINT NOT NULL,
	PRIMARY KEY (package, day)
);

CREATE TABLE filings (
	key        TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
	repository TEXT    COLLATE "C" NOT NULL,
	action     TEXT    COLLATE "C" NOT NULL,
	cause      TEXT    COLLATE "C" NOT NULL,
	state      TEXT    COLLATE "C" NOT NULL,
	target     TEXT    COLLATE "C" NOT NULL,
	url        TEXT    COLLATE "C" NOT NULL,
	detail     BYTEA    NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
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
