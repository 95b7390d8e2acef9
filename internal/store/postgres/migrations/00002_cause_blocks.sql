-- Sums of cause_days over blocks of sixteen days (day >> 4), kept up to date with
-- them: half a year of a cause is a dozen rows and not 180.

-- +goose Up
CREATE TABLE cause_blocks (
	cause  BIGINT NOT NULL,
	block  BIGINT NOT NULL,
	runs   BIGINT NOT NULL,
	jobs   BIGINT NOT NULL,
	days   BIGINT NOT NULL,
	proven BIGINT NOT NULL,
	PRIMARY KEY (cause, block)
);
INSERT INTO cause_blocks (cause, block, runs, jobs, days, proven)
	SELECT cause, day >> 4, SUM(runs), SUM(jobs), COUNT(*), SUM(proven) FROM cause_days GROUP BY cause, day >> 4;

-- +goose Down
DROP TABLE cause_blocks;
