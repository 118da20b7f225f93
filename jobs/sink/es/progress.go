package es

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"senmeteo/jobs/flow"
)

// progress is a partition's document in the sink's index.
type progress struct {
	Topic      string    `json:"topic"`
	Partition  int32     `json:"partition"`
	Next       int64     `json:"next_offset"` // -1: a run has acquired the partition and stored nothing yet
	ClusterID  string    `json:"cluster_id"`
	TopicID    string    `json:"topic_id"`
	Epoch      int64     `json:"epoch"` // how often the topic was recreated
	Read       int64     `json:"read"`
	Written    int64     `json:"written"`
	Duplicates int64     `json:"duplicates"`
	Rejected   int64     `json:"rejected"`
	RunID      string    `json:"run_id"`
	Token      string    `json:"writer"` // fences: only the run that wrote it, the last to acquire the partition, may commit
	UpdatedAt  time.Time `json:"updated_at"`

	// What the next change is based on; found is false when there is no document.
	found              bool
	seqNo, primaryTerm int
}

// of reports whether the document was written for this topic, not for an earlier one of the same name.
func (p *progress) of(t flow.Topic, epoch int64) bool {
	return p.found && p.Topic == t.Name && p.ClusterID == t.ClusterID && p.TopicID == t.ID && p.Epoch == epoch
}

func progressID(topic string, partition int32) string {
	return topic + "-" + strconv.Itoa(int(partition))
}

// readProgress reads the documents of all partitions as they are now, not as of the last refresh.
func (s *Store) readProgress(ctx context.Context) ([]progress, error) {
	const doing = "asking how far the topic is stored"
	n := s.cfg.Topic.Partitions
	ids := make([]string, n)
	for p := range ids {
		ids[p] = progressID(s.cfg.Topic.Name, int32(p))
	}
	body, err := json.Marshal(map[string]any{"ids": ids})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	var found struct {
		Docs []struct {
			ID          string   `json:"_id"`
			Found       bool     `json:"found"`
			SeqNo       int      `json:"_seq_no"`
			PrimaryTerm int      `json:"_primary_term"`
			Source      progress `json:"_source"`
			Error       *cause   `json:"error"`
		} `json:"docs"`
	}
	r := request{doing: doing, body: body, refused: unread, api: func(body io.Reader) esapi.Request {
		return esapi.MgetRequest{Index: s.sinkIndex(), Body: body}
	}}
	if err := s.callFor(ctx, r, &found); err != nil {
		return nil, err
	}
	all := make([]progress, n)
	if len(found.Docs) != n {
		return nil, failed(ctx, doing, fmt.Errorf("it answered for %d documents instead of %d", len(found.Docs), n))
	}
	for i, d := range found.Docs {
		switch {
		case d.Error != nil: // no index: nothing was ever stored
		case d.ID != ids[i]:
			return nil, failed(ctx, doing, fmt.Errorf("it answered with document %q instead of %q", d.ID, ids[i]))
		case d.Found:
			all[i] = d.Source
			all[i].found, all[i].seqNo, all[i].primaryTerm = true, d.SeqNo, d.PrimaryTerm
		}
	}
	return all, nil
}

// unread finds a document that could not be read. Its shard may be about to start: another run has just created the index.
func unread(a answer) error {
	var found struct {
		Docs []struct {
			Error *cause `json:"error"`
		} `json:"docs"`
	}
	if json.Unmarshal(a.body, &found) != nil {
		return nil // decoding the whole answer reports it
	}
	for _, d := range found.Docs {
		if d.Error != nil && d.Error.Type != "index_not_found_exception" {
			return &refusal{status: http.StatusServiceUnavailable, cause: *d.Error}
		}
	}
	return nil
}

// writeProgress replaces a partition's document if it is still the one that was read as base. It returns false when it is not. That
// may be our own write: a request whose answer was lost is sent again.
func (s *Store) writeProgress(ctx context.Context, base, p progress) (bool, error) {
	p.UpdatedAt = time.Now().UTC()
	body, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("storing the offset: %w", err)
	}
	r := request{doing: "storing the offset", body: body, api: func(body io.Reader) esapi.Request {
		index := esapi.IndexRequest{Index: s.sinkIndex(), DocumentID: progressID(p.Topic, p.Partition), Body: body}
		if base.found {
			index.IfSeqNo, index.IfPrimaryTerm = &base.seqNo, &base.primaryTerm
		} else {
			index.OpType = "create"
		}
		return index
	}}
	a, err := s.call(ctx, r, http.StatusConflict)
	return err == nil && a.status != http.StatusConflict, err
}

// Progress implements flow.Store.
func (s *Store) Progress(ctx context.Context) (map[int32]flow.Progress, error) {
	all, err := s.readProgress(ctx)
	if err != nil {
		return nil, err
	}
	out := map[int32]flow.Progress{}
	for _, p := range all {
		if p.found && p.Next >= 0 {
			out[p.Partition] = flow.Progress{
				TopicID: p.TopicID, Next: p.Next,
				Read: p.Read, Written: p.Written, Duplicates: p.Duplicates, Rejected: p.Rejected, UpdatedAt: p.UpdatedAt,
			}
		}
	}
	return out, nil
}

// epochOf returns the epoch of our topic, and the partitions that were stored from another topic or an earlier one of its name.
func epochOf(all []progress, t flow.Topic) (epoch int64, foreign []progress) {
	ours, found := false, false
	for _, p := range all {
		epoch = max(epoch, p.Epoch)
	}
	for _, p := range all {
		ours, found = ours || p.of(t, epoch), found || p.found
	}
	if found && !ours {
		epoch++
	}
	for _, p := range all {
		if p.found && !p.of(t, epoch) {
			foreign = append(foreign, p)
		}
	}
	return epoch, foreign
}

func recreated(t flow.Topic, partition int32) error {
	return flow.Fail(flow.Usage, "topic %s is not the one that partition %d was stored from: it was deleted and recreated; say --new-topic to start from its beginning", t.Name, partition)
}
