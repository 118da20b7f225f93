package hdfs

import (
	"context"
	"time"

	"github.com/google/uuid"
)

const (
	keepEntries  = 7 * 24 * time.Hour // how long published entries stay in their chain; far more than maxAge
	keepStaged   = 24 * time.Hour     // how long a folder stays in _tmp; more than maxAge
	cleanUpEvery = time.Hour
	cleanUpFor   = 2 * time.Second // how long a commit prunes at most; the next one continues, and adds a single entry
)

// cleanUp prunes a chain and sweeps _tmp when they are due. What fails now is tried another time: the batch before it
// is stored.
func (l *Lake) cleanUp(ctx context.Context, chain string) {
	if l.isDue(chain) {
		done, err := l.prune(ctx, chain)
		if err != nil {
			l.cfg.logger.Warn("pruning old entries has to wait", "chain", chain, "because", err)
		} else if !done {
			l.makeDue(chain)
		}
	}
	if l.isDue(tmpFolder) {
		if err := l.sweep(ctx); err != nil {
			l.cfg.logger.Warn("sweeping left-over files has to wait", "because", err)
		}
	}
}

// isDue reports whether something was not cleaned up for a while, and notes that it is now.
func (l *Lake) isDue(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if last, ok := l.cleaned[what]; ok && now.Sub(last) < cleanUpEvery {
		return false
	}
	l.cleaned[what] = now
	return true
}

func (l *Lake) makeDue(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.cleaned, what)
}

// prune removes the old entries of a chain, oldest first and never the newest. It returns false when its time was over
// before it was done.
func (l *Lake) prune(ctx context.Context, chain string) (done bool, err error) {
	infos, err := l.list(ctx, chain)
	if err != nil || len(infos) < 2 {
		return true, err
	}
	began := l.now()
	for _, info := range infos[:len(infos)-1] {
		if l.now().Sub(info.ModTime) <= keepEntries {
			return true, nil
		}
		if l.now().Sub(began) >= cleanUpFor {
			return false, nil
		}
		inside, err := l.inside(ctx, chain, info.Name)
		if err != nil {
			return false, err
		}
		if isPending(inside) {
			return true, nil // Verify reports it
		}
		if err := l.removeEntry(ctx, chain+"/"+info.Name); err != nil {
			return false, err
		}
	}
	return true, nil
}

// removeEntry takes an entry out of its chain by one rename.
func (l *Lake) removeEntry(ctx context.Context, entry string) error {
	away := tmpFolder + "/" + uuid.NewString()
	if err := l.makeFolder(ctx, tmpFolder); err != nil {
		return err
	}
	if err := l.move(ctx, entry, away); err != nil {
		return err
	}
	return l.remove(ctx, away)
}

// sweep removes what crashed writers left in _tmp.
func (l *Lake) sweep(ctx context.Context) error {
	infos, err := l.list(ctx, tmpFolder)
	if err != nil {
		return err
	}
	for _, i := range infos {
		if l.now().Sub(i.ModTime) <= keepStaged {
			continue
		}
		if err := l.remove(ctx, tmpFolder+"/"+i.Name); err != nil {
			return err
		}
	}
	return nil
}
