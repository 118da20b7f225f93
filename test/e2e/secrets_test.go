package e2e_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"senmeteo/test/program"
)

// marked are secrets that stand nowhere but in files, and are looked for in all that the program lets out.
var marked = map[string]string{
	"PG_URL": "pgMARKEDpg", "ES_URL": "esMARKEDes", "ES_API_KEY": "keyMARKEDkey", "ES_PASSWORD": "espwMARKEDespw", "KAFKA_PASSWORD": "kfkMARKEDkfk", "API_KEY": "apiMARKEDapi", "REDIS_URL": "redisMARKEDredis",
	"REDIS_PASSWORD": "redispwMARKEDredispw",
}

// TestNoSecretIsEverShown runs the verbs with marked secrets, at the most talkative level, against servers that refuse, break off
// and answer nonsense, and with secrets that can't be used. The servers here answer what the program never asked for.
func TestNoSecretIsEverShown(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}`, http.StatusUnauthorized)
	}))
	t.Cleanup(refusing.Close)
	babbling := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>nothing of use</html>")
	}))
	t.Cleanup(babbling.Close)
	breaking := listener(t, func(c net.Conn) { _ = c.Close() })
	nonsense := listener(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "\x00\x00\x00\x10nonsense nonsense")
		_ = c.Close()
	})
	kafka := newPipeline(t)

	places := []string{
		"127.0.0.1:1", breaking, nonsense, refusing.Listener.Addr().String(), babbling.Listener.Addr().String(),
		"127.0.0.1:port%zz", // an address that is none: parsers like to quote what they can't read
	}
	var running sync.WaitGroup
	free := make(chan struct{}, 16)
	for _, place := range places {
		files := secretFiles(t, place)
		p := program.Program{}.With(files...).With("SENMETEO_LOG_LEVEL", "debug", "SENMETEO_BROKERS", kafka.Brokers, "SENMETEO_TOPIC_PREFIX", kafka.Prefix)
		withLogin := p.With("SENMETEO_BROKERS", strings.TrimSuffix(place, "%zz"), "SENMETEO_KAFKA_USER", "u", "SENMETEO_KAFKA_PASSWORD_FILE", fileOf(files, "KAFKA_PASSWORD"))
		verbose := filepath.Join(t.TempDir(), "kafka.properties")
		writeFile(t, verbose, "debug=all\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl.password="+marked["KAFKA_PASSWORD"]+"\nssl.key.password="+marked["KAFKA_PASSWORD"]+"\n")
		shared := p.With("SENMETEO_API_KEY_FILE", fileOf(files, "API_KEY"))
		alone := shared.With("SENMETEO_REDIS_URL_FILE", "")
		for _, run := range []struct {
			p    program.Program
			args []string
		}{
			{p, []string{"to-pg"}},
			{p, []string{"status"}},
			{p, []string{"reconcile"}},
			{p.With("SENMETEO_ES_API_KEY_FILE", ""), []string{"to-es", "--timeout", "3s"}},
			{p, []string{"to-es", "--timeout", "3s"}},
			{p.With("SENMETEO_ES_USER", "u", "SENMETEO_ES_PASSWORD_FILE", fileOf(files, "ES_PASSWORD")), []string{"to-es", "--timeout", "3s"}},
			{p.With("SENMETEO_REDIS", place, "SENMETEO_REDIS_USER", "u"), []string{"to-redis", "--timeout", "3s"}},
			{p.With("SENMETEO_LOG_TO", "stdout"), []string{"to-pg"}},
			{withLogin, []string{"stream", "--timeout", "3s"}},
			{withLogin, []string{"dlq", "list"}},
			{withLogin, []string{"topics"}},
			{p.With("SENMETEO_BROKERS", strings.TrimSuffix(place, "%zz")), []string{"topics", "--kafka-config", verbose}},
			{shared, []string{"fetch", "tomorrow", "--dry-run", "--stations", "SN-DK", "--timeout", "3s", "--base-url", "http://" + place}},
			{alone, []string{"fetch", "tomorrow", "--dry-run", "--stations", "SN-DK", "--timeout", "3s", "--base-url", "http://" + place}},
		} {
			// More side by side than tests run: these mostly wait for servers.
			running.Go(func() {
				free <- struct{}{}
				defer func() { <-free }()
				silent(t, run.p, run.args...)
			})
		}
	}
	defer running.Wait()
	t.Run("help and usage", func(t *testing.T) {
		p := program.Program{}
		for name, secret := range marked { // as values this time: help shows a flag's default
			p = p.With("SENMETEO_"+name, secret)
		}
		for _, verb := range []string{"to-pg", "to-es", "to-hdfs", "to-redis", "stream", "serve", "status", "reconcile", "topics", "up"} {
			silent(t, p, verb, "--help")
			silent(t, p, verb, "--nonsense")
		}
		silent(t, p, "fetch", "tomorrow", "--help")
		silent(t, p, "to-es", "--brokers", "127.0.0.1:1", "--es-url", "http://u:"+marked["ES_URL"]+"@127.0.0.1:port")
		silent(t, p, "to-redis", "--brokers", kafka.Brokers, "--topic-prefix", kafka.Prefix, "--redis", "redis://u:"+marked["REDIS_PASSWORD"]+"@127.0.0.1:1")
		silent(t, p, "to-pg", "--brokers", kafka.Brokers, "--topic-prefix", kafka.Prefix, "--pg-url", "postgres://u:"+marked["PG_URL"]+"@[::1/x")
	})
	t.Run("the process list", func(t *testing.T) {
		p := program.Program{}.With(secretFiles(t, nonsense)...).With("SENMETEO_BROKERS", kafka.Brokers, "SENMETEO_TOPIC_PREFIX", kafka.Prefix)
		r := p.With("SENMETEO_PG_URL_FILE", "", "SENMETEO_HDFS", "file://"+t.TempDir()).Start(t, "to-hdfs", "--follow")
		program.Until(t, func() bool {
			line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", r.PID()))
			return err == nil && strings.Contains(string(line), "to-hdfs")
		})
		for _, file := range []string{"cmdline", "environ"} {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", r.PID(), file))
			if err != nil {
				t.Fatal(err)
			}
			reveals(t, "/proc/.../"+file, string(text))
		}
		r.Terminate(t)
	})
}

// silent runs the program and looks for the secrets in what it says.
func silent(t *testing.T, p program.Program, args ...string) {
	t.Helper()
	p.Dir = t.TempDir()
	r := p.Run(t, args...)
	reveals(t, r.String(), strings.ReplaceAll(r.Stdout+r.Stderr, strings.Join(args, " "), ""))
	for _, path := range listing(t, p.Dir) {
		if text, err := os.ReadFile(path); err == nil {
			reveals(t, path, string(text))
		}
	}
	if strings.Contains(r.Stderr, "goroutine ") {
		t.Errorf("%s breaks down\n%s", r, r.Output())
	}
}

func reveals(t *testing.T, where, text string) {
	t.Helper()
	for name, secret := range marked {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s shows %s: ...%s...", where, name, text[max(0, i-200):min(len(text), i+100)])
		}
	}
}

// secretFiles writes the secrets for servers at a place and returns the variables that name the files.
func secretFiles(t *testing.T, place string) (variables []string) {
	t.Helper()
	dir := t.TempDir()
	for name, secret := range marked {
		text := secret
		switch name {
		case "PG_URL":
			text = "postgres://u:" + secret + "@" + place + "/x?sslmode=disable&connect_timeout=3"
		case "ES_URL":
			text = "http://u:" + secret + "@" + place
		case "REDIS_URL":
			text = "redis://u:" + secret + "@" + place + "/0"
		}
		path := filepath.Join(dir, name)
		writeFile(t, path, text+"\n")
		if name != "KAFKA_PASSWORD" && name != "ES_PASSWORD" && name != "API_KEY" {
			variables = append(variables, "SENMETEO_"+name+"_FILE", path)
		} else {
			variables = append(variables, "FILE_OF_"+name, path)
		}
	}
	return variables
}

func fileOf(variables []string, name string) string {
	for i := 0; i < len(variables); i += 2 {
		if strings.HasSuffix(variables[i], "_"+name) {
			return variables[i+1]
		}
	}
	return ""
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// listener answers each connection in one way.
func listener(t *testing.T, answer func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			go answer(c)
		}
	}()
	return l.Addr().String()
}
