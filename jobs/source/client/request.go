package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Request is one page or document to get.
type Request struct {
	URL    string
	Header http.Header // beside User-Agent

	// Before is called before each attempt; its error ends the request. It can hold a budget. nil: nothing.
	Before func(context.Context) error
	// Wait returns how long an answer asks to wait, where its Retry-After header does not say. nil: it does not.
	Wait func(*StatusError) (time.Duration, bool)
	// Fits looks at an answer with a good status, and may correct it; its error makes the attempt one that is repeated. nil:
	// all fit.
	Fits func(*Response) error
}

// Response is a whole answer with a status of 200 to 299.
type Response struct {
	Status int
	Header http.Header
	Body   []byte // decompressed

	secrets []string
}

// Said is what the answer says in words, for an error: one line of bounded length, without the secrets of the request;
// "" when it says nothing.
func (r *Response) Said() string { return said(r.Body, r.secrets) }

// Get asks until an answer is good, will never be good, or the attempts are used up. The error is a
// *StatusError, *RefusedError, *TooLargeError or *LaterError, that of Before or of the context, or says
// what kept the answer from coming; Transient distinguishes them.
func (c *Client) Get(ctx context.Context, r *Request) (*Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, &RefusedError{Reason: "the address can't be read"} // it may hold a secret
	}
	if err := c.checkURL(u); err != nil {
		return nil, err
	}
	var last error
	for attempt := 1; ; attempt++ {
		if r.Before != nil {
			if err := r.Before(ctx); err != nil {
				return nil, join(last, err)
			}
		}
		response, err := c.attempt(ctx, u, r)
		if err == nil || ctx.Err() != nil || !Transient(err) {
			return response, err
		}
		last = err
		wait, err := c.wait(attempt, r, last)
		if err != nil {
			return nil, err
		}
		if attempt == c.cfg.Attempts {
			return nil, fmt.Errorf("%w (tried %d times)", last, attempt)
		}
		if end, ok := ctx.Deadline(); ok && c.cfg.Now().Add(wait).After(end) {
			return nil, fmt.Errorf("%w (no time left to try again)", last)
		}
		if err := c.cfg.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// join explains why no further attempt was made after one that failed.
func join(last, err error) error {
	if last == nil {
		return err
	}
	return fmt.Errorf("%w (no further attempt: %w)", last, err)
}

// wait is the time before the next attempt: what the server asks for, or half to all of a time that doubles.
func (c *Client) wait(attempt int, r *Request, last error) (time.Duration, error) {
	backoff := c.cfg.FirstWait << min(attempt-1, 16)
	backoff = min(backoff, c.cfg.MostWait)
	backoff = backoff/2 + time.Duration(c.cfg.Jitter()*float64(backoff/2))
	var status *StatusError
	if !errors.As(last, &status) {
		return backoff, nil
	}
	asked, ok := status.RetryAfter(c.cfg.Now())
	if !ok && r.Wait != nil {
		asked, ok = r.Wait(status)
	}
	switch {
	case !ok:
		return backoff, nil
	case asked > c.cfg.MostWait:
		return 0, &LaterError{Until: c.cfg.Now().Add(asked), Err: last}
	}
	return asked + time.Duration(c.cfg.Jitter()*float64(c.cfg.FirstWait)), nil
}

// attempt asks once.
func (c *Client) attempt(ctx context.Context, u *url.URL, r *Request) (*Response, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, fmt.Errorf("no whole answer in %s", c.cfg.Timeout))
	defer cancel()
	where := place(u)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, &RefusedError{Reason: "no request can be made of the address of " + where}
	}
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, failure(ctx, where, err)
	}
	defer func() { _ = answer.Body.Close() }() // what matters was read, or the error is known
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10)) // the status says enough without it
		return nil, &StatusError{URL: where, Status: answer.StatusCode, Header: answer.Header, Said: said(body, r.secrets())}
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.cfg.MaxBody+1))
	if err != nil {
		return nil, failure(ctx, where, err)
	}
	if int64(len(body)) > c.cfg.MaxBody {
		return nil, &TooLargeError{URL: where, Max: c.cfg.MaxBody}
	}
	response := &Response{Status: answer.StatusCode, Header: answer.Header, Body: body, secrets: r.secrets()}
	if r.Fits != nil {
		if err := r.Fits(response); err != nil {
			return nil, &unfitError{url: where, err: err}
		}
	}
	return response, nil
}

// failure strips the URL, whose query may be secret or long, off an error of net/http. The end of the
// caller's context is returned as it is, unlike a time-out of the attempt.
func failure(ctx context.Context, where string, err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	var refused *RefusedError
	if errors.As(err, &refused) {
		return fmt.Errorf("asking %s: %w", where, refused)
	}
	return &transportError{url: where, err: err}
}

// place is the part of a URL that may be shown.
func place(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }
