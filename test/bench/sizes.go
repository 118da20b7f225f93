package bench

import "context"

// sizes notes what the topics take. The stores' sizes are noted by their jobs.
func (r *runner) sizes(ctx context.Context) error {
	if r.results.Readings == 0 {
		return nil
	}
	for _, topic := range r.names.Topics() {
		records, err := r.Servers.records(ctx, topic)
		if err != nil {
			return err
		}
		bytes, err := r.Servers.topicBytes(ctx, topic)
		if err != nil {
			return err
		}
		r.results.size("Kafka, "+topic[len(r.Prefix)+1:], records, bytes, 0)
	}
	return nil
}
