package es

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// request is one call of Elasticsearch's REST API.
type request struct {
	doing  string // for errors: "storing a batch"
	method string
	path   string // with its query
	body   []byte // JSON, or lines of JSON for _bulk
	// refused, when not nil, finds the refusals within an answer of status 200, which is not a success then.
	refused func(answer) error
}

// answer is what came back, whole.
type answer struct {
	status int
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// maxAnswer bounds what is read of an answer, in bytes. The largest is a page of revisions.
const maxAnswer = 64 << 20

// send sends a request once. An error means that there is no answer, or only a part of it: nobody knows what was done.
func (s *Store) send(ctx context.Context, r request) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, r.path, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Perform(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }() // it was read to its end, or nobody wants it
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	if len(body) > maxAnswer {
		return answer{}, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return answer{status: res.StatusCode, body: body}, nil
}

// call sends a request until it is answered by something else than "not now". It is for requests that may arrive twice. The answer
// is a success or has one of the expected statuses.
func (s *Store) call(ctx context.Context, r request, expected ...int) (a answer, err error) {
	err = s.cfg.retries().Do(ctx, func() error {
		a, err = s.send(ctx, r)
		switch {
		case err != nil:
		case a.ok() && r.refused != nil:
			err = r.refused(a)
		case !a.ok() && !slices.Contains(expected, a.status):
			err = refusalOf(a)
		}
		return err
	}, retryable)
	return a, failed(ctx, r.doing, err)
}

// callFor is call with an answer that is decoded.
func (s *Store) callFor(ctx context.Context, r request, into any, expected ...int) error {
	a, err := s.call(ctx, r, expected...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return failed(ctx, r.doing, fmt.Errorf("the answer is not Elasticsearch's: %w", err))
	}
	return nil
}
