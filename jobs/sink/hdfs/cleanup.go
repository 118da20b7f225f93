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
	cleanUpMost  = 200 // entries at a time
)

// cleanUp prunes a chain and sweeps _tmp now and then. What it can't do now it does another time: the batch that it
// comes after is stored.
func (l *Lake) cleanUp(ctx context.Context, chain string) {
	if l.isDue(chain) {
		if err := l.prune(ctx, chain); err != nil {
			l.cfg.Logger.Warn("pruning old entries has to wait", "chain", chain, "because", err)
		}
	}
	if l.isDue(tmpFolder) {
		if err := l.sweep(ctx); err != nil {
			l.cfg.Logger.Warn("sweeping left-over files has to wait", "because", err)
		}
	}
}

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

// prune removes the old entries of a chain, oldest first and never the newest. An entry leaves the chain by one rename.
func (l *Lake) prune(ctx context.Context, chain string) error {
	infos, err := l.list(ctx, chain)
	if err != nil || len(infos) < 2 {
		return err
	}
	for i, info := range infos[:len(infos)-1] {
		if i == cleanUpMost || l.now().Sub(info.ModTime) <= keepEntries {
			return nil
		}
		held, err := l.held(ctx, chain, info.Name)
		if err != nil {
			return err
		}
		if unpublished(held) {
			return nil // not published, which Verify tells
		}
		away := tmpFolder + "/" + uuid.NewString()
		if err := l.makeFolder(ctx, tmpFolder); err != nil {
			return err
		}
		if err := l.move(ctx, chain+"/"+info.Name, away); err != nil {
			return err
		}
		if err := l.remove(ctx, away); err != nil {
			return err
		}
	}
	return nil
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
