package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	client "github.com/colinmarc/hdfs/v2"

	"senmeteo/jobs/flow/crash"
)

// nameNode is an HDFS. Each operation has a client of its own, for a client serves one goroutine only; a client
// whose connection failed is dropped.
type nameNode struct {
	addresses []string
	user      string
	root      string
	timeout   time.Duration

	mu   sync.Mutex
	idle []*session
}

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
		w, err := c.Create(n.path(name))
		if err != nil {
			return err
		}
		if err := writeAll(w, data); err != nil {
			_ = w.Close() // frees what the writer holds here; the file is of no use
			return err
		}
		return n.complete(ctx, w)
	})
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

// complete closes a file until the NameNode has heard of its last block from a DataNode: only then it is whole.
func (n *nameNode) complete(ctx context.Context, w *client.FileWriter) error {
	deadline := time.Now().Add(n.timeout)
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := w.Close()
		if !client.IsErrReplicating(err) || time.Now().After(deadline) || !sleep(ctx, pause) {
			return err
		}
	}
}

func (n *nameNode) Mkdir(ctx context.Context, name string) error {
	return n.do(ctx, func(c *client.Client) error { return c.MkdirAll(n.path(name), 0o755) })
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
		s.drop()
	}
	n.idle = nil
	return nil
}

// do runs an operation with a client that no one else uses. When ctx ends, the operation fails.
func (n *nameNode) do(ctx context.Context, op func(*client.Client) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := n.take(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, s.cut)
	err = classed(op(s.client))
	if stop() && !errors.Is(err, errLost) && !s.broken() {
		n.mu.Lock()
		n.idle = append(n.idle, s)
		n.mu.Unlock()
	} else {
		s.drop()
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w for the HDFS user %s", err, n.user)
	}
	return err
}

// take returns an idle session, or a new one.
func (n *nameNode) take(ctx context.Context) (*session, error) {
	n.mu.Lock()
	for len(n.idle) > 0 {
		s := n.idle[len(n.idle)-1]
		n.idle = n.idle[:len(n.idle)-1]
		if !s.broken() {
			n.mu.Unlock()
			return s, nil
		}
		s.drop()
	}
	n.mu.Unlock()
	s, err := newSession(ctx, n.addresses, n.user, n.timeout)
	if err != nil {
		return nil, fmt.Errorf("%w at %s: %w (%w)", errUnreachable, strings.Join(n.addresses, ", "), err, errPassing)
	}
	return s, nil
}

// Ends of the names of Java exceptions that decide something.
const (
	quotaException    = "QuotaExceededException" // for space, for names, for a storage type
	safeModeException = "SafeModeException"
)

// classed adds to an error of the client what it means to the lake.
func classed(err error) error {
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
			return fmt.Errorf("%w: %s (%w)", errSafeMode, text, errPassing)
		}
		return fmt.Errorf("%w: %s (%w)", err, text, errPassing)
	}
	return fmt.Errorf("%w: %w (%w)", errLost, err, errPassing)
}

var _ fileSystem = (*nameNode)(nil)
