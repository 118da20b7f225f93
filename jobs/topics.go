package main

import (
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/output"
)

func topicsCommand() *cli.Command {
	return &cli.Command{
		Name: "topics", Usage: "create the topics, or check those that exist",
		Flags: flags([]cli.Flag{
			&cli.IntFlag{Name: "partitions", Value: 6, EnvVars: env("partitions"), Usage: "partitions of each topic; fixed at creation"},
			&cli.IntFlag{Name: "replication", Value: 1, EnvVars: env("replication"), Usage: "copies of each partition"},
		}, kafkaFlags()),
		Action: printing("topics", ensureTopics),
	}
}

func ensureTopics(c *cli.Context, j *job) error {
	if n := c.Int("partitions"); n < 1 || c.Int("replication") < 1 {
		return flow.Fail(flow.Usage, "--partitions and --replication must be 1 or more")
	}
	topics, err := kafkaTopics(c, j)
	if err != nil {
		return err
	}
	admin, err := kafka.NewAdmin(topics.Kafka)
	if err != nil {
		return err
	}
	defer admin.Close()
	states, err := admin.EnsureTopics(c.Context, topics.Names, c.Int("partitions"), c.Int("replication"))
	if err != nil {
		return err
	}
	for _, s := range states {
		line, _ := json.Marshal(s) // strings and numbers always marshal
		if _, err := fmt.Fprintln(c.App.Writer, string(line)); err != nil {
			return output.Stdout(err)
		}
	}
	return nil
}
