package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"senmeteo/jobs/flow"
)

// entries returns the names of a chain's entries, oldest first.
func (l *Lake) entries(ctx context.Context, chain string) ([]string, error) {
	infos, err := l.list(ctx, chain)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(infos))
	for _, i := range infos {
		if i.Folder {
			names = append(names, i.Name)
		}
	}
	return names, nil
}

// newest returns the manifest of a chain's newest entry: nil when the chain has none.
func (l *Lake) newest(ctx context.Context, chain string) (*manifest, error) {
	names, err := l.entries(ctx, chain)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return l.readManifest(ctx, chain, names[len(names)-1])
}

// finish publishes the newest entry of a chain, where that is pending, and returns its manifest: nil when the chain has
// no entry. It fails when the entry does not follow the one before it.
func (l *Lake) finish(ctx context.Context, chain string) (*manifest, error) {
	names, err := l.entries(ctx, chain)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	m, err := l.readManifest(ctx, chain, names[len(names)-1])
	if err != nil {
		return nil, err
	}
	if len(names) > 1 {
		before, err := l.readManifest(ctx, chain, names[len(names)-2])
		if errors.Is(err, fs.ErrNotExist) {
			before, err = nil, nil // pruned just now
		}
		if err != nil {
			return nil, err
		}
		if before != nil && !m.follows(before) {
			return nil, l.gap(chain, before, m)
		}
	}
	return m, l.publishPending(ctx, chain, m)
}

func (l *Lake) gap(chain string, before, after *manifest) error {
	return flow.Fail(flow.Negative, "the lake's chain %s has a gap: the entry %s ends at offset %d, and the next one, %s, starts at %d; restore the missing entries of %s/clean/%s, or use a new --hdfs",
		chain, before.name(), before.End, after.name(), after.Start, l.cfg.root, chain)
}

// readManifest reads the manifest of an entry.
func (l *Lake) readManifest(ctx context.Context, chain, entry string) (*manifest, error) {
	name := chain + "/" + entry + "/" + manifestName
	text, err := l.readFile(ctx, name)
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(entry, text)
	if err != nil {
		return nil, flow.Fail(flow.Defect, "the lake's manifest %s is damaged: %w", name, err)
	}
	return m, nil
}

// readFile reads a whole file.
func (l *Lake) readFile(ctx context.Context, name string) (data []byte, err error) {
	err = l.retry(ctx, func() error {
		data, err = l.files.ReadFile(ctx, name)
		return err
	})
	return data, err
}

// publishPending publishes the files that an entry still holds.
func (l *Lake) publishPending(ctx context.Context, chain string, m *manifest) error {
	if len(m.Files) == 0 {
		return nil
	}
	inside, err := l.inside(ctx, chain, m.name())
	switch {
	case err != nil || len(inside) == 0:
		return err
	case !isPending(inside):
		return l.remove(ctx, chain+"/"+m.name()+"/"+replacedName)
	}
	return l.publish(ctx, chain, m)
}

// inside returns the names that an entry holds beside its manifest.
func (l *Lake) inside(ctx context.Context, chain, entry string) (map[string]bool, error) {
	infos, err := l.list(ctx, chain+"/"+entry)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, i := range infos {
		if i.Name != manifestName {
			names[i.Name] = true
		}
	}
	return names, nil
}

// isPending reports whether an entry with these names inside holds a file that is not yet published.
func isPending(inside map[string]bool) bool {
	return len(inside) > 1 || len(inside) == 1 && !inside[replacedName]
}

// publish moves the files of an entry to where readers find them. Several runs may do so at the same time: each step is
// a rename of a name that never comes back.
func (l *Lake) publish(ctx context.Context, chain string, m *manifest) error {
	entry := chain + "/" + m.name()
	if len(m.Replaces) > 0 {
		if err := l.withdraw(ctx, entry, m.Replaces); err != nil {
			return err
		}
	}
	err := inParallel(m.Files, func(f dataFile) error { return l.moveToDay(ctx, entry+"/"+f.stagedName(), f) })
	if err != nil {
		return err
	}
	if len(m.Replaces) > 0 {
		return l.remove(ctx, entry+"/"+replacedName)
	}
	return nil
}

// moveToDay moves a staged file into the folder of its day, which this run makes once. Whoever removes a day with its
// files removes the folder, too: then it is recreated.
func (l *Lake) moveToDay(ctx context.Context, staged string, f dataFile) error {
	folder := datePrefix + f.Date
	if _, made := l.days.Load(folder); made {
		err := l.move(ctx, staged, f.Path)
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := l.makeFolder(ctx, folder); err != nil {
		return err
	}
	l.days.Store(folder, true)
	return l.move(ctx, staged, f.Path)
}

// withdraw moves published files out of their day, into the entry that replaces them.
func (l *Lake) withdraw(ctx context.Context, entry string, published []string) error {
	if err := l.makeFolder(ctx, entry+"/"+replacedName); err != nil {
		return err
	}
	return inParallel(published, func(p string) error {
		return l.move(ctx, p, entry+"/"+replacedName+"/"+withoutSuffix(p))
	})
}

// move renames a file that another writer, or an earlier attempt without an answer, may have moved already.
func (l *Lake) move(ctx context.Context, from, to string) error {
	err := l.retry(ctx, func() error { return l.files.Rename(ctx, from, to) })
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	infos, listErr := l.list(ctx, path.Dir(from))
	if listErr != nil {
		return listErr
	}
	if slices.ContainsFunc(infos, func(i fileInfo) bool { return i.Name == path.Base(from) }) {
		return fmt.Errorf("moving %s: the folder of %s was removed meanwhile: %w", from, to, err)
	}
	return nil
}

func (l *Lake) makeFolder(ctx context.Context, name string) error {
	return l.retry(ctx, func() error { return l.files.Mkdir(ctx, name) })
}

func (l *Lake) remove(ctx context.Context, name string) error {
	return l.retry(ctx, func() error { return l.files.Remove(ctx, name) })
}
