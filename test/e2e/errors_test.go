package e2e_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
)

// refusal is a command line that must fail, and how.
type refusal struct {
	name string
	args []string
	env  []string // name, value, ...
	code int
	says string // a regular expression: what went wrong and what to do
}

// reports reports whether the last line on standard output of a command is a report.
func (c refusal) reports() bool {
	switch c.args[0] {
	case "fetch":
		return c.args[1] == "generate" || c.args[1] == "file"
	case "stream", "to-pg", "to-hdfs", "convert":
		return true
	}
	return false
}

// outcomes are the reports' words for exit codes.
var outcomes = map[int]string{
	1: "no", 64: "usage", 65: "bad_input", 66: "no_input", 69: "unavailable", 73: "cant_write", 75: "try_later", 143: "interrupted",
}

// check runs the command line and looks at exit code, both streams and what is left behind.
func (c refusal) check(t *testing.T, p program.Program) {
	t.Helper()
	before := listing(t, p.Dir)
	c.judge(t, p.With(c.env...).Run(t, c.args...))
	if after := listing(t, p.Dir); !slices.Equal(after, before) {
		t.Errorf("it left something behind: %q, before %q", after, before)
	}
}

func (c refusal) judge(t *testing.T, r program.Result) {
	t.Helper()
	if r.Code != c.code {
		t.Errorf("%s exits with %d, want %d\n%s", r, r.Code, c.code, r.Output())
	}
	lines := strings.Split(strings.TrimSuffix(r.Stderr, "\n"), "\n")
	said := lines[len(lines)-1]
	var logged struct {
		Message string `json:"message"`
	}
	if json.Unmarshal([]byte(said), &logged) == nil {
		said = logged.Message
	}
	said = strings.TrimPrefix(said, "senmeteo: ")
	if says := regexp.MustCompile(c.says); len(lines) != 1 || !says.MatchString(said) {
		t.Errorf("%s says %q, want one line that matches %s", r, program.Tail(r.Stderr), says)
	}
	for _, never := range []string{secretWord, "goroutine ", "panic", ".go:"} {
		if strings.Contains(r.Stdout+r.Stderr, never) {
			t.Errorf("%s shows %q\n%s", r, never, r.Output())
		}
	}
	if !c.reports() {
		if r.Stdout != "" {
			t.Errorf("%s prints %q", r, r.Stdout)
		}
		return
	}
	if report := r.Report(t); report.Outcome != outcomes[c.code] || report.Error != said {
		t.Errorf("%s reports outcome %q and error %q, want %q and %q", r, report.Outcome, report.Error, outcomes[c.code], said)
	}
}

// secretWord is in every password of these tests.
const secretWord = "hunter2"

// listing names all files below a folder.
func listing(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestBadInputIsRefusedWithOneLineThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	p := program.Program{Dir: t.TempDir()}
	for name, text := range map[string]string{
		"good.csv":     "Date,Temp,City\n2026-03-01,20,Dakar\n",
		"half-bad.csv": "Date,Temp,City\n2026-03-01,20,Dakar\n2026-03-01,21,Atlantis\n",
		"text.xlsx":    "Date,Temp,City\n2026-03-01,20,Dakar\n",
		"text.parquet": "Date,Temp,City\n2026-03-01,20,Dakar\n",
		"cut.json":     `[{"city":"Dakar","date":"2026-03-01","temp":20},`,
		"cut.xml":      `<records><record><city>Dakar</city>`,
		"what.doc":     "Date,Temp,City\n",
	} {
		if err := os.WriteFile(filepath.Join(p.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(p.Dir, "folder.csv"), 0o755); err != nil {
		t.Fatal(err)
	}
	convert := func(in string) []string { return []string{"convert", in, "out.jsonl"} }
	for _, c := range []refusal{
		{name: "a missing file", args: convert("none.csv"), code: 66, says: `none\.csv: no such file or directory: check the path`},
		{name: "a missing file to fetch", args: []string{"fetch", "file", "none.csv", "--dry-run"}, code: 66, says: `none\.csv: no such file or directory: check the path`},
		{name: "a folder in place of a file", args: convert("folder.csv"), code: 66, says: `folder\.csv: is a directory: check that it is a file`},
		{name: "text that claims to be a workbook", args: convert("text.xlsx"), code: 65, says: `text\.xlsx.*not`},
		{name: "text that claims to be Parquet", args: convert("text.parquet"), code: 65, says: `reading text\.parquet: .*(not|invalid)`},
		{name: "JSON that breaks off", args: convert("cut.json"), code: 65, says: `cut\.json after record`},
		{name: "XML that breaks off", args: convert("cut.xml"), code: 65, says: `cut\.xml`},
		{name: "an extension of no known format", args: convert("what.doc"), code: 65, says: `what\.doc.*is not that of a format: name it, one of csv`},
		{name: "an output in a folder that is not there", args: []string{"convert", "good.csv", "nowhere/out.json"}, code: 73, says: `writing nowhere/out\.json: no such file or directory: choose another place`},
		{name: "an output that is a folder", args: []string{"convert", "good.csv", "folder.csv"}, code: 73, says: `writing folder\.csv: .*: choose another place`},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, p) })
	}
	t.Run("too many bad records", func(t *testing.T) {
		r := p.Run(t, "convert", "half-bad.csv", "kept.jsonl", "--max-reject-ratio", "0.4")
		if r.Code != 65 || r.Report(t).Outcome != "bad_input" || r.Report(t).Rejected != 1 || r.Report(t).Written != 1 {
			t.Errorf("%s exits with %d, want 65\n%s", r, r.Code, r.Output())
		}
		if r := p.Run(t, "convert", "half-bad.csv", "kept.jsonl", "--max-reject-ratio", "0.5"); r.Code != 0 {
			t.Errorf("%s exits with %d, want 0\n%s", r, r.Code, r.Output())
		}
	})
}

func TestWrongCommandLinesAreRefusedBeforeAnythingIsTouched(t *testing.T) {
	t.Parallel()
	p := program.Program{Dir: t.TempDir()}
	for _, c := range []refusal{
		{name: "an unknown verb", args: []string{"strem"}, says: `no "strem" here: did you mean stream\? There are: fetch, stream`},
		{name: "an unknown source", args: []string{"fetch", "nasa"}, says: `no "nasa" here; there are: generate`},
		{name: "an unknown flag", args: []string{"stream", "--quick"}, says: `there is no flag --quick; see --help`},
		{name: "a stray argument", args: []string{"stream", "now"}, says: `"now" is neither a flag nor the value of one`},
		{name: "a flag without its value", args: []string{"fetch", "generate", "--seed"}, says: `flag needs an argument: -seed; see --help`},
		{name: "a seed that is not a number", args: []string{"fetch", "generate", "--seed", "x"}, says: `invalid value "x" for flag -seed`},
		{name: "a time that is none", args: []string{"fetch", "generate", "--from", "yesterday", "--dry-run"}, says: `--from is "yesterday": write it like 2026-01-31`},
		{name: "a window that ends before it begins", args: []string{"fetch", "generate", "--from", "2026-02-01", "--to", "2026-01-01", "--dry-run"}, says: `exchange from and to`},
		{name: "a step of nothing", args: []string{"fetch", "generate", "--every", "0s", "--dry-run"}, says: `step of 0s is not`},
		{name: "a chance above 1", args: []string{"fetch", "generate", "--faults", "2", "--out", "a.csv"}, says: `2`},
		{name: "an unknown station", args: []string{"fetch", "generate", "--stations", "Paris", "--dry-run"}, says: `"Paris": use ids such as SN-DK`},
		{name: "faults without a place for the truth", args: []string{"fetch", "generate", "--faults", "0.1", "--dry-run"}, says: `--faults needs --truth PATH`},
		{name: "an output of no known format", args: []string{"fetch", "generate", "--out", "a.doc"}, says: `a\.doc is not that of a format; known are \.csv`},
		{name: "no file to fetch", args: []string{"fetch", "file"}, says: `say which files or folders to read`},
		{name: "no output to convert to", args: []string{"convert", "a.csv"}, says: `senmeteo convert IN OUT`},
		{name: "an unknown format", args: []string{"convert", "--format", "doc", "a", "b.csv"}, says: `no format "doc"; known are csv`},
		{name: "an unknown end", args: []string{"stream", "--until", "tomorrow"}, says: `it may only be end; --follow goes on`},
		{name: "a negative limit", args: []string{"to-pg", "--max-records", "-1"}, says: `can't be negative`},
		{name: "a negative number of ids", args: []string{"stream", "--dedupe-ids", "-1"}, says: `--dedupe-ids is -1: it can't be negative; 0 sets no bound`},
		{name: "a share above 1", args: []string{"stream", "--max-reject-ratio", "7"}, says: `--max-reject-ratio is 7: it is a share, from 0 to 1`},
		{name: "a share that is not a number", args: []string{"stream", "--max-reject-ratio", "NaN"}, says: `--max-reject-ratio is NaN`},
		{name: "an unknown default station", args: []string{"stream", "--default-station", "XX"}, says: `no station "XX"; ids are like SN-DK`},
		{name: "an empty broker list", args: []string{"stream", "--brokers", " "}, says: `--brokers is empty: say where Kafka is`},
		{name: "a topic prefix with a blank", args: []string{"stream", "--topic-prefix", "a b"}, says: `"a b" is not made of`},
		{name: "no partitions", args: []string{"topics", "--partitions", "0"}, says: `must be 1 or more`},
		{name: "a log level that is none", args: []string{"stream", "--log-level", "loud"}, says: `--log-level is "loud": it may be debug`},
		{name: "a place for logs that is none", args: []string{"stream"}, env: []string{"SENMETEO_LOG_TO", "moon"}, says: `SENMETEO_LOG_TO is "moon": it may be stdout or stderr`},
		{name: "a settings file that is missing", args: []string{"stream", "--kafka-config", "none.properties"}, says: `reading --kafka-config`},
		{name: "a fault rate of up above 1", args: []string{"up", "--faults", "3"}, says: `--faults is 3: it is a chance`},
		{name: "a day that is none", args: []string{"reconcile", "--from", "x"}, says: `--from is "x": write it like`},
	} {
		c.code = 64
		t.Run(c.name, func(t *testing.T) { c.check(t, p) })
	}
}

func TestServersThatAreDownOrRefuseAreNamedWithin15Seconds(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-01T01:00:00Z")
	p.Must(t, "stream")
	mute, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	const nobody = "127.0.0.1:1"
	passwordFile := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(passwordFile, []byte(withPassword(t, p.Postgres)), 0o600); err != nil {
		t.Fatal(err)
	}
	kafkaDown := `Kafka at 127\.0\.0\.1:[0-9]+ does not answer: is it running, and is --brokers right\?`
	pgDown := `PostgreSQL does not answer: is it running, and is --pg-url right\?`
	for _, c := range []refusal{
		{name: "stream and no broker", args: []string{"stream", "--brokers", nobody}, code: 69, says: kafkaDown},
		{name: "stream and a mute broker", args: []string{"stream", "--brokers", mute.Addr().String()}, code: 69, says: kafkaDown},
		{name: "to-pg and no broker", args: []string{"to-pg", "--brokers", nobody}, code: 69, says: kafkaDown},
		{name: "to-hdfs and no broker", args: []string{"to-hdfs", "--brokers", nobody}, code: 69, says: kafkaDown},
		{name: "fetch and no broker", args: []string{"fetch", "generate", "--brokers", nobody}, code: 69, says: kafkaDown},
		{name: "topics and no broker", args: []string{"topics", "--brokers", nobody}, code: 69, says: kafkaDown},
		{name: "reconcile and no broker", args: []string{"reconcile", "--brokers", nobody}, code: 69, says: kafkaDown},
		{name: "no PostgreSQL", args: []string{"to-pg", "--pg-url", "postgres://u:" + secretWord + "@" + nobody + "/x"}, code: 69, says: pgDown},
		{name: "a mute PostgreSQL", args: []string{"to-pg", "--pg-url", "postgres://u:" + secretWord + "@" + mute.Addr().String() + "/x"}, code: 69, says: pgDown},
		{name: "a wrong password", args: []string{"to-pg"}, env: []string{"SENMETEO_PG_URL", "", "SENMETEO_PG_URL_FILE", passwordFile}, code: 69, says: `PostgreSQL refused: .*: check the user's password and rights`},
		{name: "a PostgreSQL URL that is none", args: []string{"to-pg", "--pg-url", "postgres://u:" + secretWord + "%zz@h/x"}, code: 64, says: `--pg-url is like postgres://`},
		{name: "no PostgreSQL URL", args: []string{"to-pg"}, env: []string{"SENMETEO_PG_URL", ""}, code: 64, says: `--pg-url is not set: give it, SENMETEO_PG_URL, or SENMETEO_PG_URL_FILE`},
		{name: "a secret file that is missing", args: []string{"to-pg"}, env: []string{"SENMETEO_PG_URL", "", "SENMETEO_PG_URL_FILE", "none"}, code: 64, says: `SENMETEO_PG_URL_FILE names \(none\): no such file`},
		{name: "no NameNode", args: []string{"to-hdfs", "--hdfs", "hdfs://" + nobody + "/data"}, code: 69, says: `is HDFS up, and is --hdfs .* right\?`},
		{name: "a lake of no known kind", args: []string{"to-hdfs", "--hdfs", "ftp://lake"}, code: 64, says: `--hdfs is like hdfs://`},
		{name: "topics that are not there", args: []string{"stream", "--topic-prefix", p.Prefix + "none"}, code: 64, says: "run `senmeteo topics` first, or check --topic-prefix"},
		{name: "topics with another number of partitions", args: []string{"topics", "--partitions", "3"}, code: 64, says: `has 6 partitions, not 3; the number is fixed at creation`},
		{name: "a port in use", args: []string{"serve", "--listen", mute.Addr().String()}, code: 73, says: `is another program using it\? Choose another port`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			c.check(t, p.Program)
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("the answer takes %v, want 15 s at the most: servers get 10 s", took)
			}
		})
	}
}

// withPassword is the URL with a wrong password.
func withPassword(t testing.TB, url string) string {
	t.Helper()
	login := regexp.MustCompile(`://([^:]+):[^@]+@`)
	if !login.MatchString(url) {
		t.Fatal("the shared PostgreSQL has no password: nothing to get wrong")
	}
	return login.ReplaceAllString(url, "://$1:"+secretWord+"@")
}

func TestTheRatioOfBadRecordsDecidesAndTheGoodOnesAreStored(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	p.Produce(t, dakar(`{"region":"Dakar","datetime":"2026-03-01T12:00:00Z","temperature":20}`), dakar(`{`), dakar(`{`))
	r := p.Run(t, "stream")
	refusal{args: r.Args, code: 65, says: `2 of 3 records were bad, more than --max-reject-ratio 0\.5 allows; the good ones are stored`}.judge(t, r)
	if report := r.Report(t); report.Written != 1 || report.Rejected != 2 {
		t.Errorf("%d written and %d rejected, want 1 and 2", report.Written, report.Rejected)
	}
	p.settle(t)
	if ledger := p.ledger(t); ledger.Total.Clean != 1 || ledger.Total.Dead != 2 {
		t.Errorf("%d clean and %d dead, want 1 and 2", ledger.Total.Clean, ledger.Total.Dead)
	}
}

func TestSkipEmptyReportsThatThereWasNothingToDo(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	for _, verb := range []string{"stream", "to-pg", "to-hdfs"} {
		if r := p.Run(t, verb, "--skip-empty"); r.Code != 99 || r.Report(t).Outcome != "nothing" {
			t.Errorf("%s exits with %d, want 99\n%s", r, r.Code, r.Output())
		}
		if r := p.Run(t, verb); r.Code != 0 || r.Report(t).Outcome != "nothing" {
			t.Errorf("%s exits with %d, want 0\n%s", r, r.Code, r.Output())
		}
	}
}
