package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
)

// storeFlags are the options of a kind of store. For verbs that look at several stores the address has no default: a store without
// address is left out.
func storeFlags(kind flow.StoreKind, needed bool) []cli.Flag {
	var all []cli.Flag
	for _, o := range kind.Options {
		switch {
		case o.Form == flow.File:
			all = append(all, &cli.PathFlag{Name: o.Name, EnvVars: env(o.Name), Usage: o.Usage})
		case o.Name == kind.Address && !needed:
			all = append(all, &cli.StringFlag{Name: o.Name, EnvVars: env(o.Name), Usage: o.Usage + "; a store without address is left out"})
		default:
			all = append(all, &cli.StringFlag{Name: o.Name, EnvVars: env(o.Name), Usage: o.Usage, Value: o.Default})
		}
	}
	return all
}

func namedStoreFlags(kinds []flow.StoreKind) []cli.Flag {
	var all []cli.Flag
	for _, kind := range kinds {
		all = append(all, storeFlags(kind, false)...)
	}
	return all
}

// storeSettings reads storeFlags; the address must be given.
func storeSettings(c *cli.Context, kind flow.StoreKind) (flow.Settings, error) {
	settings := flow.Settings{}
	for _, o := range kind.Options {
		value, err := storeSetting(c, o, o.Name == kind.Address)
		if err != nil {
			return nil, err
		}
		settings[o.Name] = value
	}
	return settings, nil
}

func storeSetting(c *cli.Context, o flow.Option, needed bool) (string, error) {
	switch {
	case o.Form == flow.File && c.Path(o.Name) != "":
		return secretFile(c.Path(o.Name), "of --"+o.Name)
	case o.Form == flow.Secret && (needed || isGiven(c, o.Name)):
		return secret(c, o.Name)
	case needed && c.String(o.Name) == "":
		return "", flow.Fail(flow.Usage, "--%s is not set: give it, or %s", o.Name, env(o.Name)[0])
	}
	return c.String(o.Name), nil
}

// openNamedStores opens the stores whose addresses were given, to ask them.
func openNamedStores(ctx context.Context, c *cli.Context, j *job, topics pipeline.Topics, kinds []flow.StoreKind) ([]pipeline.Opened, error) {
	var named []pipeline.NamedStore
	for _, kind := range kinds {
		if !isGiven(c, kind.Address) {
			continue
		}
		settings, err := storeSettings(c, kind)
		if err != nil {
			return nil, err
		}
		named = append(named, pipeline.NamedStore{Kind: kind, Settings: settings})
	}
	admin, err := kafka.NewAdmin(topics.Kafka)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	return pipeline.OpenStores(ctx, topics, admin, j.name, named)
}

// isGiven reports whether a flag that secret reads is set in any way.
func isGiven(c *cli.Context, flag string) bool {
	return c.String(flag) != "" || os.Getenv(env(flag)[0]+"_FILE") != ""
}

// askStore opens a store that can't be changed, puts a question to it as an R and closes it; what says what an R knows.
func askStore[R any](c *cli.Context, j *job, kind flow.StoreKind, what string, question func(context.Context, R) error) error {
	return withStore(c, j, kind, true, what, question)
}

// changeStore is askStore for what a store is told.
func changeStore[R any](c *cli.Context, j *job, kind flow.StoreKind, what string, change func(context.Context, R) error) error {
	return withStore(c, j, kind, false, what, change)
}

func withStore[R any](c *cli.Context, j *job, kind flow.StoreKind, readOnly bool, what string, do func(context.Context, R) error) error {
	settings, err := storeSettings(c, kind)
	if err != nil {
		return err
	}
	ctx, cancel := withTimeout(c)
	defer cancel()
	store, err := kind.Open(ctx, flow.StoreConfig{Settings: settings, Job: j.name, ReadOnly: readOnly, Logger: j.log})
	if err != nil {
		return err
	}
	reader, ok := store.(R)
	if !ok {
		return errors.Join(fmt.Errorf("a store of the kind %s does not know %s", kind.Name, what), store.Close())
	}
	return errors.Join(do(ctx, reader), store.Close())
}
