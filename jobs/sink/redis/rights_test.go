package redis_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/flow/flowtest"
	"senmeteo/jobs/sink/redis"
)

// shipped are the users that `make secrets` writes, with the rights of each: docker/make-secrets.
func shipped(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../docker/make-secrets")
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^user (\w+) on >\$\(of redis-latest-\S+\) (.*)$`).FindAllStringSubmatch(string(text), -1) {
		users[m[1]] = m[2]
	}
	return users
}

// as opens the store as a user with these rights on its keys.
func (k keys) as(t *testing.T, name, rights string) *redis.Store {
	t.Helper()
	user := k.prefix + name
	rule := []any{"ACL", "SETUSER", user, "reset", "on", ">" + secretText}
	for _, word := range strings.Fields(strings.ReplaceAll(rights, "~meteo:", "~"+k.prefix+":")) {
		rule = append(rule, word)
	}
	if err := k.client.Do(t.Context(), rule...).Err(); err != nil {
		t.Fatalf("%s: %v", rights, err)
	}
	t.Cleanup(func() { _ = k.client.Do(context.Background(), "ACL", "DELUSER", user).Err() }) // nobody uses it any more
	cfg := k.config()
	cfg.Settings["redis-user"], cfg.Settings["redis-password-file"] = user, secretText+"\n"
	return opened(t, cfg)
}

func TestTheRightsOfTheShippedUsersAreEnoughAndNotMore(t *testing.T) {
	users := shipped(t)
	if len(users) != 2 {
		t.Fatalf("make-secrets has the users %v, want meteo and reader", users)
	}
	k := fresh(t)
	k.life = "10h"
	writer, reader := k.as(t, "meteo", users["meteo"]), k.as(t, "reader", users["reader"])
	if next, err := writer.Resume(t.Context()); err != nil || len(next) > 0 {
		t.Fatalf("Resume: %v, %v", next, err)
	}
	acquire(t, writer, 0, -1)
	commit(t, writer, flowtest.Batch(0, 0, observedAgo(0, 1)), flow.Outcome{Written: 1})
	for name, s := range map[string]*redis.Store{"meteo": writer, "reader": reader} {
		if p, err := s.Progress(t.Context()); err != nil || p[0].Next != 2 {
			t.Errorf("%s: the progress is %v, %v", name, p, err)
		}
		if latest, err := s.Latest(t.Context()); err != nil || len(latest) != 1 {
			t.Errorf("%s: the latest are %v, %v", name, latest, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := reader.Changes(ctx, func() {}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("reader: following the changes: %v", err)
	}
	if _, err := reader.Acquire(t.Context(), 0); flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "lacks a right") {
		t.Errorf("who may only read acquires a partition: %v", err)
	}
	elsewhere := k.config()
	elsewhere.Settings["redis-user"], elsewhere.Settings["redis-password-file"] = k.prefix+"meteo", secretText
	elsewhere.Prefix = "other"
	if _, err := opened(t, elsewhere).Acquire(t.Context(), 0); flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "lacks a right") {
		t.Errorf("the user of one prefix writes to the keys of another: %v", err)
	}
	elsewhere.Settings["redis-password-file"] = "bad"
	if _, err := opened(t, elsewhere).Resume(t.Context()); flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "--redis-user") {
		t.Errorf("a bad password gives %v", err)
	}
}
