package es

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"senmeteo/jobs/flow"
)

func badURL() error {
	return flow.Fail(flow.Usage, "the Elasticsearch URL can't be read: --es-url is like https://es.example:9200, several separated by commas (a password belongs in the file that SENMETEO_ES_URL_FILE or --es-password-file names)")
}

// cause is the error object in an answer of Elasticsearch, and in the items of a bulk answer.
type cause struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

// refusal is an answer of Elasticsearch that is not a success.
type refusal struct {
	status int
	cause  cause
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("status %d", r.status)
	if r.cause.Type != "" {
		text += " " + r.cause.Type
	}
	if r.cause.Reason != "" {
		text += ": " + r.cause.Reason
	}
	return text
}

func refusalOf(a answer) error {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	r := &refusal{status: a.status}
	if json.Unmarshal(a.body, &body) == nil && json.Unmarshal(body.Error, &r.cause) != nil {
		_ = json.Unmarshal(body.Error, &r.cause.Reason) // some errors are plain text; a proxy's page is neither
	}
	return r
}

// isBusy reports whether a status means "not now": a full queue, a full disk, a shard or a node that is away.
func isBusy(status int) bool {
	return status == http.StatusTooManyRequests || status >= 500
}

// retryable reports whether the same request may succeed later: no whole answer came, or one that means "not now".
func retryable(err error) bool {
	var r *refusal
	if errors.As(err, &r) {
		return isBusy(r.status)
	}
	var other *otherProduct
	return !isCertificate(err) && !errors.As(err, &other)
}

// isCertificate reports whether the server's certificate was refused.
func isCertificate(err error) bool {
	var ce *tls.CertificateVerificationError
	return errors.As(err, &ce)
}

// recordFaults are the types of errors with status 400 whose reason is the document itself. Others with that status are
// conditions of the cluster: too many shards, a closed index, a pipeline that is missing.
var recordFaults = map[string]bool{
	"document_parsing_exception":       true,
	"mapper_parsing_exception":         true,
	"strict_dynamic_mapping_exception": true,
}

// isRecordFault reports whether an item failed because of what is in it.
func (r *refusal) isRecordFault() bool {
	return r.status == http.StatusBadRequest && recordFaults[r.cause.Type]
}

// failed classifies an error of a request, which is the context's when that has ended. Neither URL nor secrets are part of it.
func failed(ctx context.Context, doing string, err error) error {
	var known *flow.Failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	var r *refusal
	if errors.As(err, &r) {
		return r.failed(doing)
	}
	var other *otherProduct
	switch {
	case errors.As(err, &other):
		return flow.Fail(flow.Unavailable, "%s: what answers is not Elasticsearch (%s): check --es-url, and that a proxy before Elasticsearch keeps this header", doing, other)
	case isCertificate(err):
		return flow.Fail(flow.Unavailable, "%s: Elasticsearch's certificate is not trusted: name the file of its authority with --es-ca (%s)", doing, oneLine(err.Error()))
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", doing, err)
	}
	return flow.Fail(flow.Unavailable, "%s: Elasticsearch does not answer: is it running, and is --es-url right? (%s)", doing, oneLine(err.Error()))
}

func (r *refusal) failed(doing string) error {
	answer := oneLine(r.Error())
	switch {
	case r.status == http.StatusUnauthorized:
		return flow.Fail(flow.Unavailable, "%s: Elasticsearch does not accept the login (%s): check the API key or the user and password; nothing is lost", doing, answer)
	case r.cause.Type == "cluster_block_exception" && r.status == http.StatusTooManyRequests:
		return flow.Fail(flow.CantWrite, "%s: Elasticsearch has no room left on its disk (%s): make room, then run it again; nothing is lost", doing, answer)
	case r.cause.Type == "cluster_block_exception":
		return flow.Fail(flow.Unavailable, "%s: an index is read-only (%s): remove the block, then run it again; nothing is lost", doing, answer)
	case r.status == http.StatusForbidden:
		return flow.Fail(flow.Unavailable, "%s: Elasticsearch refuses (%s): the user or API key needs manage_index_templates on the cluster and all on the indices; nothing is lost", doing, answer)
	case r.status == http.StatusRequestEntityTooLarge:
		return flow.Fail(flow.Unavailable, "%s: Elasticsearch, or a proxy before it, refuses a request of %d MiB: raise its limit; nothing is lost", doing, maxBulk>>20)
	case isBusy(r.status):
		return flow.Fail(flow.Unavailable, "%s: Elasticsearch is too busy or not ready (%s): run it again later; nothing is lost", doing, answer)
	}
	return flow.Fail(flow.Unavailable, "%s: Elasticsearch answers with %s; nothing is lost", doing, answer)
}

// oneLine is a text on one line and short: Elasticsearch quotes documents in its reasons.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const enough = 300
	if len(text) > enough {
		text = strings.ToValidUTF8(text[:enough], "") + "…"
	}
	return text
}
