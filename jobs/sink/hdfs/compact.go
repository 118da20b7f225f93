package hdfs

import (
	"context"
	"path"
)

// moveOut takes published files out of their day, into the entry that replaces them.
func (l *Lake) moveOut(ctx context.Context, entry string, paths []string) error {
	if err := l.makeFolder(ctx, entry+"/"+replacedName); err != nil {
		return err
	}
	for _, p := range paths {
		if err := l.move(ctx, p, entry+"/"+replacedName+"/"+path.Base(p)); err != nil {
			return err
		}
	}
	return nil
}
