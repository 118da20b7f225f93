package gates

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// IsBulk reports whether it is a bulk request.
func IsBulk(r Passing) bool { return r.URL.Path == "/_bulk" }

// IsOffset reports whether it stores a partition's offset.
func IsOffset(r Passing) bool {
	return r.Method == http.MethodPut && strings.Contains(r.URL.Path, "-sink/_doc/")
}

// IsRead reports whether it asks how far partitions are stored.
func IsRead(r Passing) bool { return strings.HasSuffix(r.URL.Path, "/_mget") }

// BulkAnswer is Elasticsearch's answer to a bulk request.
type BulkAnswer struct {
	Items []map[string]BulkItem `json:"items"`
}

// BulkItem is what it says of one item.
type BulkItem struct {
	ID     string            `json:"_id"`
	Status int               `json:"status"`
	Error  map[string]string `json:"error,omitempty"`
}

// ReadBulk reads it.
func ReadBulk(rec *httptest.ResponseRecorder) *BulkAnswer {
	a := &BulkAnswer{}
	if err := json.Unmarshal(rec.Body.Bytes(), a); err != nil {
		panic(http.ErrAbortHandler)
	}
	return a
}

// Say answers with it.
func (a *BulkAnswer) Say(w http.ResponseWriter) {
	text, err := json.Marshal(a)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	Say(w, http.StatusOK, string(text))
}

// Dropped breaks the connection before the request arrives.
func Dropped(http.ResponseWriter, Passing) bool { panic(http.ErrAbortHandler) }

// NoAnswer breaks it when the request was served.
func NoAnswer(_ http.ResponseWriter, r Passing) bool {
	r.Forward()
	panic(http.ErrAbortHandler)
}

// CutAnswer gives the first half of the answer and breaks the connection.
func CutAnswer(w http.ResponseWriter, r Passing) bool {
	rec := r.Forward()
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
	_ = http.NewResponseController(w).Flush() // then the connection breaks
	panic(http.ErrAbortHandler)
}

// GatewayTimeout gives the answer up, as a proxy in between does.
func GatewayTimeout(w http.ResponseWriter, r Passing) bool {
	r.Forward()
	Page(w, http.StatusGatewayTimeout)
	return true
}

// BadGateway is the page of a proxy that does not reach the server.
func BadGateway(w http.ResponseWriter, _ Passing) bool {
	Page(w, http.StatusBadGateway)
	return true
}

// Busy is the answer of a full queue.
func Busy(w http.ResponseWriter, _ Passing) bool {
	Say(w, http.StatusTooManyRequests, `{"error":{"type":"es_rejected_execution_exception","reason":"queue full"},"status":429}`)
	return true
}

// NoShard is the answer for documents of an index that was just made: a success, in which each document is an error.
func NoShard(w http.ResponseWriter, r Passing) bool {
	var asked struct{ IDs []string }
	if json.Unmarshal(r.Body, &asked) != nil {
		panic(http.ErrAbortHandler)
	}
	docs := make([]string, len(asked.IDs))
	for i := range docs {
		docs[i] = `{"error":{"type":"no_shard_available_action_exception","reason":"No shard available"}}`
	}
	Say(w, http.StatusOK, `{"docs":[`+strings.Join(docs, ",")+`]}`)
	return true
}

// Incomplete leaves the last item out of a bulk answer.
func Incomplete(w http.ResponseWriter, r Passing) bool {
	a := ReadBulk(r.Forward())
	a.Items = a.Items[:len(a.Items)-1]
	a.Say(w)
	return true
}

// Disordered turns the items of a bulk answer round.
func Disordered(w http.ResponseWriter, r Passing) bool {
	a := ReadBulk(r.Forward())
	slices.Reverse(a.Items)
	a.Say(w)
	return true
}

// Truncated is a bulk answer that ends early and pretends to be whole.
func Truncated(w http.ResponseWriter, r Passing) bool {
	rec := r.Forward()
	Say(w, rec.Code, rec.Body.String()[:rec.Body.Len()-3])
	return true
}
