package hdfs

import (
	"log/slog"

	"senmeteo/jobs/flow"
)

// Config says where the lake is and what it is filled from.
type Config struct {
	Root      string // hdfs://[user@]host[:port][,host[:port]...]/path or file:///path
	User      string // whom HDFS takes us for; a user in Root comes first
	ClusterID string // of the Kafka cluster
	TopicID   string // changes when the topic is deleted and recreated
	NewTopic  bool   // go on although the topic was recreated
	RunID     string
	Logger    *slog.Logger
}

// Open returns the lake of a configuration, as that of Kind does.
func Open(cfg Config) (*Lake, error) {
	return newLake(config{
		root: cfg.Root, user: cfg.User, topic: flow.Topic{ID: cfg.TopicID, ClusterID: cfg.ClusterID}, newTopic: cfg.NewTopic,
		runID: cfg.RunID, logger: cfg.Logger,
	})
}
