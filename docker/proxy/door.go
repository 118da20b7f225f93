package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
)

// ours is the label of the containers that came through the proxy.
const ours = "senmeteo.docker-proxy"

// maxBody bounds the description of a container.
const maxBody = 1 << 20

// door lets requests to the engine through, or refuses them.
type door struct {
	rules  rules
	engine http.Client
	pass   *httputil.ReverseProxy
	log    *slog.Logger
}

func newDoor(s settings, log *slog.Logger) http.Handler {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "unix", s.socket)
		},
		DisableCompression: true,
	}
	d := &door{rules: rules{s}, engine: http.Client{Transport: transport}, log: log}
	d.pass = &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // logs are followed
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "docker", "docker"
			if version, ok := r.In.Context().Value(versionKey{}).(string); ok {
				r.Out.URL.Path = version + r.Out.URL.Path
			}
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				log.Warn("the engine does not answer", "error", err)
			}
			refuse(w, http.StatusBadGateway, "the engine does not answer")
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // a job's end cuts its streams off
	}
	mux := http.NewServeMux()
	for _, what := range []string{"GET /_ping", "GET /version", "GET /images/json"} {
		mux.HandleFunc(what, d.pass.ServeHTTP)
	}
	mux.HandleFunc("GET /images/{name...}", d.inspectImage)
	mux.HandleFunc("GET /containers/json", d.list)
	mux.HandleFunc("POST /containers/create", d.create)
	for _, what := range []string{
		"GET /containers/{id}/json", "GET /containers/{id}/logs", "DELETE /containers/{id}", "POST /containers/{id}/attach",
		"POST /containers/{id}/kill", "POST /containers/{id}/start", "POST /containers/{id}/stop", "POST /containers/{id}/wait",
	} {
		mux.HandleFunc(what, d.touch)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { d.refused(w, r, errNotThrough) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// One way to write an address: what we check is what the engine sees.
		if r.URL.RawPath != "" || path.Clean(r.URL.Path) != r.URL.Path {
			d.refused(w, r, errors.New("an address like this is not understood"))
			return
		}
		if m := versions.FindStringSubmatch(r.URL.Path); m != nil {
			r = r.Clone(context.WithValue(r.Context(), versionKey{}, m[1]))
			r.URL.Path = m[2]
		}
		mux.ServeHTTP(w, r)
	})
}

// versionKey finds the version of the engine's language that a request was written in, such as /v1.41.
type versionKey struct{}

var (
	versions = regexp.MustCompile(`^(/v1\.[0-9]+)(/.*)$`)
	ids      = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]*$`)

	errNotThrough = errors.New("not through this proxy")
)

// inspectImage shows an image; other questions about images (its history, a whole export) are not asked.
func (d *door) inspectImage(w http.ResponseWriter, r *http.Request) {
	if path.Base(r.URL.Path) != "json" {
		d.refused(w, r, errNotThrough)
		return
	}
	d.pass.ServeHTTP(w, r)
}

// list lists the containers that came through the proxy.
func (d *door) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	filters, err := withLabel(query.Get("filters"))
	if err != nil {
		d.refused(w, r, err)
		return
	}
	query.Set("filters", filters)
	r.URL.RawQuery = query.Encode()
	d.pass.ServeHTTP(w, r)
}

// withLabel adds our label to the filters of a list, which are written in two ways: {"label":["a"]} and {"label":{"a":true}}.
func withLabel(filters string) (string, error) {
	all := map[string]json.RawMessage{}
	if filters != "" {
		if err := json.Unmarshal([]byte(filters), &all); err != nil {
			return "", fmt.Errorf("reading the filters: %w", err)
		}
	}
	out := map[string]map[string]bool{}
	for name, values := range all {
		out[name] = map[string]bool{}
		var list []string
		if json.Unmarshal(values, &list) == nil {
			for _, v := range list {
				out[name][v] = true
			}
			continue
		}
		if err := json.Unmarshal(values, ptr(out[name])); err != nil {
			return "", fmt.Errorf("reading the filters: %w", err)
		}
	}
	if out["label"] == nil {
		out["label"] = map[string]bool{}
	}
	out["label"][ours] = true
	text, err := json.Marshal(out)
	return string(text), err
}

func ptr[T any](v T) *T { return &v }

// create hands the description of a container on, as far as the rules allow it.
func (d *door) create(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		d.refused(w, r, fmt.Errorf("reading the container's description: %w", err))
		return
	}
	body, err = d.rules.confine(body)
	if err != nil {
		d.refused(w, r, err)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Type", "application/json")
	d.pass.ServeHTTP(w, r)
}

// touch hands a request about a container on when the container came through the proxy.
func (d *door) touch(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !ids.MatchString(id) {
		d.refused(w, r, errors.New("not the id or name of a container"))
		return
	}
	switch mine, err := d.isOurs(r.Context(), id); {
	case err != nil:
		d.log.Warn("looking at a container", "error", err)
		refuse(w, http.StatusBadGateway, "the engine does not answer")
	case !mine:
		// The same for others' containers and for none at all: nothing is to be learnt here.
		refuse(w, http.StatusNotFound, "No such container: "+id)
	default:
		d.pass.ServeHTTP(w, r)
	}
}

func (d *door) isOurs(ctx context.Context, id string) (mine bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/containers/"+url.PathEscape(id)+"/json", http.NoBody)
	if err != nil {
		return false, err
	}
	answer, err := d.engine.Do(request)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return false, nil
	default:
		return false, fmt.Errorf("the engine answers %s", answer.Status)
	}
	var container struct {
		Config struct{ Labels map[string]string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&container); err != nil {
		return false, fmt.Errorf("reading the engine's answer: %w", err)
	}
	_, mine = container.Config.Labels[ours]
	return mine, nil
}

func (d *door) refused(w http.ResponseWriter, r *http.Request, why error) {
	d.log.Warn("refused", "method", r.Method, "path", r.URL.Path, "because", why.Error())
	refuse(w, http.StatusForbidden, "docker-proxy: "+why.Error())
}

// refuse answers as the engine does, so that its clients show the text.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": text}) // the reader is gone: nobody is left to tell
}
