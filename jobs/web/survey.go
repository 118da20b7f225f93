package web

import (
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"senmeteo/jobs/forecast/score"
	"senmeteo/jobs/gaps"
	"senmeteo/jobs/query"
)

// survey is what takes longer to find out than a visitor wants to wait. A copy of it is never changed.
type survey struct {
	Gaps      answer[*gaps.Report]        // of the last gapDays days
	Flags     answer[[]query.Flag]        // of the last flagDays days
	Incidents answer[[]query.Incident]    // open, or closed in the last incidentDays days
	Forecasts answer[map[string]*outlook] // by station id
	Scores    answer[*score.Report]       // of the forecasts of the last scoredDays days
}

// answer is what is known of one question.
type answer[T any] struct {
	Asked bool // the store answers such questions
	Value T
	At    time.Time // when Value was read; zero: never
	Err   error     // why it can't be read now; nil when it can
}

// unknown is what to tell a visitor who finds no value: "" when there is one.
func (a *answer[T]) unknown(l *locale) string {
	switch {
	case a.Err != nil:
		return l.Unreadable
	case a.At.IsZero():
		return l.BeingRead
	}
	return ""
}

// fingerprint differs after each answer; "" before the first.
func (v *survey) fingerprint() string {
	h := fnv.New64a()
	something := false
	mix := func(at time.Time, err error) {
		something = something || err != nil || !at.IsZero()
		add(h, uint64(at.UnixMicro()), flag(err != nil))
	}
	mix(v.Gaps.At, v.Gaps.Err)
	mix(v.Flags.At, v.Flags.Err)
	mix(v.Incidents.At, v.Incidents.Err)
	mix(v.Forecasts.At, v.Forecasts.Err)
	mix(v.Scores.At, v.Scores.Err)
	if !something {
		return ""
	}
	return "-" + strconv.FormatUint(h.Sum64(), 36)
}

// surveyor asks the questions of a survey, one after the other, each at its own pace.
type surveyor struct {
	questions []*question
	now       func() time.Time
	log       *slog.Logger

	mu      sync.Mutex
	running bool
	known   survey
}

// question is one of a survey.
type question struct {
	name    string
	every   time.Duration // least time between two times that it is asked; after a failure retryFailed, where that is less
	timeout time.Duration
	ask     func(ctx context.Context, now time.Time) (note func(*survey, time.Time), err error)
	fail    func(*survey, error)

	next   time.Time // when it may be asked
	failed bool      // the last time
}

const (
	retryFailed = time.Minute
	idleShare   = 10 // a question rests for so many times as long as it took
)

// put adds a question whose answer has a place in the survey.
func put[T any](s *surveyor, name string, every, timeout time.Duration, place func(*survey) *answer[T], ask func(context.Context, time.Time) (T, error)) {
	place(&s.known).Asked = true
	s.questions = append(s.questions, &question{
		name: name, every: every, timeout: timeout,
		ask: func(ctx context.Context, now time.Time) (func(*survey, time.Time), error) {
			value, err := ask(ctx, now)
			return func(v *survey, at time.Time) {
				*place(v) = answer[T]{Asked: true, Value: value, At: at}
			}, err
		},
		fail: func(v *survey, err error) { place(v).Err = err },
	})
}

// current returns what is known.
func (s *surveyor) current() survey {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known
}

// begin reports whether there is something to ask now and nobody asks; the caller then calls run.
func (s *surveyor) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running {
		return false
	}
	now := s.now()
	for _, q := range s.questions {
		s.running = s.running || !now.Before(q.next)
	}
	return s.running
}

// run asks what is due, and calls changed after each answer.
func (s *surveyor) run(ctx context.Context, changed func()) {
	for _, q := range s.questions {
		if ctx.Err() == nil && !s.now().Before(q.next) {
			s.put(ctx, q)
			changed()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
}

// put asks one question and notes its answer. Only run calls it, so that nobody else reads or changes q meanwhile.
func (s *surveyor) put(ctx context.Context, q *question) {
	bounded, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	began := s.now()
	note, err := q.ask(bounded, began)
	ended := s.now()
	if errors.Is(err, query.ErrEmpty) {
		err = nil
	}
	pause := q.every
	if err != nil {
		pause = min(pause, retryFailed)
	}
	switch {
	case ctx.Err() != nil:
		return
	case err != nil && !q.failed:
		s.log.WarnContext(ctx, "the page can't read "+q.name, "error", err)
	case err == nil && q.failed:
		s.log.InfoContext(ctx, "the page reads "+q.name+" again")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.failed = err != nil
	q.next = ended.Add(max(pause, idleShare*ended.Sub(began)))
	if err != nil {
		q.fail(&s.known, err)
	} else {
		note(&s.known, ended)
	}
}
