package hdfs

import (
	"context"
	"path"
	"slices"
	"strings"

	"senmeteo/jobs/flow"
)

// Verify implements flow.Verifier: it checks the chains, and the published files against them. What it finds is a gap in
// a chain, an entry before the newest that is pending still, a file that is gone or has another length.
func (l *Lake) Verify(ctx context.Context) error {
	const doing = "checking the lake"
	chains, err := l.list(ctx, logFolder)
	if err != nil {
		return l.failure(ctx, doing, err)
	}
	v := verifier{lake: l, days: map[string][]fileInfo{}}
	for _, c := range chains {
		if err := v.chain(ctx, logFolder+"/"+c.Name); err != nil {
			return l.failure(ctx, doing, err)
		}
	}
	return nil
}

// verifier is one run of Verify.
type verifier struct {
	lake *Lake
	days map[string][]fileInfo // the files of the days that were listed
}

func (v *verifier) chain(ctx context.Context, chain string) error {
	names, err := v.lake.entries(ctx, chain)
	if err != nil {
		return err
	}
	var before *manifest
	for i, name := range names {
		m, err := v.lake.readManifest(ctx, chain, name)
		if err != nil {
			return err
		}
		if before != nil && !m.follows(before) {
			return v.lake.gap(chain, before, m)
		}
		before = m
		inside, err := v.lake.inside(ctx, chain, name)
		if err != nil {
			return err
		}
		if !isPending(inside) {
			err = v.published(ctx, m)
		} else if i < len(names)-1 {
			err = flow.Fail(flow.Negative, "the lake's entry %s/%s was never published; move its files by its manifest", chain, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// published checks that the files of a published entry are there, or that their day was compacted since.
func (v *verifier) published(ctx context.Context, m *manifest) error {
	for _, f := range m.Files {
		infos, err := v.day(ctx, f.Date)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(infos, func(i fileInfo) bool { return i.Name == path.Base(f.Path) })
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

func (v *verifier) day(ctx context.Context, date string) ([]fileInfo, error) {
	if infos, ok := v.days[date]; ok {
		return infos, nil
	}
	infos, err := v.lake.list(ctx, datePrefix+date)
	if err == nil {
		v.days[date] = infos
	}
	return infos, err
}
