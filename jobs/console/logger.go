package console

import (
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// ecsVersion is the version of the Elastic Common Schema whose field names the JSON lines use.
const ecsVersion = "8.17.0"

// Options say how a job logs.
type Options struct {
	Job       string
	RunID     string
	Version   string
	Level     slog.Level
	Labels    map[string]string // further ECS labels: the Airflow DAG and task
	Out       io.Writer         // where lines go
	File      io.Writer         // where they go as JSON besides; nil: nowhere
	FileLevel slog.Level
	Text      bool // coloured text instead of JSON
	Color     bool
}

// NewLogger returns the logger of a job.
func NewLogger(o Options) *slog.Logger {
	out := jsonLogger(o, o.Out, o.Level, o.Job)
	if o.Text {
		out = slog.New(tint.NewTextHandler(o.Out, &tint.Options{Level: o.Level, TimeFormat: time.TimeOnly, NoColor: !o.Color}))
	}
	if o.File == nil {
		return out
	}
	return slog.New(slog.NewMultiHandler(out.Handler(), jsonLogger(o, o.File, o.FileLevel, o.Job).Handler()))
}

// LogReport writes the report of a job, one JSON object, to its log file alone: on standard output it is the last line.
func LogReport(o Options, report []byte) {
	if o.File != nil {
		jsonLogger(o, o.File, slog.LevelInfo, "report").Info("report", "report", json.RawMessage(report))
	}
}

func jsonLogger(o Options, out io.Writer, level slog.Level, dataset string) *slog.Logger {
	h := slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: ecs})
	attrs := []any{
		slog.String("ecs.version", ecsVersion), slog.String("service.name", "senmeteo"), slog.String("service.version", o.Version),
		slog.String("event.dataset", "senmeteo."+dataset), slog.String("senmeteo.job", o.Job),
	}
	if o.RunID != "" {
		attrs = append(attrs, slog.String("senmeteo.run_id", o.RunID))
	}
	for k, v := range o.Labels {
		attrs = append(attrs, slog.String("labels."+k, v))
	}
	return slog.New(h).With(attrs...)
}

// ecs gives slog's own attributes their ECS names and puts the program's under "senmeteo.".
func ecs(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.TimeKey:
		return slog.String("@timestamp", a.Value.Time().UTC().Format("2006-01-02T15:04:05.000Z07:00"))
	case slog.LevelKey:
		return slog.String("log.level", strings.ToLower(a.Value.String()))
	case slog.MessageKey:
		a.Key = "message"
	case "error":
		a.Key = "error.message"
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(err.Error())
		}
	case "took":
		return slog.Int64("event.duration", a.Value.Duration().Nanoseconds())
	default:
		if !strings.Contains(a.Key, ".") {
			a.Key = "senmeteo." + a.Key
		}
	}
	return a
}

// AirflowLabels returns which task runs the job, where Airflow's variables say so.
func AirflowLabels(getenv func(string) string) map[string]string {
	labels := map[string]string{}
	for _, name := range []string{"dag_id", "task_id", "try_number"} {
		if v := getenv("AIRFLOW_CTX_" + strings.ToUpper(name)); v != "" {
			labels[name] = v
		}
	}
	return labels
}

// IsTerminal reports whether a file is a terminal.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Colors reports whether a terminal is to be coloured: NO_COLOR and TERM=dumb forbid it.
func Colors(getenv func(string) string) bool {
	return getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}
