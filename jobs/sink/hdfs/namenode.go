package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	client "github.com/colinmarc/hdfs/v2"

	"senmeteo/jobs/flow/crash"
	"senmeteo/jobs/retry"
)

// nameNode is an HDFS. Each operation has a client of its own, because a client serves one goroutine only; a client
// whose connection failed is closed.
type nameNode struct {
	addresses []string
	user      string
	root      string
	timeout   time.Duration

	defaults atomic.Pointer[fileDefaults] // of this run's files; nil before the first

	mu   sync.Mutex
	idle []*session
}

const (
	filePermissions   = 0o644
	folderPermissions = 0o755
)

func newNameNode(addresses []string, user, root string, timeout time.Duration) *nameNode {
	return &nameNode{addresses: addresses, user: user, root: root, timeout: timeout}
}

func (n *nameNode) path(name string) string { return path.Join(n.root, name) }

func (n *nameNode) ReadDir(ctx context.Context, name string) (out []fileInfo, err error) {
	err = n.do(ctx, func(c *client.Client) error {
		infos, err := c.ReadDir(n.path(name))
		if err != nil {
			return err
		}
		out = make([]fileInfo, len(infos))
		for i, info := range infos {
			out[i] = fileInfo{Name: info.Name(), Folder: info.IsDir(), Size: info.Size(), ModTime: info.ModTime()}
		}
		return nil
	})
	return out, err
}

func (n *nameNode) ReadFile(ctx context.Context, name string) (data []byte, err error) {
	err = n.do(ctx, func(c *client.Client) error {
		data, err = c.ReadFile(n.path(name))
		return err
	})
	return data, err
}

func (n *nameNode) WriteFile(ctx context.Context, name string, data []byte) error {
	return n.do(ctx, func(c *client.Client) error {
		w, err := n.create(c, n.path(name))
		if err != nil {
			return err
		}
		if err := writeAll(w, data); err != nil {
			_ = w.Close() // frees the writer's memory; the file is discarded
			return err
		}
		return n.complete(ctx, w)
	})
}

// fileDefaults are what the NameNode gives new files of a client that asks it.
type fileDefaults struct {
	replication int
	blockSize   int64
}

// create starts a file. The client's own way asks for the file before and for the defaults once a client: what they are we see
// from the first file on, and the NameNode refuses a name that exists anyway.
func (n *nameNode) create(c *client.Client, name string) (*client.FileWriter, error) {
	if d := n.defaults.Load(); d != nil {
		return c.CreateFile(name, d.replication, d.blockSize, filePermissions)
	}
	w, err := c.Create(name)
	if err != nil {
		return nil, err
	}
	if info, err := c.Stat(name); err == nil {
		if status, ok := info.Sys().(*client.FileStatus); ok && status.GetBlocksize() > 0 && status.GetBlockReplication() > 0 {
			n.defaults.Store(&fileDefaults{int(status.GetBlockReplication()), int64(status.GetBlocksize())})
		}
	}
	return w, nil
}

func writeAll(w *client.FileWriter, data []byte) error {
	if crash.Enabled {
		half := data[:len(data)/2]
		if _, err := w.Write(half); err != nil {
			return err
		}
		if err := w.Flush(); err != nil { // to the DataNode
			return err
		}
		crash.At("hdfs.mid-file")
		data = data[len(half):]
	}
	_, err := w.Write(data)
	return err
}

// complete closes a file. That is repeated until a DataNode has reported the last block to the NameNode: only then is
// the file whole.
func (n *nameNode) complete(ctx context.Context, w *client.FileWriter) error {
	policy := retry.Policy{First: 10 * time.Millisecond, Longest: time.Second, Patience: n.timeout}
	return policy.Do(ctx, w.Close, client.IsErrReplicating)
}

func (n *nameNode) Mkdir(ctx context.Context, name string) error {
	return n.do(ctx, func(c *client.Client) error { return c.MkdirAll(n.path(name), folderPermissions) })
}

func (n *nameNode) Rename(ctx context.Context, from, to string) error {
	return n.do(ctx, func(c *client.Client) error { return c.Rename(n.path(from), n.path(to)) })
}

func (n *nameNode) Remove(ctx context.Context, name string) error {
	return n.do(ctx, func(c *client.Client) error { return c.RemoveAll(n.path(name)) })
}

func (n *nameNode) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.idle {
		s.close()
	}
	n.idle = nil
	return nil
}

// do runs an operation with a client that no one else uses. When ctx ends, the operation fails.
func (n *nameNode) do(ctx context.Context, op func(*client.Client) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := n.session(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, s.abort)
	err = classify(op(s.client))
	if stop() && !errors.Is(err, errUnknown) && !s.broken() {
		n.mu.Lock()
		n.idle = append(n.idle, s)
		n.mu.Unlock()
	} else {
		s.close()
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w for the HDFS user %s", err, n.user)
	}
	return err
}

// session returns an idle session, or a new one.
func (n *nameNode) session(ctx context.Context) (*session, error) {
	n.mu.Lock()
	for len(n.idle) > 0 {
		s := n.idle[len(n.idle)-1]
		n.idle = n.idle[:len(n.idle)-1]
		if !s.broken() {
			n.mu.Unlock()
			return s, nil
		}
		s.close()
	}
	n.mu.Unlock()
	s, err := newSession(ctx, n.addresses, n.user, n.timeout)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: %w (%w)", errUnreachable, strings.Join(n.addresses, ", "), err, errTransient)
	}
	return s, nil
}

// Ends of the names of the Java exceptions that are told apart.
const (
	quotaException    = "QuotaExceededException" // for space, for names, for a storage type
	safeModeException = "SafeModeException"
)

// classify adds to an error of the client what it means to the lake.
func classify(err error) error {
	var remote client.Error
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrInvalid):
		return err
	case errors.As(err, &remote):
		text, _, _ := strings.Cut(remote.Message(), "\n")
		switch {
		case strings.HasSuffix(remote.Exception(), quotaException):
			return fmt.Errorf("%w: %s", errNoRoom, text)
		case strings.HasSuffix(remote.Exception(), safeModeException), strings.Contains(text, safeModeException):
			return fmt.Errorf("%w: %s (%w)", errSafeMode, text, errTransient)
		}
		return fmt.Errorf("%w: %s (%w)", err, text, errTransient)
	}
	return fmt.Errorf("%w: %w (%w)", errUnknown, err, errTransient)
}

var _ fileSystem = (*nameNode)(nil)
