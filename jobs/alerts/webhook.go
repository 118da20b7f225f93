package alerts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/query"
	"senmeteo/jobs/retry"
)

// How a webhook is called: PostgreSQL ends a transaction that is idle for 30 seconds (idle_in_transaction_session_timeout).
const (
	callTimeout = 8 * time.Second
	calls       = 2
	callPause   = time.Second
	mostAnswer  = 512 // bytes of an answer that an error quotes
)

// Webhook sends incidents to a URL. Slack, Mattermost and others show the member `text`; other receivers read the rest.
type Webhook struct {
	url  string // a secret: it is not in any error
	http *http.Client
}

// NewWebhook checks a URL.
func NewWebhook(address string) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, flow.Fail(flow.Usage, "--webhook-url-file does not hold the URL of a webhook: it begins with https://")
	}
	return &Webhook{url: address, http: &http.Client{Timeout: callTimeout}}, nil
}

// body is what is posted.
type body struct {
	Text     string     `json:"text"`
	Key      string     `json:"key"`   // the same in each attempt, also as the header Idempotency-Key
	Event    string     `json:"event"` // opened or closed
	Incident int64      `json:"incident"`
	Kind     string     `json:"kind"`
	Subject  string     `json:"subject"`
	Message  string     `json:"message"`
	OpenedAt time.Time  `json:"opened_at"`
	ClosedAt *time.Time `json:"closed_at,omitempty"`
}

func bodyOf(i *query.Incident, closing bool) body {
	b := body{Text: Text(i, closing), Event: "opened", Incident: i.ID, Kind: i.Kind, Subject: i.Subject, Message: i.Message, OpenedAt: i.OpenedAt}
	if closing {
		b.Event, b.ClosedAt = "closed", &i.ClosedAt
	}
	b.Key = fmt.Sprintf("senmeteo-%d-%s", i.ID, b.Event)
	return b
}

// Text says for people what was opened or closed.
func Text(i *query.Incident, closing bool) string {
	if closing {
		return fmt.Sprintf("[closed] %s: over since %s, after %s", i.Message, minute(i.ClosedAt), short(i.ClosedAt.Sub(i.OpenedAt).Round(time.Second)))
	}
	return "[opened] " + i.Message
}

// Send posts one opening or closing. Time-outs, 429 and 5xx are tried again; any 2xx means that it was taken.
func (w *Webhook) Send(ctx context.Context, i *query.Incident, closing bool) error {
	b := bodyOf(i, closing)
	content, err := json.Marshal(b)
	if err != nil {
		return err
	}
	policy := retry.Policy{First: callPause, Attempts: calls}
	return policy.Do(ctx, func() error { return w.call(ctx, b.Key, content) }, func(err error) bool { return flow.ClassOf(err) == flow.Unavailable })
}

func (w *Webhook) call(ctx context.Context, key string, content []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(content))
	if err != nil {
		return flow.Fail(flow.Usage, "--webhook-url-file does not hold the URL of a webhook")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := w.http.Do(request)
	if err != nil {
		return flow.Fail(flow.Unavailable, "the webhook does not answer: %w; what is not sent is sent by the next run", withoutURL(err))
	}
	answer, _ := io.ReadAll(io.LimitReader(response.Body, mostAnswer)) // for an error alone
	_ = response.Body.Close()
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return nil
	case code == http.StatusTooManyRequests, code >= 500:
		return flow.Fail(flow.Unavailable, "the webhook answers %s: %q; what is not sent is sent by the next run", response.Status, answer)
	default:
		return flow.Fail(flow.Usage, "the webhook refuses with %s: %q: check the URL in --webhook-url-file", response.Status, answer)
	}
}

// withoutURL leaves the URL of a request out of its error.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
