package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// limitFunc does the durable work of a job and returns how many records it moved.
type limitFunc func(ctx context.Context, args []string) (int64, error)

// limits are the limits that are programs of this package, by name. The arguments of each are in its file.
var limits = map[string]limitFunc{
	"fetch":     fetchLimit,
	"stream":    streamLimit,
	"idle":      idleLimit,
	"lake":      lakeLimit,
	"compact":   compactLimit,
	"bulk":      bulkLimit,
	"reconcile": reconcileLimit,
	"review":    reviewLimit,
}

// Limit runs a limit: its name and its arguments. It ends with a line like that of the jobs.
func Limit(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || limits[args[0]] == nil {
		return fmt.Errorf("there is no limit %q", args)
	}
	records, err := limits[args[0]](ctx, args[1:])
	if err != nil {
		return fmt.Errorf("limit of %s: %w", args[0], err)
	}
	line, _ := json.Marshal(report{Read: records, Written: records}) // numbers always marshal
	_, err = fmt.Fprintln(out, string(line))
	return err
}
