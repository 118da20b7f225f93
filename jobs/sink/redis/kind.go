package redis

import (
	"context"

	"senmeteo/jobs/flow"
)

// The options.
const (
	addressOption  = "redis"
	userOption     = "redis-user"
	passwordOption = "redis-password-file"
	caOption       = "redis-ca"
	lifeOption     = "redis-ttl"
)

// Kind describes the stores of this package.
func Kind() flow.StoreKind {
	return flow.StoreKind{
		Name: "redis", Title: "Redis", Usage: "clean topic -> the newest observation of each station and source in Redis, exactly once",
		Options: []flow.Option{
			{Name: addressOption, Usage: "Redis, `HOST:PORT`, or redis:// or rediss://HOST:PORT/DATABASE without a password"},
			{Name: userOption, Usage: "`NAME` to log in to Redis with"},
			{Name: passwordOption, Form: flow.File, Usage: "`FILE` that holds the password"},
			{Name: caOption, Form: flow.File, Usage: "`FILE` with the certificates to trust instead of the system's; turns TLS on"},
			{Name: lifeOption, Default: "168h", Usage: "how long after it was observed an observation is kept in Redis; 0: forever; the same for all who use it"},
		},
		Address:      addressOption,
		BatchRecords: 10_000, BatchBytes: 4 << 20, Committers: 2,
		Open: func(_ context.Context, cfg flow.StoreConfig) (flow.Store, error) {
			s, err := open(cfg)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
}
