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

// entries are the names of a chain's entries, oldest first.
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

// settle publishes the newest entry of a chain, where that was left undone, and returns its manifest: nil when the
// chain has no entry. It fails when the entry does not follow the one before it.
func (l *Lake) settle(ctx context.Context, chain string) (*manifest, error) {
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
			return nil, l.broken(chain, before, m)
		}
	}
	return m, l.publishRest(ctx, chain, m)
}

// last is the manifest of a chain's newest entry: nil when the chain has none.
func (l *Lake) last(ctx context.Context, chain string) (*manifest, error) {
	names, err := l.entries(ctx, chain)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return l.readManifest(ctx, chain, names[len(names)-1])
}

func (l *Lake) broken(chain string, before, after *manifest) error {
	return flow.Fail(flow.Negative, "the lake's chain %s has a gap: the entry %s ends at offset %d, and the next one, %s, starts at %d; restore the missing entries of %s/clean/%s, or use a new --hdfs",
		chain, before.name(), before.End, after.name(), after.Start, l.cfg.Root, chain)
}

// readManifest reads the manifest of an entry.
func (l *Lake) readManifest(ctx context.Context, chain, entry string) (*manifest, error) {
	name := chain + "/" + entry + "/" + manifestName
	var text []byte
	err := l.patiently(ctx, func() (err error) {
		text, err = l.files.ReadFile(ctx, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	m, err := decodeManifest(entry, text)
	if err != nil {
		return nil, flow.Fail(flow.Defect, "the lake's manifest %s is damaged: %w", name, err)
	}
	return m, nil
}

// publishRest publishes what an entry still holds.
func (l *Lake) publishRest(ctx context.Context, chain string, m *manifest) error {
	if len(m.Files) == 0 {
		return nil
	}
	held, err := l.held(ctx, chain, m.name())
	switch {
	case err != nil || len(held) == 0:
		return err
	case !unpublished(held):
		return l.remove(ctx, chain+"/"+m.name()+"/"+replacedName)
	}
	return l.publish(ctx, chain, m)
}

// held tells what an entry holds beside its manifest.
func (l *Lake) held(ctx context.Context, chain, entry string) (map[string]bool, error) {
	infos, err := l.list(ctx, chain+"/"+entry)
	if err != nil {
		return nil, err
	}
	held := map[string]bool{}
	for _, i := range infos {
		if i.Name != manifestName {
			held[i.Name] = true
		}
	}
	return held, nil
}

// unpublished tells whether an entry holds a file that readers wait for.
func unpublished(held map[string]bool) bool {
	return len(held) > 1 || len(held) == 1 && !held[replacedName]
}

// publish moves the files of an entry to where readers find them. Whoever else does the same does no harm: each
// step is a rename of a name that never comes back.
func (l *Lake) publish(ctx context.Context, chain string, m *manifest) error {
	entry := chain + "/" + m.name()
	if len(m.Replaces) > 0 {
		if err := l.moveOut(ctx, entry, m.Replaces); err != nil {
			return err
		}
	}
	err := atOnce(m.Files, func(f dataFile) error {
		if err := l.makeFolder(ctx, datePrefix+f.Date); err != nil {
			return err
		}
		return l.move(ctx, entry+"/"+f.stagedName(), f.Path)
	})
	if err != nil {
		return err
	}
	if len(m.Replaces) > 0 {
		return l.remove(ctx, entry+"/"+replacedName)
	}
	return nil
}

// move renames a file that another writer, or an earlier try without an answer, may have moved already.
func (l *Lake) move(ctx context.Context, from, to string) error {
	err := l.patiently(ctx, func() error { return l.files.Rename(ctx, from, to) })
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
	return l.patiently(ctx, func() error { return l.files.Mkdir(ctx, name) })
}

func (l *Lake) remove(ctx context.Context, name string) error {
	return l.patiently(ctx, func() error { return l.files.Remove(ctx, name) })
}
