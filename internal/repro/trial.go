// Copyright 2026 The culprit Authors
// SPDX-License-Identifier: Apache-2.0

package repro

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/culprit-ci/culprit"
	"github.com/culprit-ci/culprit/internal/gocmd"
)

// Limits of one trial.
const (
	maxOutput   = 4 << 20
	memoryLimit = 6 << 30
	// DefaultTimeout is the time limit of a trial as long as none has ended.
	DefaultTimeout = 60 * time.Second
)

// Setting is how a test binary is run.
type Setting struct {
	Pattern  string // of -test.run
	Delay    Mode
	Self     bool // both accesses are one statement
	Wait     time.Duration
	What     string // what is late, where that is neither access of a race
	Parallel int    // of -test.parallel, 0 for its default
	Procs    int    // GOMAXPROCS, 0 for its default
	// Linger is the detector's atexit_sleep_ms: how long a passing process waits
	// for goroutines that outlive the tests.
	Linger int
	// Timeout ends a trial; 0 means [DefaultTimeout].
	Timeout time.Duration
	// Alarm is the value of -test.timeout where the alarm itself is what is looked
	// for; 0 sets it beyond Timeout, which then ends a trial.
	Alarm time.Duration
	// NoRace says that the binary has no detector. AtOnce is how many trials run at
	// a time, 0 for as many as there are processors.
	NoRace bool
	AtOnce int
	// Shuffle is the value of -test.shuffle, "" for none.
	Shuffle string
	// Pause stops the process again and again for this long; in between it runs for
	// Run.
	Pause, Run time.Duration
	// Verbose names the tests that run, also where the process dies.
	Verbose bool
	// After are the tests that must run before the failing one; Pattern names them.
	After []string
	// Whole runs each trial to its end; otherwise it is stopped as soon as the
	// race has been reported, as nothing more can be learnt from it.
	Whole bool
}

// Args are the arguments of the test binary.
func (s Setting) Args() []string {
	alarm := s.timeout() + 5*time.Second
	if s.Alarm > 0 {
		alarm = s.Alarm
	}
	args := []string{"-test.count=1", "-test.timeout=" + alarm.String()}
	if s.Pattern != "" {
		args = append(args, "-test.run="+s.Pattern)
	}
	if s.Parallel > 0 {
		args = append(args, fmt.Sprintf("-test.parallel=%d", s.Parallel))
	}
	if s.Shuffle != "" {
		args = append(args, "-test.shuffle="+s.Shuffle)
	}
	if s.Verbose {
		args = append(args, "-test.v=true")
	}
	return args
}

// Env are the variables that belong to the setting.
func (s Setting) Env() []string {
	env := []string{fmt.Sprintf("GORACE=atexit_sleep_ms=%d history_size=7", s.Linger)}
	if s.Procs > 0 {
		env = append(env, fmt.Sprintf("GOMAXPROCS=%d", s.Procs))
	}
	if s.Delay != ModeOff {
		env = append(env, envMode+"="+string(s.Delay), fmt.Sprintf("%s=%d", envWait, s.Wait.Milliseconds()))
		if s.Self {
			env = append(env, "CULPRIT_DELAY_SELF=1")
		}
	}
	return env
}

func (s Setting) timeout() time.Duration {
	t := DefaultTimeout
	if s.Timeout > 0 {
		t = s.Timeout
	}
	if s.Alarm > 0 {
		t = max(t, s.Alarm+10*time.Second) // a dump of many goroutines takes its time
	}
	return t
}

// Outcome is what one trial showed.
type Outcome struct {
	// Hit says that the race was reported, or that the failure showed.
	Hit bool
	// Failed says that the process ended with another code than 0, or was ended.
	Failed bool
	// Limit is what ended the process from outside, "" when nothing did.
	Limit string
	Took  time.Duration
	// Known says that a race of another failure of the case was reported, Others
	// are the reports of further races, by their spots.
	Known  bool
	Others []string
	// Moved is such a further race with an access at a line that the change wrote: it
	// may be the one that is looked for, which no line tells there.
	Moved string
	// Reached says that the helper saw both accesses reached, in a run with delays.
	Reached bool
	Output  []byte
}

// gotThere reads the marks of helper.go.txt: of both accesses, or twice of the one
// statement that races with itself.
func gotThere(out []byte, self bool) bool {
	first, second := []byte("culprit-delay: access 0 reached\n"), []byte("culprit-delay: access 1 reached\n")
	if self {
		return bytes.Count(out, first) > 1
	}
	return bytes.Contains(out, first) && bytes.Contains(out, second)
}

// Trials runs test binaries of one sandbox.
type Trials struct {
	s *Sandbox
	m *Matcher
	// known are the matchers of the other failures of the case.
	known []*Matcher
	// lines maps the lines of a changed tree to those of the original one.
	lines func(file string, line int) int
	// wrote says which lines of the changed tree are the change's; nil for none.
	wrote func(file string, line int) bool
	// judge finds a failure that is no race in the output of a failed trial.
	judge Judge
}

// Judge says whether the output of a test binary that failed shows the failure that
// is looked for, and not another one.
type Judge func(output []byte) bool

// NewTrials prepares trials that look for one race; nil m looks for none.
func (s *Sandbox) NewTrials(m *Matcher, lines func(file string, line int) int, known ...*Matcher) *Trials {
	return &Trials{s: s, m: m, lines: lines, known: known}
}

// Run is one trial: one process with a home and a temporary folder of its own.
func (t *Trials) Run(ctx context.Context, b *Binary, set Setting) (Outcome, error) {
	dir, err := os.MkdirTemp(filepath.Join(t.s.Root, "run"), "trial-")
	if err != nil {
		return Outcome{}, fmt.Errorf("making room for a trial: %w", err)
	}
	defer removeAll(dir)
	env := append(t.s.env(), set.Env()...)
	env = append(env, "PWD="+b.Dir)
	for name, sub := range map[string]string{"HOME": "home", "TMPDIR": "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return Outcome{}, fmt.Errorf("making room for a trial: %w", err)
		}
		env = append(env, name+"="+filepath.Join(dir, sub))
	}
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watcher{t: t}
	if !set.Whole {
		w.hit = cancel
	}
	end, err := gocmd.RunBinary(run, gocmd.Binary{
		Path: b.Path, Args: set.Args(), Dir: b.Dir, Env: env, Output: w, Timeout: set.timeout(), Memory: memoryLimit,
		Pause: set.Pause, Run: set.Run,
	})
	if ctx.Err() != nil {
		return Outcome{}, context.Cause(ctx)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return Outcome{}, err
	}
	w.flush()
	out := Outcome{Hit: w.found, Failed: end.Code != 0, Took: end.Took, Known: w.known, Others: w.others, Moved: w.moved, Reached: gotThere(w.buf.Bytes(), set.Self), Output: w.buf.Bytes()}
	if t.m != nil && out.Failed && !out.Hit {
		out.Hit = t.m.usedLate(out.Output, t.lines)
	}
	if t.judge != nil && out.Failed {
		out.Hit = t.judge(out.Output)
	}
	switch {
	case end.TimedOut:
		out.Limit = fmt.Sprintf("it ran for more than %v", set.timeout())
	case end.OutOfMemory:
		out.Limit = fmt.Sprintf("it used more than %d GiB", memoryLimit>>30)
	}
	return out, nil
}

var (
	raceStart = []byte("WARNING: DATA RACE")
	raceEnd   = []byte("==================\n")
)

// watcher reads the output of a trial as it comes and looks for the race in each
// report once it is whole.
type watcher struct {
	t      *Trials
	hit    func()
	found  bool
	known  bool
	others []string
	moved  string
	buf    bytes.Buffer // all output, bounded
	line   []byte       // the report so far
	inRace bool
}

func (w *watcher) Write(p []byte) (int, error) {
	if room := maxOutput - w.buf.Len(); room > 0 {
		w.buf.Write(p[:min(room, len(p))])
	}
	w.line = append(w.line, p...)
	for {
		if !w.inRace {
			i := bytes.Index(w.line, raceStart)
			if i < 0 {
				w.line = append([]byte(nil), w.line[max(0, len(w.line)-len(raceStart)):]...)
				break
			}
			w.line, w.inRace = w.line[i:], true
		}
		i := bytes.Index(w.line, raceEnd)
		if i < 0 {
			if len(w.line) > maxOutput { // no report is that long
				w.line, w.inRace = nil, false
			}
			break
		}
		report := w.line[:i+len(raceEnd)]
		w.line, w.inRace = w.line[i+len(raceEnd):], false
		w.report(report)
	}
	return len(p), nil
}

func (w *watcher) report(text []byte) {
	if w.t.m == nil {
		return
	}
	for _, r := range reports(append([]byte("==================\n"), text...)) {
		if w.t.m.Match(r, w.t.lines) {
			w.found = true
			if w.hit != nil {
				w.hit()
			}
		} else if slices.ContainsFunc(w.t.known, func(m *Matcher) bool { return m.Match(r, w.t.lines) }) {
			w.known = true
		} else if len(w.others) < 50 {
			w.others = append(w.others, w.t.m.describeRace(r))
			if w.moved == "" && w.t.wrote != nil && slices.ContainsFunc(r.Accesses, func(a culprit.Access) bool {
				sp := w.t.m.spot(a)
				return w.t.wrote(sp.file, sp.line)
			}) {
				w.moved = w.t.m.describeRace(r)
			}
		}
	}
}

// flush looks at a report that the end of the process cut.
func (w *watcher) flush() {
	if w.inRace && !w.found {
		w.report(append(w.line, raceEnd...))
	}
}

// Series is what several trials with one setting showed.
type Series struct {
	Setting Setting
	Runs    int
	Hits    int
	// Failed counts the runs that failed, for whatever reason; Bad are those of
	// them, at most three, that failed without the race.
	Failed int
	Bad    []Outcome
	// Sample is the first run that hit.
	Sample *Outcome
	// Passed is the first run that passed.
	Passed *Outcome
	// Ended counts the runs that a limit ended, Broken those that failed with no race
	// reported at all, and not known to have got to the accesses.
	Ended, Broken int
	// Moved is that of an outcome.
	Moved string
	// ToFirst is the time to the first hit, 0 when there was none.
	ToFirst time.Duration
	Took    time.Duration
	Slowest time.Duration
	// Others are the reports of other races.
	Others []string
	// Reasons counts why whole runs failed, by signature.
	Reasons map[string]int
}

// Rate is the rate of the race.
func (s *Series) Rate() *culprit.Rate { return NewRate(s.Hits, s.Runs) }

// Measure runs trials, workers at a time, until n are done, stop says so, or the
// time is up. A trial that the end of the time interrupts does not count, and
// neither does one that found its port taken while others of ours ran: from then
// on the trials of that package run one at a time.
func (t *Trials) Measure(ctx context.Context, b *Binary, set Setting, n, workers int, until time.Time, stop func(*Series) bool) (*Series, error) {
	s := &Series{Setting: set}
	limited, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	start := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failure error
	begun, running := 0, 0
	// Where many at once are what is measured, none of them is an accident.
	wanted := set.AtOnce > 0
	if wanted {
		workers = set.AtOnce
	}
	done := func() bool {
		return failure != nil || begun >= n || limited.Err() != nil || stop != nil && stop(s)
	}
	for i := range min(workers, n) {
		wg.Go(func() {
			for {
				mu.Lock()
				if done() || i > 0 && !wanted && t.s.alone(b.Dir) {
					mu.Unlock()
					return
				}
				begun++
				running++
				crowd := running > 1
				mu.Unlock()
				out, err := t.Run(limited, b, set)
				mu.Lock()
				crowd = crowd || running > 1
				running--
				switch {
				case err != nil && limited.Err() != nil:
				case err != nil:
					failure = err
				case crowd && !wanted && out.Failed && portTaken.Match(out.Output) && (!out.Hit || t.judge != nil):
					t.s.runAlone(b.Dir)
					begun--
				default:
					s.add(out, time.Since(start))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	s.Took = time.Since(start)
	if ctx.Err() != nil {
		return s, context.Cause(ctx)
	}
	return s, failure
}

func (s *Series) add(out Outcome, since time.Duration) {
	s.Runs++
	s.Slowest = max(s.Slowest, out.Took)
	if out.Limit != "" {
		s.Ended++
	}
	if out.Hit {
		s.Hits++
		if s.Sample == nil {
			s.Sample = &out
		}
		if s.ToFirst == 0 {
			s.ToFirst = since
		}
	}
	if !out.Failed && s.Passed == nil {
		s.Passed = &out
	}
	s.Moved = cmp.Or(s.Moved, out.Moved)
	if out.Failed {
		s.Failed++
		if !out.Hit && !out.Known && len(out.Others) == 0 && out.Limit == "" && !out.Reached {
			s.Broken++
		}
		if sig := signature(out); s.Setting.Whole && sig != "" {
			if s.Reasons == nil {
				s.Reasons = map[string]int{}
			}
			s.Reasons[sig]++
		}
		if !out.Hit && len(s.Bad) < 3 {
			s.Bad = append(s.Bad, out)
		}
	}
	for _, o := range out.Others {
		if len(s.Others) < 50 {
			s.Others = append(s.Others, o)
		}
	}
}
