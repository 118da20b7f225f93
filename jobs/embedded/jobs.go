package embedded

import (
	"context"
	"errors"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/review"
)

// runner runs one job of the pipeline inside `up`: until ctx ends, or, when it is not to follow, to the end of what there is.
type runner func(ctx context.Context, follow bool) (*flow.Report, error)

// reviewPause is how long a following `review` waits between two looks at the clean topic: half of liveStep. The days that a first start
// fills in come partition by partition, and a station whose readings come after those of its neighbours were reviewed is not compared with
// them, so the first look should find all of these days.
const reviewPause = 5 * time.Second

// stream runs the job `stream`.
func (r *run) stream(ctx context.Context, follow bool) (*flow.Report, error) {
	cfg := flow.Config{Job: "stream", Linger: 200 * time.Millisecond}
	pipeline.ConfigureStream(&cfg)
	p, err := pipeline.OpenStream(ctx, r.servers.topics, pipeline.StreamOptions{})
	if err != nil {
		return nil, err
	}
	return r.move(ctx, p, cfg, follow)
}

// review runs the job `review`.
func (r *run) review(ctx context.Context, follow bool) (*flow.Report, error) {
	topics, err := kafka.OpenReview(ctx, r.servers.topics.Kafka, r.servers.topics.Names, "")
	if err != nil {
		return nil, err
	}
	report, err := review.Run(ctx, review.Config{Follow: follow, Pause: reviewPause, Logger: r.Log.With("job", "review")}, topics)
	return report, errors.Join(err, topics.Close())
}

// loads are the jobs that bring observations to the stores.
func (r *run) loads() []runner {
	var all []runner
	for _, s := range r.named() {
		all = append(all, func(ctx context.Context, follow bool) (*flow.Report, error) {
			cfg := flow.Config{Job: s.Kind.Job()}
			pipeline.Configure(&cfg, s.Kind)
			p, err := pipeline.OpenLoad(ctx, r.servers.topics, s.Kind, flow.StoreConfig{Settings: s.Settings, Logger: r.Log})
			if err != nil {
				return nil, err
			}
			return r.move(ctx, p, cfg, follow)
		})
	}
	return all
}

// move runs a pipeline, and closes it.
func (r *run) move(ctx context.Context, p *pipeline.Pipeline, cfg flow.Config, follow bool) (*flow.Report, error) {
	p.Measure(r.Metrics)
	cfg.Follow, cfg.Logger = follow, r.Log.With("job", cfg.Job)
	report, err := p.Run(ctx, cfg)
	return report, errors.Join(err, p.Close())
}

// settle runs `stream` and `review` in turn until `review` finds nothing, and then the loads, each to the end of what there is. `stream` makes
// revisions of what `review` finds, and `review` judges these as well: it comes to an end because each verdict has a failure that its
// observation lacked. It ends at the first error. When ctx ends it stops as the job does that is at work, and the next run does the rest.
func settle(ctx context.Context, stream, review runner, loads []runner) error {
	for {
		if _, err := stream(ctx, false); err != nil {
			return err
		}
		report, err := review(ctx, false)
		if err != nil {
			return err
		}
		if report.Written == 0 {
			break
		}
	}
	for _, load := range loads {
		if _, err := load(ctx, false); err != nil {
			return err
		}
	}
	return nil
}
