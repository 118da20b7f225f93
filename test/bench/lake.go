package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"golang.org/x/sync/errgroup"

	"senmeteo/jobs/retry"
)

// lakeWorkers is how many files the limits write at the same time: what a file costs is waiting for the NameNode, and more of
// them did not help.
const lakeWorkers = 8

// lakeJob is `to-hdfs`: all of the clean topic into an empty folder.
func lakeJob() job {
	return job{name: "to-hdfs", needs: []string{needsKafka, needsHDFS}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		observations, err := r.clean(ctx)
		if err != nil {
			return 0, nil, err
		}
		if err := r.example(ctx); err != nil {
			return 0, nil, err
		}
		run, copied := r.lake("run"), r.lake("limit")
		files, err := localFiles(r.kept("small"))
		if err != nil {
			return 0, nil, err
		}
		written := r.limit(r.withoutFolder(copied), "lake", "-to", copied, "-files", r.kept("small"))
		written.counts = int64(len(files))
		all := append(r.builds(r.withoutFolder(run), "to-hdfs", "--hdfs", run), written)
		return observations, append(all, r.lakePeer()...), nil
	}}
}

// compactJob is `to-hdfs --compact` of every day of a lake that was just filled.
func compactJob() job {
	return job{name: "to-hdfs --compact", needs: []string{needsKafka, needsHDFS}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		observations, err := r.clean(ctx)
		if err != nil {
			return 0, nil, err
		}
		if err := r.example(ctx); err != nil {
			return 0, nil, err
		}
		run, copied, example := r.lake("run"), r.lake("limit"), r.lake("example")
		filled := func(ctx context.Context) error {
			if err := r.withoutFolder(run)(ctx); err != nil {
				return err
			}
			_, err := r.program(ctx, "to-hdfs", "--hdfs", run)
			return err
		}
		compacted := r.kept("compacted")
		if _, err := os.Stat(compacted); err != nil {
			if err := filled(ctx); err != nil {
				return 0, nil, err
			}
			if _, err := r.program(ctx, "to-hdfs", "--compact", "--hdfs", run); err != nil {
				return 0, nil, err
			}
			if err := r.keep(ctx, "lake, compacted", run, compacted, observations); err != nil {
				return 0, nil, err
			}
		}
		files, err := localFiles(compacted)
		if err != nil {
			return 0, nil, err
		}
		rewritten := r.limit(r.withoutFolder(copied), "compact", "-from", example, "-to", copied, "-files", compacted)
		rewritten.counts = int64(len(files))
		return observations, append(r.builds(filled, "to-hdfs", "--compact", "--hdfs", run), rewritten), nil
	}}
}

// lake returns the URL of one of the bench's folders.
func (r *runner) lake(name string) string { return r.Servers.Lake + "/" + r.Prefix + "-" + name }

// kept is the folder with copies of the files of a lake.
func (r *runner) kept(name string) string { return filepath.Join(r.Dir, "lake-"+name) }

// example fills a lake that stays as it is, and keeps a copy of its files, unless that was done.
func (r *runner) example(ctx context.Context) error {
	if _, err := os.Stat(r.kept("small")); err == nil {
		return nil
	}
	for _, name := range []string{"example", "run", "limit", "peer"} {
		r.cleanup = append(r.cleanup, r.withoutFolder(r.lake(name)))
	}
	out, err := r.program(ctx, "to-hdfs", "--hdfs", r.lake("example"))
	if err != nil {
		return err
	}
	observations, err := written(out)
	if err != nil {
		return err
	}
	return r.keep(ctx, "lake", r.lake("example"), r.kept("small"), observations)
}

// keep copies the data files of a lake to a folder and notes their size.
func (r *runner) keep(ctx context.Context, store, lake, to string, observations int64) error {
	client, root, err := dialLake(lake)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }() // it was only read
	names, err := dataFiles(client, root)
	if err != nil {
		return err
	}
	var bytes int64
	for _, name := range names {
		local := filepath.Join(to, filepath.FromSlash(name))
		if err := errors.Join(ctx.Err(), os.MkdirAll(filepath.Dir(local), 0o700)); err != nil {
			return err
		}
		if err := client.CopyToLocal(path.Join(root, name), local); err != nil {
			return fmt.Errorf("copying %s: %w", name, err)
		}
		info, err := os.Stat(local)
		if err != nil {
			return err
		}
		bytes += info.Size()
	}
	r.results.size(store, observations, bytes, len(names))
	return nil
}

func (r *runner) withoutFolder(lake string) func(context.Context) error {
	return func(context.Context) error {
		client, root, err := dialLake(lake)
		if err != nil {
			return err
		}
		return errors.Join(client.RemoveAll(root), client.Close())
	}
}

// dialLake returns a client for one goroutine, and the folder that a URL names.
func dialLake(lake string) (*hdfs.Client, string, error) {
	u, err := url.Parse(lake)
	if err != nil {
		return nil, "", err
	}
	client, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{u.Host}, User: u.User.Username()})
	if err != nil {
		return nil, "", fmt.Errorf("connecting to the NameNode: %w", err)
	}
	return client, u.Path, nil
}

// dataFiles returns the Parquet files of the days of a lake, relative to its folder.
func dataFiles(client *hdfs.Client, root string) (names []string, err error) {
	err = client.Walk(root, func(name string, info fs.FileInfo, err error) error {
		if err == nil && !info.IsDir() && strings.HasSuffix(name, ".parquet") && strings.Contains(name, "/date=") {
			names = append(names, strings.TrimPrefix(name, root+"/"))
		}
		return err
	})
	sort.Strings(names)
	return names, err
}

// localFiles returns the files below a folder, relative to it.
func localFiles(root string) (names []string, err error) {
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			name, err = filepath.Rel(root, name)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	return names, err
}

// lakeArgs are the arguments of the limits that write files.
type lakeArgs struct {
	from, to, files string
}

func lakeArgsIn(name string, args []string) (a lakeArgs, err error) {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.StringVar(&a.from, "from", "", "URL of a lake to read")
	flags.StringVar(&a.to, "to", "", "URL of a folder to write to")
	flags.StringVar(&a.files, "files", "", "folder with what is to be written")
	return a, flags.Parse(args)
}

// lakeLimit writes files into a folder of HDFS and returns how many.
func lakeLimit(ctx context.Context, args []string) (int64, error) {
	a, err := lakeArgsIn("lake", args)
	if err != nil {
		return 0, err
	}
	names, err := localFiles(a.files)
	if err != nil {
		return 0, err
	}
	return int64(len(names)), inLake(ctx, a.to, names, func(client *hdfs.Client, root, name string) error {
		data, err := os.ReadFile(filepath.Join(a.files, name))
		if err != nil {
			return err
		}
		return writeFile(ctx, client, path.Join(root, name), data)
	})
}

// compactLimit reads all files of a lake and writes others.
func compactLimit(ctx context.Context, args []string) (int64, error) {
	a, err := lakeArgsIn("compact", args)
	if err != nil {
		return 0, err
	}
	client, root, err := dialLake(a.from)
	if err != nil {
		return 0, err
	}
	names, err := dataFiles(client, root)
	if err = errors.Join(err, client.Close()); err != nil {
		return 0, err
	}
	err = inLake(ctx, a.from, names, func(client *hdfs.Client, root, name string) error {
		_, err := client.ReadFile(path.Join(root, name))
		return err
	})
	if err != nil {
		return 0, err
	}
	return lakeLimit(ctx, args)
}

// inLake calls do for each name, with a client of its own for each worker.
func inLake(ctx context.Context, lake string, names []string, do func(client *hdfs.Client, root, name string) error) error {
	work := make(chan string)
	g, ctx := errgroup.WithContext(ctx)
	for range lakeWorkers {
		g.Go(func() error {
			client, root, err := dialLake(lake)
			if err != nil {
				return err
			}
			for name := range work {
				if err := do(client, root, name); err != nil {
					return errors.Join(fmt.Errorf("%s: %w", name, err), client.Close())
				}
			}
			return client.Close()
		})
	}
	g.Go(func() error {
		defer close(work)
		for _, name := range names {
			select {
			case work <- name:
			case <-ctx.Done():
				return nil // a worker has the reason
			}
		}
		return nil
	})
	return g.Wait()
}

// writeFile writes a file that is durable when it returns nil, and the folder that it is in.
func writeFile(ctx context.Context, client *hdfs.Client, name string, data []byte) error {
	w, err := client.Create(name)
	if errors.Is(err, fs.ErrNotExist) {
		if err := client.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		w, err = client.Create(name)
	}
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return errors.Join(err, w.Close())
	}
	reported := retry.Policy{First: 10 * time.Millisecond, Patience: time.Minute} // the block, by the DataNode
	return reported.Do(ctx, w.Close, hdfs.IsErrReplicating)
}
