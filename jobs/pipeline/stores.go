package pipeline

import (
	"context"
	"errors"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
)

// NamedStore is a store that a verb was told of.
type NamedStore struct {
	Kind     flow.StoreKind
	Settings flow.Settings
}

// Opened is an open store and its kind.
type Opened struct {
	Kind flow.StoreKind
	flow.Store
}

// OpenStores opens stores of the clean topic, to ask them only.
func OpenStores(ctx context.Context, t Topics, admin *kafka.Admin, job string, named []NamedStore) ([]Opened, error) {
	if len(named) == 0 {
		return nil, nil
	}
	topic, err := admin.Topic(ctx, t.Names.Clean())
	if err != nil {
		return nil, err
	}
	var all []Opened
	for _, n := range named {
		store, err := n.Kind.Open(ctx, flow.StoreConfig{Settings: n.Settings, Topic: topic, Prefix: t.Names.Prefix, Job: job, ReadOnly: true, Logger: t.Kafka.Logger})
		if err != nil {
			return nil, errors.Join(err, CloseStores(all))
		}
		all = append(all, Opened{n.Kind, store})
	}
	return all, nil
}

// CloseStores closes all stores.
func CloseStores(all []Opened) error {
	var errs []error
	for _, o := range all {
		errs = append(errs, o.Close())
	}
	return errors.Join(errs...)
}
