package es

import (
	"context"
	"strings"
	"time"

	"senmeteo/jobs/flow"
)

// Kind describes the stores of this package.
func Kind() flow.StoreKind {
	return flow.StoreKind{
		Name: "es", Title: "Elasticsearch", Usage: "clean topic -> Elasticsearch, exactly once",
		Options: []flow.Option{
			{Name: "es-url", Form: flow.Secret, Usage: "Elasticsearch `URL`; with a password better in a file named by SENMETEO_ES_URL_FILE"},
			{Name: "es-api-key", Form: flow.Secret, Usage: "API `KEY`, better in a file named by SENMETEO_ES_API_KEY_FILE"},
			{Name: "es-user", Usage: "`NAME` to log in with"},
			{Name: "es-password-file", Form: flow.File, Usage: "`FILE` that holds the password"},
			{Name: "es-ca", Form: flow.File, Usage: "`FILE` with the certificates to trust instead of the system's"},
		},
		Address:      "es-url",
		BatchRecords: 5_000, BatchBytes: 4 << 20, Committers: 2,
		Prunes: true,
		Linger: 500 * time.Millisecond, // a search finds what was stored after the index's next refresh, one every 5 s
		Open: func(ctx context.Context, cfg flow.StoreConfig) (flow.Store, error) {
			own, err := configOf(cfg)
			if err != nil {
				return nil, err
			}
			return Open(ctx, own)
		},
		OpenLetters: func(ctx context.Context, cfg flow.StoreConfig) (flow.Sink, error) {
			own, err := configOf(cfg)
			if err != nil {
				return nil, err
			}
			return OpenLetters(ctx, own)
		},
	}
}

// configOf reads the settings of a store.
func configOf(cfg flow.StoreConfig) (Config, error) {
	get := cfg.Settings
	own := Config{
		URL: get["es-url"], APIKey: get["es-api-key"], Username: get["es-user"], Password: strings.TrimSpace(get["es-password-file"]),
		Topic: cfg.Topic, Prefix: cfg.Prefix, RunID: cfg.RunID, NewTopic: cfg.NewTopic, ReadOnly: cfg.ReadOnly, Keep: cfg.Keep, Logger: cfg.Logger,
	}
	if own.URL == "" {
		return own, flow.Fail(flow.Usage, "--es-url is not set: give it, SENMETEO_ES_URL, or SENMETEO_ES_URL_FILE with the path of a file that holds it")
	}
	if (own.Password == "") != (own.Username == "") {
		return own, flow.Fail(flow.Usage, "--es-user and the password in the file of --es-password-file belong together: give both or neither")
	}
	if ca := get["es-ca"]; ca != "" {
		own.CA = []byte(ca)
	}
	return own, nil
}
