package hdfs

import (
	"context"
	"time"

	"senmeteo/jobs/flow"
)

// The names of the options.
const (
	optionURL  = "hdfs"
	optionUser = "hdfs-user"
)

// defaultUser is whom HDFS takes us for unless the user says otherwise.
const defaultUser = "senmeteo"

// Kind describes the lake to the program's list of stores. Its stores are flow.Verifiers and flow.Compactors.
func Kind() flow.StoreKind {
	return flow.StoreKind{
		Name:  "hdfs",
		Title: "lake",
		Usage: "clean topic -> Parquet files in HDFS or a folder, exactly once",
		Options: []flow.Option{
			{Name: optionURL, Default: "hdfs://127.0.0.1:8020/data/meteo", Usage: "the lake's `URL`: hdfs://namenode:8020/data/meteo or file:///some/dir"},
			{Name: optionUser, Default: defaultUser, Usage: "`NAME` under which files are written to HDFS; a user in the URL comes first"},
		},
		Address: optionURL,
		// A commit costs HDFS the same whatever its size: some changes at the NameNode, and a file of each day that stays until
		// that is compacted. Larger ones cost memory, of which several batches are in use: those being committed, those that
		// wait for it, and those being read. What one committer waits for the file system, the other encodes.
		BatchRecords: 25_000, BatchBytes: 12 << 20, Committers: 2, Linger: time.Minute,
		Compacts: true,
		Open:     func(_ context.Context, cfg flow.StoreConfig) (flow.Store, error) { return open(cfg) },
	}
}

// open returns the lake of a configuration. It opens no connection: an invalid configuration is its only failure.
func open(cfg flow.StoreConfig) (flow.Store, error) {
	l, err := newLake(config{
		root: cfg.Settings[optionURL], user: cfg.Settings[optionUser],
		topic: cfg.Topic, newTopic: cfg.NewTopic, runID: cfg.RunID, logger: cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}
