package hdfs

import (
	"context"
	"slices"
	"strings"

	"senmeteo/jobs/flow"
)

// Verify checks the commit log against itself and against the published files. Its failure is flow.Negative and names
// the first thing that is wrong: a gap in a chain, an entry that was passed over in publishing, a file that is gone or
// has another length.
func (l *Lake) Verify(ctx context.Context) error {
	const doing = "checking the lake"
	chains, err := l.list(ctx, logFolder)
	if err != nil {
		return l.failed(ctx, doing, err)
	}
	for _, c := range chains {
		if err := l.verifyChain(ctx, logFolder+"/"+c.Name); err != nil {
			return l.failed(ctx, doing, err)
		}
	}
	return nil
}

func (l *Lake) verifyChain(ctx context.Context, chain string) error {
	names, err := l.entries(ctx, chain)
	if err != nil {
		return err
	}
	var before *manifest
	for i, name := range names {
		m, err := l.readManifest(ctx, chain, name)
		if err != nil {
			return err
		}
		if before != nil && !m.follows(before) {
			return l.broken(chain, before, m)
		}
		held, err := l.held(ctx, chain, name)
		if err != nil {
			return err
		}
		if unpublished(held) && i < len(names)-1 {
			return flow.Fail(flow.Negative, "the lake's entry %s/%s was never published; move its files by its manifest", chain, name)
		}
		if !unpublished(held) {
			if err := l.verifyFiles(ctx, m); err != nil {
				return err
			}
		}
		before = m
	}
	return nil
}

// verifyFiles checks that the files of a published entry are there, or that their day was compacted since.
func (l *Lake) verifyFiles(ctx context.Context, m *manifest) error {
	for _, f := range m.Files {
		infos, err := l.list(ctx, datePrefix+f.Date)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(f.Path, datePrefix+f.Date+"/")
		i := slices.IndexFunc(infos, func(i fileInfo) bool { return i.Name == name })
		compacted := slices.ContainsFunc(infos, func(i fileInfo) bool { return strings.HasPrefix(i.Name, compactedPrefix) })
		switch {
		case i >= 0 && infos[i].Size != f.Size:
			return flow.Fail(flow.Negative, "the lake's file %s has %d bytes, and %d were written", f.Path, infos[i].Size, f.Size)
		case i < 0 && !compacted:
			return flow.Fail(flow.Negative, "the lake's file %s is gone", f.Path)
		}
	}
	return nil
}
