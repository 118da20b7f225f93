package e2e_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// tomorrowServer answers calls of both kinds for every place, 31.2 °C at each hour, unless refuse says a status.
func tomorrowServer(t *testing.T, refuse func(latitude string) int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		lat, lon, _ := strings.Cut(r.URL.Query().Get("location"), ",")
		if status := refuse(lat); status != 0 {
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"code":%d,"type":"No","message":"no"}`, status*1000+1)
			return
		}
		if r.URL.Path == "/v4/weather/realtime" {
			_, _ = fmt.Fprintf(w, `{"data":{"time":%q,"values":{"temperature":31.2,"humidity":55}},"location":{"lat":%s,"lon":%s}}`,
				time.Now().UTC().Truncate(time.Minute).Format(time.RFC3339), lat, lon)
			return
		}
		from, _ := time.Parse(time.RFC3339, r.URL.Query().Get("startTime"))
		to, _ := time.Parse(time.RFC3339, r.URL.Query().Get("endTime"))
		var hours []string
		for at := from; !at.After(to); at = at.Add(time.Hour) {
			hours = append(hours, fmt.Sprintf(`{"startTime":%q,"values":{"temperature":31.2}}`, at.Format(time.RFC3339)))
		}
		w.WriteHeader(http.StatusPartialContent)
		_, _ = fmt.Fprintf(w, `{"data":{"timelines":[{"timestep":"1h","intervals":[%s]}]},"warnings":[{"code":246001,"type":"Time Bounded Field","message":"not all of it"}]}`,
			strings.Join(hours, ","))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func nothingRefused(string) int { return 0 }

// keyFile writes an API key that no other test uses, and returns the path of its file.
func keyFile(t *testing.T) (path, key string) {
	t.Helper()
	path, key = filepath.Join(t.TempDir(), "key"), servers.Unique(t)
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, key
}

func TestHoursOfThePastAndForecastsOfTomorrowAreStoredApart(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	key, _ := keyFile(t)
	now := time.Now().UTC().Truncate(time.Hour)
	r := p.Must(t, "fetch", "tomorrow", "--api-key-file", key, "--base-url", tomorrowServer(t, nothingRefused), "--budget-dir", p.Dir,
		"--stations", "SN-DK,SN-TH", "--from", now.Add(-2*time.Hour).Format(time.RFC3339), "--to", now.Add(4*time.Hour).Format(time.RFC3339))
	if n := r.Report(t).Written; n != 12 {
		t.Errorf("%d readings landed, want 12", n)
	}
	if n := strings.Count(r.Stderr, "not all of it"); n != 1 {
		t.Errorf("the warning of the server is logged %d times, want once\n%s", n, r.Stderr)
	}
	p.Must(t, "stream")
	p.Must(t, "to-pg")
	got := p.Psql(t, `SELECT kind, bool_and((kind = 'forecast') = (observed_at > fetched_at)), bool_and(kind = 'model' OR issued_at = date_trunc('hour', fetched_at, 'UTC')),
		min(provider_id), sum(count(*)) OVER () FROM meteo.observation GROUP BY kind ORDER BY kind`)
	want := []string{"forecast|t|t|14.6937,-17.4441|12", "model|t|t|14.6937,-17.4441|12"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRunsOnSeveralMachinesShareTheBudgetInRedis(t *testing.T) {
	t.Parallel()
	key, secret := keyFile(t)
	base := tomorrowServer(t, nothingRefused)
	redis := filepath.Join(t.TempDir(), "redis-url")
	if err := os.WriteFile(redis, []byte(servers.RedisURL(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := program.Program{}.With("SENMETEO_REDIS_URL_FILE", redis, "SENMETEO_API_KEY_FILE", key)
	var runs []*program.Running
	for range 3 { // each in a folder of its own: only Redis is the same
		runs = append(runs, p.Start(t, "fetch", "tomorrow", "--base-url", base, "--dry-run", "--skip-empty"))
	}
	codes := map[int]int{}
	for _, run := range runs {
		r := run.Wait(t)
		codes[r.Code]++
		if strings.Contains(r.Stdout+r.Stderr, secret) {
			t.Error("the key is printed")
		}
		if lines := strings.Count(r.Stdout, `"station_id"`); r.Code == 0 && lines != 14 || r.Code != 0 && lines != 0 {
			t.Errorf("exit %d with %d readings\n%s", r.Code, lines, r.Output())
		}
	}
	if codes[0] != 1 || codes[99] != 2 { // 14 calls of 25 an hour
		t.Errorf("the runs exit with %v, want one 0 and two 99", codes)
	}
}

func TestARedisThatCanNotBeUsedIsToldBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	key, _ := keyFile(t)
	base := tomorrowServer(t, func(string) int { t.Error("the server was asked"); return http.StatusTeapot })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url  string
		code int
		says string
	}{
		"it is down":              {"redis://user:hush@" + address + "/0", 69, "check that Redis runs"},
		"it is not a URL":         {"user:hush@" + address, 64, "redis://HOST:PORT/0"},
		"the URL is not of Redis": {"https://user:hush@" + address, 64, "redis://HOST:PORT/0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := program.Program{}.With("SENMETEO_REDIS_URL", c.url).Run(t, "fetch", "tomorrow", "--base-url", base, "--api-key-file", key, "--dry-run")
			if r.Code != c.code || !strings.Contains(r.Stderr, c.says) || strings.Contains(r.Stdout+r.Stderr, "hush") {
				t.Errorf("exit %d, want %d and %q\n%s", r.Code, c.code, c.says, r.Output())
			}
		})
	}
}

func TestAnAPIKeyThatIsMissingOrWrongIsToldInOneLineWithThePlaceToSetIt(t *testing.T) {
	t.Parallel()
	wrong, secret := keyFile(t)
	base := tomorrowServer(t, func(string) int { return http.StatusUnauthorized })
	for name, flags := range map[string][]string{
		"missing":     nil,
		"no file":     {"--api-key-file", filepath.Join(t.TempDir(), "none")},
		"refused":     {"--api-key-file", wrong},
		"two windows": {"--api-key-file", wrong, "--from", "2026-01-02"},
	} {
		t.Run(name, func(t *testing.T) {
			r := program.Program{}.Run(t, append([]string{"fetch", "tomorrow", "--base-url", base, "--dry-run"}, flags...)...)
			var last struct {
				Message string `json:"message"`
			}
			line := r.Stderr[strings.LastIndex(strings.TrimSuffix(r.Stderr, "\n"), "\n")+1:]
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Errorf("the last line of the log is %q", line)
			}
			want := "SENMETEO_API_KEY_FILE"
			if name == "two windows" {
				want = "both from and to"
			}
			if r.Code != 64 || !strings.Contains(last.Message, want) || strings.Contains(r.Stdout+r.Stderr, secret) {
				t.Errorf("exit %d, want 64 and %q\n%s", r.Code, want, r.Output())
			}
		})
	}
}

// One region that the provider refuses keeps no other from landing, and a second round within the hour is not due.
func TestAFailingRegionDoesNotLoseTheOthersAndTheBudgetHolds(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	key, secret := keyFile(t)
	base := tomorrowServer(t, func(latitude string) int {
		if strings.HasPrefix(latitude, "14.69") { // Dakar
			return http.StatusBadRequest
		}
		return 0
	})
	round := func(more ...string) program.Result {
		r := p.Run(t, append([]string{"fetch", "tomorrow", "--api-key-file", key, "--base-url", base, "--budget-dir", p.Dir}, more...)...)
		if strings.Contains(r.Stdout+r.Stderr, secret) {
			t.Error("the key is printed")
		}
		return r
	}
	first := round()
	if r := first.Report(t); first.Code != 65 || r.Written != 13 || !slices.Equal(r.Failed, []string{"SN-DK"}) || !strings.Contains(r.Error, "SN-DK") {
		t.Errorf("exit %d, want 65, 13 readings and the name of the region\n%s", first.Code, first.Output())
	}
	if n := len(p.Records(t, "raw")); n != 13 {
		t.Errorf("%d readings landed, want 13", n)
	}
	if second := round(); second.Code != 75 {
		t.Errorf("a round that is not due exits with %d, want 75\n%s", second.Code, second.Output())
	}
	if third := round("--skip-empty"); third.Code != 99 {
		t.Errorf("with --skip-empty it exits with %d, want 99\n%s", third.Code, third.Output())
	}
}
