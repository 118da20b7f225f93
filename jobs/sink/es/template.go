package es

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

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
	clean, err := readTemplate("clean")
	if err != nil {
		return err
	}
	clean.IndexPatterns = []string{s.cleanIndices()}
	clean.Template.Aliases = map[string]struct{}{s.cfg.Prefix + "-clean": {}}
	sink, err := readTemplate("sink")
	if err != nil {
		return err
	}
	sink.IndexPatterns = []string{s.sinkIndex()}
	if err := s.ensureTemplate(ctx, s.cfg.Prefix+"-clean", clean); err != nil {
		return err
	}
	return s.ensureTemplate(ctx, s.cfg.Prefix+"-sink", sink)
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
	path := "/_index_template/" + name
	var have struct {
		Templates []struct {
			Template template `json:"index_template"`
		} `json:"index_templates"`
	}
	doing := "looking for the index template " + name
	if err := s.callFor(ctx, request{doing: doing, method: http.MethodGet, path: path}, &have, http.StatusNotFound); err != nil {
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
	mapping := request{doing: doing, method: http.MethodPut, path: "/" + t.IndexPatterns[0] + "/_mapping?ignore_unavailable=true", body: t.Template.Mappings}
	if _, err := s.call(ctx, mapping, http.StatusNotFound); err != nil { // no such index yet
		return err
	}
	_, err = s.call(ctx, request{doing: doing, method: http.MethodPut, path: path, body: body})
	return err
}
