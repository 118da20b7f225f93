package redis_test

import (
	"bytes"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/redis"
)

const secretText = "s3cr3t-of-the-test"

func TestSettingsThatDoNotFitAreRefusedByTheNameOfTheirFlag(t *testing.T) {
	with := func(more flow.Settings) flow.Settings {
		all := flow.Settings{"redis": "127.0.0.1:1"}
		maps.Copy(all, more)
		return all
	}
	for name, c := range map[string]struct {
		settings flow.Settings
		says     string
	}{
		"no address":                    {flow.Settings{}, "--redis is not set"},
		"a user without a password":     {with(flow.Settings{"redis-user": "meteo"}), "--redis-password-file"},
		"a password without a user":     {with(flow.Settings{"redis-password-file": secretText}), "--redis-user"},
		"an empty password":             {with(flow.Settings{"redis-user": "meteo", "redis-password-file": "\n"}), "--redis-password-file"},
		"a password of two lines":       {with(flow.Settings{"redis-user": "meteo", "redis-password-file": secretText + "\nx"}), "line break"},
		"a CA that is not one":          {with(flow.Settings{"redis-ca": secretText}), "--redis-ca"},
		"a password in the address":     {with(flow.Settings{"redis": "redis://meteo:" + secretText + "@127.0.0.1:1"}), "--redis-password-file"},
		"a password before a host":      {with(flow.Settings{"redis": secretText + "@127.0.0.1:1"}), "--redis-password-file"},
		"an address without a host":     {with(flow.Settings{"redis": ":6379"}), "--redis can't be read"},
		"another scheme":                {with(flow.Settings{"redis": "http://127.0.0.1:1"}), "--redis can't be read"},
		"a port that is not one":        {with(flow.Settings{"redis": "127.0.0.1:port"}), "--redis can't be read"},
		"a database that is not one":    {with(flow.Settings{"redis": "127.0.0.1:1/-1"}), "--redis can't be read"},
		"options of a library":          {with(flow.Settings{"redis": "127.0.0.1:1?skip_verify=true"}), "--redis can't be read"},
		"a time to live that is none":   {with(flow.Settings{"redis-ttl": "7 days"}), "--redis-ttl"},
		"a time to live that is before": {with(flow.Settings{"redis-ttl": "-1h"}), "--redis-ttl"},
	} {
		t.Run(name, func(t *testing.T) {
			kind := redis.Kind()
			_, err := kind.Open(t.Context(), flow.StoreConfig{Settings: c.settings, Prefix: "meteo"})
			if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want a usage error with %q", err, c.says)
			}
			if strings.Contains(err.Error(), secretText) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows the secret or has several lines: %v", err)
			}
		})
	}
}

func TestAddressesAreReadInTheirForms(t *testing.T) {
	for text, want := range map[string]string{
		"redis.example:7000":           "redis.example:7000 0 false",
		"redis.example":                "redis.example:6379 0 false",
		"redis://redis.example/3":      "redis.example:6379 3 false",
		"rediss://redis.example:7000/": "redis.example:7000 0 true",
		"[::1]:7000":                   "[::1]:7000 0 false",
	} {
		if got, err := redis.AddressOf(text); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestALoginThatAnybodyMayReadIsNamed(t *testing.T) {
	login := flow.Settings{"redis-user": "meteo", "redis-password-file": secretText}
	for address, warns := range map[string]bool{"redis.example:6379": true, "rediss://redis.example": false, "127.0.0.1:6379": false, "localhost": false} {
		var log bytes.Buffer
		settings := maps.Clone(login)
		settings["redis"] = address
		s := opened(t, flow.StoreConfig{Settings: settings, Prefix: "meteo", ReadOnly: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		_ = s.Close()
		if got := strings.Contains(log.String(), "unencrypted"); got != warns || strings.Contains(log.String(), secretText) {
			t.Errorf("%s: it logs %q", address, log.String())
		}
	}
}

// A store that is opened to ask creates nothing, and its server need not run.
func TestAStoreThatIsOnlyAskedConnectsToNothingYetAndCreatesNothing(t *testing.T) {
	kind := redis.Kind()
	down, err := kind.Open(t.Context(), flow.StoreConfig{Settings: flow.Settings{"redis": "127.0.0.1:1"}, Topic: topic, Prefix: "meteo", ReadOnly: true})
	if err != nil {
		t.Fatalf("Open asks a server that does not run: %v", err)
	}
	began := time.Now()
	if _, err := down.Progress(t.Context()); flow.ClassOf(err) != flow.Unavailable || !strings.Contains(err.Error(), "--redis") {
		t.Errorf("a server that does not run gives %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it takes %v to say so", took)
	}
	_ = down.Close()
	k := fresh(t)
	cfg := k.config()
	cfg.ReadOnly = true
	s := opened(t, cfg)
	if p, err := s.Progress(t.Context()); err != nil || len(p) > 0 {
		t.Errorf("the progress of an empty server is %v, %v", p, err)
	}
	if names := k.names(t); len(names) > 0 {
		t.Errorf("it created %v", names)
	}
}
