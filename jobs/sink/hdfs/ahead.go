package hdfs

import (
	"context"
	"sync"
)

// ahead is how many items are prepared before the one in use. What reading a file costs in HDFS is waiting.
const ahead = 4

// inOrder calls use with what prepare returns for each item, in their order, while it prepares the next ones. It ends with
// the first error in that order, and returns it when nothing is being prepared any more.
func inOrder[T, R any](ctx context.Context, items []T, prepare func(context.Context, T) (R, error), use func(R) error) error {
	type outcome struct {
		result R
		err    error
	}
	var working sync.WaitGroup
	defer working.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan outcome, ahead)
	working.Go(func() {
		defer close(queue)
		for _, item := range items {
			prepared := make(chan outcome, 1)
			select {
			case queue <- prepared:
			case <-ctx.Done():
				return
			}
			working.Go(func() {
				result, err := prepare(ctx, item)
				prepared <- outcome{result, err}
			})
		}
	})
	for prepared := range queue {
		o := <-prepared
		if o.err != nil {
			return o.err
		}
		if err := use(o.result); err != nil {
			return err
		}
	}
	return ctx.Err()
}
