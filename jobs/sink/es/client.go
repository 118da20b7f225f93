package es

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/elastic/elastic-transport-go/v8/elastictransport"
	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// request is one call of Elasticsearch's API.
type request struct {
	doing string        // for errors: "storing a batch"
	body  []byte        // JSON, or lines of JSON for _bulk; nil: none
	into  *bytes.Buffer // for the answer, which is good until it is used again; nil: a new one
	// api makes the call of this body; each attempt needs its own.
	api func(body io.Reader) esapi.Request
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
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	res, err := r.api(body).Do(ctx, s.client)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }() // it was read to its end, or nobody wants it
	into := cmp.Or(r.into, &bytes.Buffer{})
	if _, err := into.ReadFrom(io.LimitReader(res.Body, maxAnswer+1)); err != nil {
		return answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	if into.Len() > maxAnswer {
		return answer{}, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return answer{status: res.StatusCode, body: into.Bytes()}, nil
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

// productHeader is in every answer of Elasticsearch since 7.14, with the value product.
const (
	productHeader = "X-Elastic-Product"
	product       = "Elasticsearch"
)

// otherProduct is the error of an answer that Elasticsearch did not give.
type otherProduct struct{ status int }

func (e *otherProduct) Error() string {
	return fmt.Sprintf("status %d without the header %s", e.status, productHeader)
}

// checkProduct turns answers of other programs into errors. The client itself checks only the first success, and its error can't be
// recognised. What a proxy answers when it does not reach Elasticsearch, or refuses to, remains an answer with its status.
func checkProduct(next elastictransport.RoundTripFunc) elastictransport.RoundTripFunc {
	return func(req *http.Request) (*http.Response, error) {
		res, err := next(req)
		if err != nil || res.Header.Get(productHeader) == product || isFromProxy(res.StatusCode) {
			return res, err
		}
		_ = res.Body.Close() // nobody wants it
		return nil, &otherProduct{res.StatusCode}
	}
}

// isFromProxy reports whether a status is one that proxies give of their own accord.
func isFromProxy(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
