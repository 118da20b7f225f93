package pg

import (
	"context"

	"senmeteo/jobs/flow"
)

const urlOption = "pg-url"

// Kind describes the stores of this package.
func Kind() flow.StoreKind {
	return flow.StoreKind{
		Name: "pg", Title: "PostgreSQL", Usage: "clean topic -> PostgreSQL, exactly once",
		Options: []flow.Option{{
			Name: urlOption, Form: flow.Secret,
			Usage: "PostgreSQL, a libpq `URL`; with a password better in a file named by SENMETEO_PG_URL_FILE",
		}},
		Address:      urlOption,
		BatchRecords: 12_000, BatchBytes: 5 << 20, Committers: 3,
		Prunes: true,
		Open: func(ctx context.Context, cfg flow.StoreConfig) (flow.Store, error) {
			s, err := open(ctx, cfg)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
}

// open checks the configuration and, unless the store is only asked, connects and brings the schema up to date.
func open(ctx context.Context, cfg flow.StoreConfig) (*Store, error) {
	url := cfg.Settings[urlOption]
	if url == "" {
		return nil, flow.Fail(flow.Usage, "--pg-url is not set: give it, SENMETEO_PG_URL, or SENMETEO_PG_URL_FILE with the path of a file that holds it")
	}
	address, err := verified(url)
	if err != nil {
		return nil, err
	}
	s := newStore(cfg)
	if s.pool, err = connect(ctx, address, "senmeteo-"+cfg.Job, cfg.ReadOnly, s.forget); err != nil {
		return nil, err
	}
	return s, nil
}
