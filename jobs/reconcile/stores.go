package reconcile

import (
	"context"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/reconcile/sorted"
)

// forgottenMeanwhile is how far ahead an audit looks: what a store is about to forget is not compared.
const forgottenMeanwhile = 10 * time.Minute

// selectionOf is what is compared of a store.
func (a *auditor) selectionOf(s pipeline.Opened) flow.Selection {
	sel := a.selection
	if f, ok := s.Store.(flow.Forgetful); ok {
		if from := f.KeepsFrom(time.Now().Add(forgottenMeanwhile)); sel.From.Before(from) {
			sel.From = from
		}
	}
	return sel
}

// summed is a store that has summed up a selection.
type summed struct {
	pipeline.Opened
	of   flow.Selection
	sums []flow.DaySum
}

// sumUp asks a store for its sums.
func (a *auditor) sumUp(ctx context.Context, i int) error {
	s := &summed{Opened: a.Stores[i], of: a.selectionOf(a.Stores[i])}
	a.summed[i] = s
	return s.Opened.Sums(ctx, s.of, func(sum flow.DaySum) error {
		s.sums = append(s.sums, sum)
		return nil
	})
}

// Sums calls each with the sums of the selection that was summed up; there is no other one.
func (s *summed) Sums(_ context.Context, _ flow.Selection, each func(flow.DaySum) error) error {
	for _, sum := range s.sums {
		if err := each(sum); err != nil {
			return err
		}
	}
	return nil
}

// compared is what came of one store.
type compared struct {
	tally       Tally
	differences Differences
	errors      []string
}

// compareStore compares one store with the clean topic.
func (a *auditor) compareStore(ctx context.Context, i int, ref *Reference) (c compared, err error) {
	s := a.Stores[i]
	terms := Terms{Name: s.Kind.Title, Keeps: s.Keeps(), Excepted: a.excepted[i].ids(), ExtrasCount: a.whole, InMemory: sorted.InMemory}
	var asked Asked = s
	if summed := a.summed[i]; summed != nil {
		asked, terms.Selection = summed, summed.of
	} else {
		terms.Selection = ref.Within(a.selectionOf(s))
	}
	if c.tally, c.differences, err = ref.Compare(ctx, asked, terms); err != nil {
		return c, err
	}
	verifier, ok := s.Store.(flow.Verifier)
	if !ok {
		return c, nil
	}
	broken := verifier.Verify(ctx)
	if broken != nil && flow.ClassOf(broken) == flow.Negative {
		c.errors = append(c.errors, broken.Error())
		return c, nil
	}
	return c, broken
}
