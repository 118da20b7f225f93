package bench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// elasticsearchJob is `to-es`: all of the clean topic into indices that do not exist yet.
func elasticsearchJob() job {
	return job{name: "to-es", needs: []string{needsKafka, needsElasticsearch}, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		observations, err := r.clean(ctx)
		if err != nil {
			return 0, nil, err
		}
		r.cleanup = append(r.cleanup, r.withoutIndices)
		path := filepath.Join(r.Dir, "items.ndjson")
		items, err := r.recordBulks(ctx, path)
		if err != nil {
			return 0, nil, err
		}
		bulk := r.limit(r.withoutDocuments, "bulk", "-url", r.Servers.Elasticsearch, "-file", path)
		bulk.counts = items
		return observations, append(r.builds(r.withoutIndices, "to-es", "--es-url", r.Servers.Elasticsearch), bulk), nil
	}}
}

// recordBulks lets the program fill the indices through a proxy and keeps the bodies of its _bulk requests in a file. It returns
// how many items they have. The template of the indices stays.
func (r *runner) recordBulks(ctx context.Context, path string) (items int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	target, err := url.Parse(r.Servers.Elasticsearch)
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	rec := &recorder{to: bufio.NewWriterSize(f, 1<<20), next: httputil.NewSingleHostReverseProxy(target)}
	proxy := httptest.NewServer(rec)
	out, err := r.program(ctx, "to-es", "--es-url", proxy.URL)
	proxy.Close()
	if err = errors.Join(err, rec.err, rec.to.Flush(), f.Close()); err != nil {
		return 0, err
	}
	stored, err := written(out)
	if err != nil {
		return 0, err
	}
	bytes, err := r.indexBytes(ctx)
	r.results.size("Elasticsearch", stored, bytes, 0)
	return rec.items, err
}

// recorder passes requests on, and writes the bodies of _bulk requests to a file.
type recorder struct {
	next http.Handler

	mu    sync.Mutex
	to    *bufio.Writer
	items int64
	err   error
}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if strings.HasSuffix(req.URL.Path, "/_bulk") {
		body, err := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		if err == nil && req.Header.Get("Content-Encoding") == "gzip" {
			body, err = unzipped(body)
		}
		rec.keep(body, err)
	}
	rec.next.ServeHTTP(w, req)
}

func (rec *recorder) keep(body []byte, err error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if err == nil {
		_, err = rec.to.Write(body)
	}
	rec.items += int64(bytes.Count(body, []byte{'\n'})) / 2
	rec.err = errors.Join(rec.err, err)
}

func unzipped(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// withoutIndices deletes the indices of the bench.
func (r *runner) withoutIndices(ctx context.Context) error { return r.dropIndices(ctx, r.Prefix+"-") }

// withoutDocuments deletes the indices that hold observations; their template stays.
func (r *runner) withoutDocuments(ctx context.Context) error {
	return r.dropIndices(ctx, r.Prefix+"-clean-")
}

func (r *runner) dropIndices(ctx context.Context, prefix string) error {
	indices, err := r.indices(ctx)
	if err != nil {
		return err
	}
	for name := range indices {
		if strings.HasPrefix(name, prefix) {
			if err := r.Servers.search(ctx, http.MethodDelete, "/"+name, nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// indices returns the bytes of each index whose name begins like those of the bench.
func (r *runner) indices(ctx context.Context) (map[string]int64, error) {
	var stats struct {
		Indices map[string]struct {
			Primaries struct {
				Store struct {
					Size int64 `json:"size_in_bytes"`
				} `json:"store"`
			} `json:"primaries"`
		} `json:"indices"`
	}
	err := r.Servers.search(ctx, http.MethodGet, "/"+r.Prefix+"*/_stats/store?expand_wildcards=all", nil, &stats)
	sizes := map[string]int64{}
	for name, index := range stats.Indices {
		sizes[name] = index.Primaries.Store.Size
	}
	return sizes, err
}

// indexBytes returns what the indices take once they are merged.
func (r *runner) indexBytes(ctx context.Context) (total int64, err error) {
	if err := r.Servers.search(ctx, http.MethodPost, "/"+r.Prefix+"-clean-*/_forcemerge?max_num_segments=1", nil, nil); err != nil {
		return 0, err
	}
	indices, err := r.indices(ctx)
	for name, bytes := range indices {
		if strings.HasPrefix(name, r.Prefix+"-clean-") {
			total += bytes
		}
	}
	return total, err
}

// refusal is an answer of Elasticsearch that is not a success.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return "asking Elasticsearch: " + r.text }

// search sends a request to Elasticsearch and decodes the answer, unless answer is nil.
func (s Servers) search(ctx context.Context, method, path string, body io.Reader, answer any) (err error) {
	request, err := http.NewRequestWithContext(ctx, method, s.Elasticsearch+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return &refusal{status: response.StatusCode, text: fmt.Sprintf("%s %s: %s: %s", method, path, response.Status, tail(string(text)))}
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// bulkLimit sends the items of a file by two workers, in requests of 5 MB.
func bulkLimit(ctx context.Context, args []string) (items int64, err error) {
	const workers, size = 2, 5 << 20
	var s Servers
	var path string
	flags := flag.NewFlagSet("bulk", flag.ContinueOnError)
	flags.StringVar(&s.Elasticsearch, "url", "", "")
	flags.StringVar(&path, "file", "", "pairs of lines of _bulk")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // it was only read
	bodies := make(chan []byte)
	g, ctx := errgroup.WithContext(ctx)
	for range workers {
		g.Go(func() error {
			for body := range bodies {
				if err := s.bulk(ctx, body); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(bodies)
		items, err = eachBody(ctx, bufio.NewReaderSize(f, 1<<20), size, bodies)
		return err
	})
	err = g.Wait()
	return items, err
}

// eachBody sends pairs of lines on, about size bytes of them at once, and returns how many pairs.
func eachBody(ctx context.Context, lines *bufio.Reader, size int, bodies chan<- []byte) (items int64, err error) {
	body := make([]byte, 0, size+size/4)
	for n := 1; err == nil; n++ {
		var line []byte
		line, err = lines.ReadSlice('\n')
		body = append(body, line...)
		if whole := n%2 == 0; whole && err == nil {
			items++
		}
		if n%2 == 0 && len(body) >= size || errors.Is(err, io.EOF) && len(body) > 0 {
			select {
			case bodies <- body:
			case <-ctx.Done():
				return items, ctx.Err()
			}
			body = make([]byte, 0, cap(body))
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return items, err
}

// bulk sends one request. That a newer version is there is not an error.
func (s Servers) bulk(ctx context.Context, body []byte) error {
	var answer struct {
		Errors bool `json:"errors"`
		Items  []map[string]struct {
			Error struct{ Type, Reason string } `json:"error"`
		} `json:"items"`
	}
	if err := s.search(ctx, http.MethodPost, "/_bulk?filter_path=errors,items.*.error", bytes.NewReader(body), &answer); err != nil {
		return err
	}
	for _, item := range answer.Items {
		for _, result := range item {
			if result.Error.Type != "version_conflict_engine_exception" {
				return fmt.Errorf("an item was refused: %s: %s", result.Error.Type, result.Error.Reason)
			}
		}
	}
	return nil
}
