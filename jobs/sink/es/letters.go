package es

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"senmeteo/jobs/deadletter/letter"
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Letters keeps the dead letters of a topic in an index, without the records that were refused. It implements flow.Sink: the topic's
// offsets are documents of meteo-sink, and are moved by the same rule as those of observations.
type Letters struct{ *Store }

// OpenLetters is Open for the dead letters: the topic of the configuration is theirs.
func OpenLetters(ctx context.Context, cfg Config) (*Letters, error) {
	s, err := Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &Letters{s}, nil
}

// Commit implements flow.Sink. Written are the letters that were not there.
func (l *Letters) Commit(ctx context.Context, b *flow.Batch) (flow.Outcome, error) {
	return l.commit(ctx, b, l.storeLetters)
}

// letterDocument is a dead letter as the index holds it.
type letterDocument struct {
	WrittenAt time.Time    `json:"@timestamp"`
	Topic     string       `json:"topic"` // with TopicID, Partition and Offset: where the record came from
	TopicID   string       `json:"topic_id,omitempty"`
	Partition int32        `json:"partition"`
	Offset    int64        `json:"offset"`
	Stage     string       `json:"stage"`
	Reason    meteo.Reason `json:"reason"`
	Message   string       `json:"message"`
	RunID     string       `json:"run_id,omitempty"`
	Attempt   int          `json:"attempt"`
	CutBytes  int          `json:"cut_bytes,omitempty"`
	StationID string       `json:"station_id,omitempty"` // the record's key, where it is a station's id
	Replayed  bool         `json:"replayed"`
}

// replayedMark is what the mark of a replay changes in the document of its letter.
type replayedMark struct {
	Doc struct {
		Replayed   bool      `json:"replayed"`
		ReplayedAt time.Time `json:"replayed_at"`
	} `json:"doc"`
}

// storeLetters stores the dead letters of a batch and the marks of those that were sent back. A letter that is there stays as it is, so
// that the request may be repeated as a whole.
func (s *Store) storeLetters(ctx context.Context, b *flow.Batch, _ int64) (flow.Outcome, error) {
	const doing = "storing dead letters"
	var out flow.Outcome
	var body []byte
	for i := range b.Records {
		l := letter.Read(&b.Records[i])
		if l.Stage == "" || l.Topic == "" {
			out.Rejected++
			s.cfg.Logger.Warn("leaving out a record of the dead-letter topic that is not a dead letter", "partition", b.Partition, "offset", b.Records[i].Offset)
			continue
		}
		var err error
		if body, err = appendLetter(body, s.letterIndex(), &l, b.Records[i].Time.UTC()); err != nil {
			return out, fmt.Errorf("%s: %w", doing, err)
		}
	}
	if len(body) == 0 {
		return out, nil
	}
	a, err := s.call(ctx, request{doing: doing, body: body, refused: refusedLetter, api: func(body io.Reader) esapi.Request {
		return esapi.BulkRequest{Body: body}
	}})
	if err != nil {
		return out, err
	}
	results, err := readLetters(a)
	if err != nil {
		return out, failed(ctx, doing, err)
	}
	for _, r := range results {
		if r.Status == http.StatusCreated {
			out.Written++
		}
	}
	out.Duplicates = int64(len(b.Records)) - out.Written - out.Rejected
	return out, nil
}

// appendLetter appends the two lines of a letter, or of the mark that it was sent back, for _bulk.
func appendLetter(dst []byte, index string, l *letter.Letter, written time.Time) ([]byte, error) {
	verb := "create"
	var content any
	if l.Replayed {
		verb = "update"
		mark := replayedMark{}
		mark.Doc.Replayed, mark.Doc.ReplayedAt = true, written
		content = mark
	} else {
		doc := letterDocument{
			WrittenAt: written, Topic: l.Topic, TopicID: l.TopicID, Partition: l.Partition, Offset: l.Offset, Stage: l.Stage,
			Reason: l.Reason, Message: l.Message, RunID: l.RunID, Attempt: l.Attempt, CutBytes: l.Cut,
		}
		if _, known := meteo.StationByID(string(l.Key)); known {
			doc.StationID = string(l.Key)
		}
		content = doc
	}
	text, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	dst = fmt.Appendf(dst, `{%q:{"_index":%q,"_id":%q}}`+"\n", verb, index, letterID(l.ID()))
	return append(append(dst, text...), '\n'), nil
}

// letterID is the _id of a letter: it follows from where the record came from, and from the job that refused it.
func letterID(id letter.ID) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d %q", id.Topic, id.TopicID, id.Partition, id.Offset, id.Stage))
	return hex.EncodeToString(sum[:16])
}

// readLetters returns the results of the items, whatever was done.
func readLetters(a answer) ([]itemResult, error) {
	var answered struct {
		Items []map[string]itemResult `json:"items"`
	}
	if err := json.Unmarshal(a.body, &answered); err != nil {
		return nil, fmt.Errorf("%w: %w", errIncomplete, err)
	}
	var results []itemResult
	for _, item := range answered.Items {
		for _, result := range item {
			results = append(results, result)
		}
	}
	return results, nil
}

// refusedLetter finds an item that was not done. A letter that is there already is done, and so is a mark that finds no letter,
// which the topic had deleted before it was read.
func refusedLetter(a answer) error {
	results, err := readLetters(a)
	if err != nil {
		return nil // storeLetters reports it
	}
	for _, r := range results {
		switch r.Status {
		case http.StatusOK, http.StatusCreated, http.StatusConflict, http.StatusNotFound:
		default:
			return &refusal{status: r.Status, cause: r.Error}
		}
	}
	return nil
}
