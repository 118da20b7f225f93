package servers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// ElasticsearchURL returns the URL of the shared Elasticsearch and fails the test when there is none. Indices and
// templates should begin with a name from [IndexPrefix].
func ElasticsearchURL(t testing.TB) string {
	t.Helper()
	return address(t, "SENMETEO_TEST_ES_URL")
}

// IndexPrefix returns a prefix for indices and index templates on the shared Elasticsearch, to be followed by a
// dash. At the end of the test all that begin so are deleted.
func IndexPrefix(t testing.TB) string {
	t.Helper()
	prefix := Unique(t)
	DropIndices(t, prefix)
	return prefix
}

// DropIndices deletes at the end of the test all indices and index templates on the shared Elasticsearch whose names
// begin with prefix and a dash.
func DropIndices(t testing.TB, prefix string) {
	t.Helper()
	server := ElasticsearchURL(t)
	t.Cleanup(func() {
		if err := deleteIndices(server, prefix+"-"); err != nil {
			t.Errorf("deleting the test's indices: %v", err)
		}
	})
}

func deleteIndices(server, prefix string) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanupBound)
	defer cancel()
	var indices []struct {
		Index string `json:"index"`
	}
	list := server + "/_cat/indices/" + prefix + "*?format=json&h=index&expand_wildcards=all"
	if err := callElasticsearch(ctx, http.MethodGet, list, &indices); err != nil {
		return err
	}
	for _, i := range indices { // Elasticsearch refuses to delete by wildcard
		if err := callElasticsearch(ctx, http.MethodDelete, server+"/"+i.Index, nil); err != nil {
			return err
		}
	}
	var templates struct {
		List []struct {
			Name string `json:"name"`
		} `json:"index_templates"`
	}
	if err := callElasticsearch(ctx, http.MethodGet, server+"/_index_template", &templates); err != nil {
		return err
	}
	for _, template := range templates.List {
		if !strings.HasPrefix(template.Name, prefix) {
			continue
		}
		if err := callElasticsearch(ctx, http.MethodDelete, server+"/_index_template/"+template.Name, nil); err != nil {
			return err
		}
	}
	return nil
}

// callElasticsearch sends a request without a body and decodes the answer into answer, when that is not nil.
func callElasticsearch(ctx context.Context, method, url string, answer any) (err error) {
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking Elasticsearch: %s %s: %s: %s", method, url, response.Status, body)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("asking Elasticsearch: %w", err)
	}
	return nil
}
