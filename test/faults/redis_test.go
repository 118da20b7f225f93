package faults_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"senmeteo/test/program"
)

// newestRows are those of the clean topic that are the newest of their station and source, in their last revision.
func (s *scenario) newestRows(t testing.TB) []row {
	t.Helper()
	type newest struct {
		row
		at, issued time.Time
	}
	last := map[string]newest{}
	for _, r := range s.Records(t, "clean") {
		if program.Header(r, "senmeteo.stage") != "" {
			continue
		}
		var o struct {
			observation
			Station    string    `json:"station_id"`
			ObservedAt time.Time `json:"observed_at"`
			Source     string    `json:"source"`
			Kind       string    `json:"kind"`
			IssuedAt   time.Time `json:"issued_at"`
		}
		if err := json.Unmarshal(r.Value, &o); err != nil {
			t.Fatalf("the clean topic holds %q: %v", r.Value, err)
		}
		series := o.Station + ":" + o.Source + ":" + o.Kind
		before, known := last[series]
		if !known || cmp.Or(o.ObservedAt.Compare(before.at), o.IssuedAt.Compare(before.issued), cmp.Compare(o.Revision, before.revision)) > 0 {
			last[series] = newest{o.row(), o.ObservedAt, o.IssuedAt}
		}
	}
	var rows []row
	for _, n := range last {
		rows = append(rows, n.row)
	}
	return rows
}

// askRedis lends a connection to the Redis of the pipeline.
func (s *scenario) askRedis(t testing.TB) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(s.redis)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() }) // nothing is under way
	return client
}

// redisRows are the hashes.
func (s *scenario) redisRows(t testing.TB) []row {
	t.Helper()
	client := s.askRedis(t)
	var rows []row
	for _, name := range s.redisNames(t) {
		hash, err := client.HGetAll(t.Context(), name).Result()
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, rowOfHash(t, hash))
	}
	return rows
}

// redisNames are the names of the hashes.
func (s *scenario) redisNames(t testing.TB) []string {
	t.Helper()
	var names []string
	found := s.askRedis(t).Scan(t.Context(), 0, s.Prefix+":latest:*", 1000).Iterator()
	for found.Next(t.Context()) {
		names = append(names, found.Val())
	}
	if err := found.Err(); err != nil {
		t.Fatalf("asking Redis: %v", err)
	}
	return names
}

// otherField changes a variable of a hash.
func (s *scenario) otherField(t testing.TB, name, variable string) (undo func()) {
	t.Helper()
	client := s.askRedis(t)
	was, err := client.HGetAll(t.Context(), name).Result()
	if err == nil {
		err = client.HIncrByFloat(t.Context(), name, variable, 0.1).Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(client.Del(t.Context(), name).Err(), client.HSet(t.Context(), name, was).Err()); err != nil {
			t.Fatal(err)
		}
	}
}

// renameKey renames a key, and back.
func (s *scenario) renameKey(t testing.TB, name, to string) (undo func()) {
	t.Helper()
	client := s.askRedis(t)
	if err := client.Rename(t.Context(), name, to).Err(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := client.Rename(t.Context(), to, name).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// rowOfHash makes a row of a hash, whose numbers are texts.
func rowOfHash(t testing.TB, hash map[string]string) row {
	t.Helper()
	members := map[string]any{}
	for name, text := range hash {
		number, err := strconv.ParseFloat(text, 64)
		switch {
		case strings.HasPrefix(text, "{"): // as qc
			members[name] = json.RawMessage(text)
		case err == nil && !strings.HasSuffix(name, "id"):
			members[name] = number
		default:
			members[name] = text
		}
	}
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	var o observation
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("Redis holds %s: %v", text, err)
	}
	return o.row()
}
