package faults_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"senmeteo/test/gates"
	"senmeteo/test/servers"
)

// L1. One script stores values and offset: before it none of it is there, after it all.
func TestL1TheLoaderOfRedisIsKilledBeforeAndAfterItsScript(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newStreamed(t, round)
		for kill := range 3 {
			s.crash(t, fmt.Sprintf("redis.before-commit:%d", 1+(kill+round)%4), "to-redis", "--batch-records", "100")
			s.crash(t, fmt.Sprintf("redis.after-commit:%d", 1+(kill+round)%3), "to-redis", "--batch-records", "100")
		}
		s.recovers(t)
	})
}

// L2. A script is sent again when its answer is lost; Redis recognises the one that it has run, also when one comes late.
func TestL2AnswersOfRedisAreLostAndRequestsComeLate(t *testing.T) {
	for name, cut := range map[string]gates.RedisCut{"the request": gates.LoseRequest, "the answer": gates.LoseAnswer, "the request comes late": gates.DelayRequest} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repeat(t, func(t *testing.T, round int) {
				s := newStreamed(t, round)
				u, err := url.Parse(s.redis)
				if err != nil {
					t.Fatal(err)
				}
				gate := gates.NewRedis(t, u.Host)
				s.Program = s.With("SENMETEO_REDIS", gate.Addr())
				r := s.sleeper(t, "redis.before-commit:3", "to-redis", "--batch-records", "100")
				gate.Arm(cut)
				result := wake(t, r)
				if expect(t, result, 0); !gate.Done() {
					t.Errorf("no script was cut\n%s", result.Output())
				}
				s.recovers(t)
			})
		})
	}
}

// L3. It comes back with what is in its file. Where the end of that is lost, as by a power failure, values and offsets are lost
// together, and the job goes on from what there is.
func TestL3RedisIsKilledAndLosesTheEndOfItsFile(t *testing.T) {
	t.Parallel()
	set := own(t, servers.NameRedis)
	s := newScenario(t).onRedis(set.Redis.URL)
	repeat(t, func(t *testing.T, round int) {
		for i, lost := range []int64{0, 100, 5_000} { // bytes
			s.sendDay(t, 3*round+i)
			s.Must(t, "stream")
			r := s.sleeper(t, "redis.before-commit:4", "to-redis", "--batch-records", "100")
			folder, err := s.askRedis(t).ConfigGet(t.Context(), "dir").Result()
			if err != nil {
				t.Fatal(err)
			}
			if err := set.Redis.Kill(); err != nil {
				t.Fatal(err)
			}
			s.kills++
			shorten(t, folder["dir"], lost)
			if err := set.Redis.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			expect(t, wake(t, r), 0, 75) // 75: it had acquired a partition in what is lost, so nobody holds it
			s.recovers(t)
		}
	})
}

// shorten cuts bytes off the end of the file that Redis appends to.
func shorten(t *testing.T, folder string, bytes int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the append-only files of Redis are %v, %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err == nil {
		err = os.Truncate(files[0], info.Size()-bytes)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// L4. A writer that slept stores nothing over what is newer.
func TestL4AStaleWriterOfRedisIsFenced(t *testing.T) {
	t.Parallel()
	repeat(t, func(t *testing.T, round int) {
		s := newScenario(t)
		s.sendDay(t, round)
		s.Must(t, "stream", "--max-records", "1000")
		stale := s.sleeper(t, "redis.before-commit", "to-redis")
		s.settle(t) // with the corrections of what it is about to send
		expect(t, wake(t, stale), 75)
		s.balance(t)
	})
}
