package es_test

import (
	"maps"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/es"
)

func TestSettingsThatDoNotFitAreRefusedByTheNameOfTheirFlag(t *testing.T) {
	url := flow.Settings{"es-url": "http://127.0.0.1:1"}
	with := func(more flow.Settings) flow.Settings {
		all := maps.Clone(url)
		maps.Copy(all, more)
		return all
	}
	for name, c := range map[string]struct {
		settings flow.Settings
		says     string
	}{
		"no URL":                  {flow.Settings{}, "--es-url is not set"},
		"a user without password": {with(flow.Settings{"es-user": "meteo"}), "--es-password-file"},
		"a password without user": {with(flow.Settings{"es-password-file": secretText}), "--es-user"},
		"an empty password":       {with(flow.Settings{"es-user": "meteo", "es-password-file": "\n"}), "--es-password-file"},
		"a CA that is not one":    {with(flow.Settings{"es-ca": secretText}), "--es-ca"},
		"a URL that is not one":   {flow.Settings{"es-url": "127.0.0.1:9200/" + secretText}, "--es-url"},
		"a password of two lines": {with(flow.Settings{"es-user": "meteo", "es-password-file": secretText + "\nx"}), "line break"},
		"an API key of two lines": {with(flow.Settings{"es-api-key": secretText + "\nx"}), "line break"},
		"a prefix that ends it":   {with(flow.Settings{}), "prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := flow.StoreConfig{Settings: c.settings, Prefix: "meteo"}
			if c.says == "prefix" {
				cfg.Prefix = "Meteo/"
			}
			kind := es.Kind()
			_, err := kind.Open(t.Context(), cfg)
			if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want a usage error with %q", err, c.says)
			}
			if strings.Contains(err.Error(), secretText) || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error shows the secret or has several lines: %v", err)
			}
		})
	}
}

func TestAStoreIsOpenedByItsSettings(t *testing.T) {
	t.Parallel()
	x := fresh(t)
	kind := es.Kind()
	cfg := flow.StoreConfig{Settings: flow.Settings{kind.Address: x.url}, Topic: topic, Prefix: x.prefix, Job: kind.Job(), RunID: "run"}
	store, err := kind.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	acquire(t, store, -1)
	b := batch(0, 0, 3)
	commit(t, store, b, flow.Outcome{Written: 3})
	for range 2 {
		if err := store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	x.holds(t, 3, b.End)
	if want := flow.LastRevision; store.Keeps() != want {
		t.Errorf("it keeps %v, want %v", store.Keeps(), want)
	}
}

// A store that is opened to ask creates nothing.
func TestAStoreThatIsOnlyAskedConnectsToNothingYetAndCreatesNothing(t *testing.T) {
	t.Parallel()
	kind := es.Kind()
	cfg := flow.StoreConfig{Settings: flow.Settings{"es-url": "http://127.0.0.1:1"}, Topic: topic, ReadOnly: true}
	store, err := kind.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open asks a server that does not run: %v", err)
	}
	_ = store.Close()
	x := fresh(t)
	if got := x.Stored(t); len(got.Rows)+len(got.Next) > 0 {
		t.Errorf("an empty server holds %+v", got)
	}
	list := x.call(t, "GET", "/_index_template", "")["index_templates"].([]any)
	for _, template := range list {
		if name := template.(map[string]any)["name"].(string); strings.HasPrefix(name, x.prefix) {
			t.Errorf("it created the template %s", name)
		}
	}
}
