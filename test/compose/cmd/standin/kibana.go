package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// kibanaHome is where the official image has Kibana.
const kibanaHome = "/usr/share/kibana"

var errIncomplete = errors.New("it lacks its type, its id or its attributes")

// kibana takes what kibana-init imports, and is available once Elasticsearch knows its password.
type kibana struct {
	elasticsearch, user, password string
	objects                       map[string]bool // type and id of those that are there
}

// runKibana starts as the official image does: with its settings in config/kibana.yml, and folders that it writes to.
func runKibana(ctx context.Context) error {
	settings, err := readSettings(filepath.Join(kibanaHome, "config", "kibana.yml"))
	if err != nil {
		return err
	}
	for _, folder := range []string{"data", "logs"} {
		probe := filepath.Join(kibanaHome, folder, "probe")
		if err := errors.Join(os.WriteFile(probe, nil, 0o600), os.Remove(probe)); err != nil {
			return err
		}
	}
	for _, key := range []string{"xpack.encryptedSavedObjects.encryptionKey", "xpack.security.encryptionKey", "xpack.reporting.encryptionKey"} {
		if len(settings[key]) < 32 {
			return fmt.Errorf("%s needs 32 characters", key)
		}
	}
	if at := os.Getenv("SERVER_PUBLICBASEURL"); !strings.HasPrefix(at, "http") || strings.HasSuffix(at, "/") {
		return fmt.Errorf("SERVER_PUBLICBASEURL is %q", at)
	}
	k := &kibana{
		elasticsearch: strings.Trim(settings["elasticsearch.hosts"], `[]"`),
		user:          settings["elasticsearch.username"], password: settings["elasticsearch.password"], objects: map[string]bool{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/status", k.status)
	mux.HandleFunc("POST /api/saved_objects/_import", k.imported)
	server := &http.Server{Addr: cmp.Or(settings["server.host"], "127.0.0.1") + ":5601", Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		_ = server.Close() // the process ends
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// readSettings reads lines of a key and a value.
func readSettings(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		key, value, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("%s: %q is not a setting", path, key)
		}
		settings[key] = strings.Trim(value, `"`)
	}
	return settings, nil
}

// authenticate asks Elasticsearch who somebody is.
func (k *kibana) authenticate(ctx context.Context, user, password string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.elasticsearch+"/_security/_authenticate", http.NoBody)
	if err != nil {
		return err
	}
	request.SetBasicAuth(user, password)
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_ = got.Body.Close() // its status is the answer
	if got.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s to user %s", k.elasticsearch, got.Status, user)
	}
	return nil
}

func (k *kibana) status(w http.ResponseWriter, r *http.Request) {
	level := "available"
	if err := k.authenticate(r.Context(), k.user, k.password); err != nil {
		level = "unavailable"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": map[string]any{"overall": map[string]any{"level": level}}})
}

// imported takes saved objects as Kibana's import does: a form with one file, for a user of Elasticsearch, with the header that pages of other
// sites can't send. Every reference has to lead to an object of the file or to one that is there.
func (k *kibana) imported(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, err error) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{"statusCode": status, "message": err.Error()})
	}
	user, password, _ := r.BasicAuth()
	if err := k.authenticate(r.Context(), user, password); err != nil {
		fail(http.StatusUnauthorized, err)
		return
	}
	if r.Header.Get("kbn-xsrf") == "" {
		fail(http.StatusBadRequest, errors.New("the header kbn-xsrf is missing"))
		return
	}
	file, header, err := r.FormFile("file")
	if err != nil {
		fail(http.StatusBadRequest, err)
		return
	}
	defer func() { _ = file.Close() }()
	if filepath.Ext(header.Filename) != ".ndjson" {
		fail(http.StatusUnsupportedMediaType, fmt.Errorf("%s is not a file of saved objects", header.Filename))
		return
	}
	count, wanted := 0, map[string]string{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var object struct {
			Type, ID   string
			Attributes map[string]any
			References []struct{ Type, ID string }
		}
		if err := json.Unmarshal(lines.Bytes(), &object); err != nil || object.Type == "" || object.ID == "" || len(object.Attributes) == 0 {
			fail(http.StatusBadRequest, fmt.Errorf("%.100q is not a saved object (%w)", lines.Text(), cmp.Or(err, errIncomplete)))
			return
		}
		name := object.Type + "/" + object.ID
		if k.objects[name] && r.URL.Query().Get("overwrite") != "true" {
			fail(http.StatusConflict, fmt.Errorf("%s is there", name))
			return
		}
		k.objects[name] = true
		count++
		for _, to := range object.References {
			wanted[to.Type+"/"+to.ID] = name
		}
	}
	for to, from := range wanted {
		if !k.objects[to] {
			fail(http.StatusBadRequest, fmt.Errorf("%s refers to %s, which is missing", from, to))
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"success": lines.Err() == nil, "successCount": count})
}
