package codetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

// python is where the tests find the decoders of test/requirements.txt.
const python = "../../../../.cache/venv/bin/python"

// Explanation is why the two decoders may differ.
type Explanation struct {
	Name string
	Why  string // which of the two is right, and by which rule
	Fits func(*Difference) bool
}

// Difference is what the two decoders say of one variable of one report, or, when one refuses it, of the report.
type Difference struct {
	Line         string
	Variable     meteo.Variable
	Refused      bool // one of the two refuses the report
	Ours, Theirs float64
	OursIn       int64 // seconds of our rain
	TheirsIn     int64
	Err          error  // of ours
	TheirErr     string // of theirs
}

func (d *Difference) String() string {
	if d.Refused {
		if d.Err != nil {
			return fmt.Sprintf("refused here: %v", d.Err)
		}
		return "refused there: " + d.TheirErr
	}
	text := fmt.Sprintf("%s is %s here, %s there", d.Variable, shown(d.Ours), shown(d.Theirs))
	if d.Variable == meteo.Rain {
		text += fmt.Sprintf(" (of %d and %d h)", d.OursIn/3600, d.TheirsIn/3600)
	}
	return text
}

func shown(x float64) string {
	if !meteo.Known(x) {
		return "unknown"
	}
	return fmt.Sprintf("%.6g", x)
}

// said is what the independent decoder prints of a line.
type said struct {
	values   map[string]float64
	station  string
	refusal  string
	interval int64
}

// Independent lets the decoder of another author decode the corpus, too. Each difference must have an explanation, each
// explanation a difference, and all of them must be those of differences.txt.
func Independent(t *testing.T, decode func(line string) Decoded, explanations []Explanation) {
	t.Helper()
	corpus := lines(t)
	theirs := ask(t, corpus)
	listed := make([]strings.Builder, len(explanations))
	counts := make([]int, len(explanations))
	compared := 0
	for i, line := range corpus {
		ours := decode(line)
		if ours.Err == nil && theirs[i].refusal == "" && ours.Station != theirs[i].station {
			t.Errorf("line %d is about %s, and about %s there", i+1, ours.Station, theirs[i].station)
		}
		differences, n := compare(line, &ours, &theirs[i])
		compared += n
	next:
		for _, d := range differences {
			for k := range explanations {
				if explanations[k].Fits(&d) {
					counts[k]++
					fmt.Fprintf(&listed[k], "  %3d  %s\n", i+1, d.String())
					continue next
				}
			}
			t.Errorf("line %d differs without an explanation: %s\n%s", i+1, d.String(), line)
		}
	}
	var all strings.Builder
	fmt.Fprintf(&all, "%d reports, %d values that one of the two decoders gives.\n", len(corpus), compared)
	for k, e := range explanations {
		if counts[k] == 0 {
			t.Errorf("nothing is explained by %q", e.Name)
		}
		fmt.Fprintf(&all, "\n%s: %d\n%s\n\n%s", e.Name, counts[k], e.Why, listed[k].String())
	}
	golden(t, "testdata/differences.txt", all.String())
}

// ask runs independent.py.
func ask(t *testing.T, corpus []string) []said {
	t.Helper()
	if _, err := os.Stat(python); err != nil {
		t.Fatalf("the independent decoder is missing: python3 -m venv .cache/venv && .cache/venv/bin/pip install -r test/requirements.txt (%v)", err)
	}
	var failures bytes.Buffer
	cmd := exec.Command(python, "testdata/independent.py")
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(corpus, "\n")+"\n"), &failures
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, failures.Bytes())
	}
	var all []said
	for line := range bytes.Lines(out) {
		var tree map[string]any
		if err := json.Unmarshal(line, &tree); err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
		s := said{values: map[string]float64{}}
		for name, x := range tree {
			switch x := x.(type) {
			case float64:
				s.values[name] = x
			case string:
				switch name {
				case "station":
					s.station = x
				case "error":
					s.refusal = x
				}
			}
		}
		s.interval = int64(s.values["interval_s"])
		all = append(all, s)
	}
	if len(all) != len(corpus) {
		t.Fatalf("of %d lines the independent decoder answers %d", len(corpus), len(all))
	}
	return all
}

// rounding is by how much two values may differ that are the same but for rounding: of wind to cm/s, of inches of
// mercury to tenths of hPa, of miles to metres.
var rounding = map[meteo.Variable]float64{
	meteo.WindSpeed: 0.0051, meteo.WindGust: 0.0051, meteo.Pressure: 0.0501, meteo.Visibility: 0.501,
}

// compare finds the differences of one line, and how many values there are. The humidity that we compute of a dew point
// is not compared: the reports have none.
func compare(line string, ours *Decoded, theirs *said) (differences []Difference, values int) {
	if (ours.Err != nil) != (theirs.refusal != "") {
		return []Difference{{Line: line, Refused: true, Err: ours.Err, TheirErr: theirs.refusal}}, 0
	}
	if ours.Err != nil {
		return nil, 0
	}
	for v, x := range ours.Values {
		variable := meteo.Variable(v)
		y, ok := theirs.values[variable.String()]
		if !ok {
			y = math.NaN()
		}
		if variable == meteo.Humidity && !ok || !ok && !meteo.Known(x) {
			continue
		}
		values++
		same := ok && meteo.Known(x) && math.Abs(x-y) <= max(rounding[variable], 1e-6)
		if variable == meteo.Rain {
			same = same && ours.IntervalS == theirs.interval
		}
		if !same {
			differences = append(differences, Difference{Line: line, Variable: variable, Ours: x, Theirs: y, OursIn: ours.IntervalS, TheirsIn: theirs.interval})
		}
	}
	return differences, values
}
