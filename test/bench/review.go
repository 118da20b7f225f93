package bench

import (
	"context"
	"flag"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// reviewJob is `review`: the verdicts on all of the clean topic, as if it had never been reviewed.
func reviewJob() job {
	return job{name: "review", needs: []string{needsKafka}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		observations, err := r.clean(ctx)
		if err != nil {
			return 0, nil, err
		}
		unreviewed := func(ctx context.Context) error { return r.Servers.dropGroup(ctx, r.names.Group("review")) }
		return observations, append(r.builds(unreviewed, "review"), r.limit(nil, "review", "-brokers", r.Servers.Brokers, "-topic", r.names.Clean())), nil
	}}
}

// reviewLimit reads a topic once.
func reviewLimit(ctx context.Context, args []string) (records int64, err error) {
	var s Servers
	var topic string
	flags := flag.NewFlagSet("review", flag.ContinueOnError)
	flags.StringVar(&s.Brokers, "brokers", "", "")
	flags.StringVar(&topic, "topic", "", "")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	err = s.consume(ctx, topic, func(*ck.Message) error { records++; return nil })
	return records, err
}
