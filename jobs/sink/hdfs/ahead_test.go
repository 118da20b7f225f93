package hdfs

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
)

func TestItemsAreUsedInTheirOrderWhileTheNextArePrepared(t *testing.T) {
	items := make([]int, 50)
	for i := range items {
		items[i] = i
	}
	var prepared, most atomic.Int64
	var used []int
	err := inOrder(t.Context(), items, func(_ context.Context, i int) (int, error) {
		prepared.Add(1)
		return i, nil
	}, func(i int) error {
		used = append(used, i)
		most.Store(max(most.Load(), prepared.Load()-int64(len(used))))
		return nil
	})
	if err != nil || !slices.Equal(used, items) {
		t.Errorf("used were %v (%v)", used, err)
	}
	if most.Load() > ahead+1 {
		t.Errorf("%d were prepared ahead", most.Load())
	}
}

func TestTheFirstErrorInTheOrderOfItemsEndsTheWork(t *testing.T) {
	first, later := errors.New("first"), errors.New("later")
	failing := make(chan struct{})
	var used []int
	err := inOrder(t.Context(), []int{0, 1, 2, 3}, func(_ context.Context, i int) (int, error) {
		switch i {
		case 1:
			<-failing
			return 0, first
		case 2:
			close(failing)
			return 0, later
		}
		return i, nil
	}, func(i int) error { used = append(used, i); return nil })
	if !errors.Is(err, first) || !slices.Equal(used, []int{0}) {
		t.Errorf("inOrder returned %v after using %v", err, used)
	}

	err = inOrder(t.Context(), []int{0, 1, 2, 3}, func(_ context.Context, i int) (int, error) { return i, nil }, func(int) error { return later })
	if !errors.Is(err, later) {
		t.Errorf("inOrder returned %v, want the error of use", err)
	}
}

func TestNothingIsUsedAfterTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := inOrder(ctx, []int{0, 1, 2}, func(ctx context.Context, _ int) (int, error) { return 0, ctx.Err() }, func(int) error { t.Error("one was used"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("inOrder returned %v", err)
	}
}
