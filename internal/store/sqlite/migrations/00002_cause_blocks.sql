-- Sums of cause_days over blocks of sixteen days (day >> 4), kept up to date with
-- them: half a year of a cause is a dozen rows and not 180.

-- +goose Up
CREATE TABLE cause_blocks (
	cause  INTEGER NOT NULL,
	block  INTEGER NOT NULL,
	runs   INTEGER NOT NULL,
	jobs   INTEGER NOT NULL,
	days   INTEGER NOT NULL,
	proven INTEGER NOT NULL,
	PRIMARY KEY (cause, block)
) WITHOUT ROWID;
INSERT INTO cause_blocks (cause, block, runs, jobs, days, proven)
	SELECT cause, day >> 4, SUM(runs), SUM(jobs), COUNT(*), SUM(proven) FROM cause_days GROUP BY cause, day >> 4;

-- +goose Down
DROP TABLE cause_blocks;
