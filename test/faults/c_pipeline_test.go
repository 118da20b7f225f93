package faults_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"senmeteo/test/program"
)

// C3. Whatever is killed whenever, while a producer writes: in the end every store holds each observation once, and reconcile
// says so, too. `make faults` kills 50 times.
func TestC3RandomKillsOverTheWholePipelineWhileAProducerWrites(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := newScenario(t).inHDFS(t)
	c := &chaos{scenario: s, random: rand.New(rand.NewPCG(seed, 3)), running: map[string]*program.Running{}}
	for c.kills < 5*loops {
		c.step(t)
	}
	c.end(t)
	s.recovers(t)
	s.Must(t, "reconcile")
}

// chaos keeps a pipeline going and kills a part of it now and then.
type chaos struct {
	*scenario
	random  *rand.Rand
	running map[string]*program.Running
	day     int // that the producer sends
	truth   string
}

const producer = "fetch"

// step starts what does not run, waits a moment and kills one part.
func (c *chaos) step(t *testing.T) {
	t.Helper()
	for _, verb := range append([]string{"stream"}, loads...) {
		c.keep(t, verb)
	}
	c.produce(t)
	time.Sleep(time.Duration(c.random.IntN(700)) * time.Millisecond)
	var alive []string
	for _, verb := range append([]string{"stream", producer}, loads...) { // in a fixed order, so that the seed decides
		if r := c.running[verb]; r != nil && r.Alive() {
			alive = append(alive, verb)
		}
	}
	if len(alive) == 0 {
		return
	}
	victim := c.running[alive[c.random.IntN(len(alive))]]
	victim.Kill(t)
	if victim.Wait(t).Code == -1 { // else it had just ended by itself
		c.kills++
	}
}

// keep starts a verb that has ended or was killed: now to the end of its topic, now to follow it.
func (c *chaos) keep(t *testing.T, verb string) {
	t.Helper()
	if r := c.running[verb]; r != nil {
		if r.Alive() {
			return
		}
		expect(t, r.Wait(t), 0, 69, 75, -1) // 69: a server that is short of time; 75: what was killed may still hold a lock
	}
	args := []string{verb, "--batch-records", strconv.Itoa(50 + c.random.IntN(300))}
	if c.random.IntN(2) == 0 {
		args = append(args, "--follow", "--linger", "500ms")
	}
	c.running[verb] = c.Start(t, args...)
}

// produce goes on with the next day, or sends the same day again when the producer was killed.
func (c *chaos) produce(t *testing.T) {
	t.Helper()
	if r := c.running[producer]; r != nil {
		if r.Alive() {
			return
		}
		if result := r.Wait(t); result.Code == 0 {
			c.learned(t)
		} else {
			expect(t, result, 69, -1)
		}
	}
	c.truth = filepath.Join(t.TempDir(), "truth.jsonl")
	from, to := c.window()
	c.running[producer] = c.Start(t, producer, "generate", "--from", from, "--to", to, "--seed", strconv.Itoa(seed), "--faults", "0.05", "--truth", c.truth)
}

func (c *chaos) window() (from, to string) {
	day := time.Date(2026, 1, 10+c.day, 0, 0, 0, 0, time.UTC)
	return day.Format(time.DateOnly), day.AddDate(0, 0, 1).Format(time.DateOnly)
}

// learned notes what must become of a day that was sent to its end.
func (c *chaos) learned(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(c.truth)
	if err != nil {
		t.Fatal(err)
	}
	from, to := c.window()
	c.scenario.truth.learn(t, from, to, strings.NewReader(string(text)))
	c.day++
}

// end lets the producer finish its day and stops everything else in its orderly way.
func (c *chaos) end(t *testing.T) {
	t.Helper()
	for c.running[producer].Wait(t).Code != 0 {
		c.produce(t)
	}
	c.learned(t)
	var all sync.WaitGroup
	for _, verb := range append([]string{"stream"}, loads...) {
		r := c.running[verb]
		r.Signal(t, syscall.SIGTERM)
		all.Go(func() { <-r.Ended() })
	}
	all.Wait()
	for _, verb := range append([]string{"stream"}, loads...) {
		expect(t, c.running[verb].Wait(t), 0, 69, 75, 143, -1)
	}
}
