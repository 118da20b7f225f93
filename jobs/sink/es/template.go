package es

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"senmeteo/elk"
)

// template is a file of elk/templates, and what Elasticsearch returns of the one that it has.
type template struct {
	IndexPatterns []string        `json:"index_patterns"`
	Priority      int             `json:"priority"`
	Version       int64           `json:"version"`
	Meta          json.RawMessage `json:"_meta,omitempty"`
	Template      struct {
		Aliases  map[string]struct{} `json:"aliases,omitempty"`
		Settings json.RawMessage     `json:"settings,omitempty"`
		Mappings json.RawMessage     `json:"mappings,omitempty"`
	} `json:"template"`
}

// ensureTemplates brings the index templates up to date, and the indices that were made by older ones. A template of the same or a
// newer version stays as it is.
func (s *Store) ensureTemplates(ctx context.Context) error {
	for name, patterns := range map[string]string{"clean": s.cleanIndices(), "dlq": s.letterIndices(), "sink": s.sinkIndex()} {
		t, err := readTemplate(name)
		if err != nil {
			return err
		}
		t.IndexPatterns = []string{patterns}
		if len(t.Template.Aliases) > 0 {
			t.Template.Aliases = map[string]struct{}{s.cfg.Prefix + "-" + name: {}}
		}
		if err := s.ensureTemplate(ctx, s.cfg.Prefix+"-"+name, t); err != nil {
			return err
		}
	}
	return nil
}

func readTemplate(name string) (*template, error) {
	text, err := elk.Templates.ReadFile("templates/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("reading an index template: %w", err)
	}
	t := &template{}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("reading the index template %s.json: %w", name, err)
	}
	return t, nil
}

func (s *Store) ensureTemplate(ctx context.Context, name string, t *template) error {
	var have struct {
		Templates []struct {
			Template template `json:"index_template"`
		} `json:"index_templates"`
	}
	doing := "looking for the index template " + name
	get := request{doing: doing, api: func(io.Reader) esapi.Request { return esapi.IndicesGetIndexTemplateRequest{Name: name} }}
	if err := s.callFor(ctx, get, &have, http.StatusNotFound); err != nil {
		return err
	}
	if len(have.Templates) > 0 && have.Templates[0].Template.Version >= t.Version {
		return nil
	}
	doing = "storing the index template " + name
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	// The indices first: after a crash between the two the next run finds the old template and repeats both.
	unavailable := true
	mapping := request{doing: doing, body: t.Template.Mappings, api: func(body io.Reader) esapi.Request {
		return esapi.IndicesPutMappingRequest{Index: t.IndexPatterns, Body: body, IgnoreUnavailable: &unavailable}
	}}
	if _, err := s.call(ctx, mapping, http.StatusNotFound); err != nil { // no such index yet
		return err
	}
	_, err = s.call(ctx, request{doing: doing, body: body, api: func(body io.Reader) esapi.Request {
		return esapi.IndicesPutIndexTemplateRequest{Name: name, Body: body}
	}})
	return err
}
