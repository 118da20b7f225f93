package export

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// Form is for whom a table is.
type Form string

// The forms. All but Table are CSV as another tool reads it: of measurements alone, without those of models, and of one source for each
// station, because none of them has a column for it.
const (
	Table    Form = "table"       // a column for each element, and the share that it rests on
	Climsoft Form = "climsoft"    // a line for each value
	AWS      Form = "wis2-aws"    // a line for each reading, for csv2bufr's aws-template
	Daycli   Form = "wis2-daycli" // a line for each day, for csv2bufr's daycli-template
)

var forms = []Form{Table, Climsoft, AWS, Daycli}

// Forms lists the forms for people.
var Forms = func() string {
	var names []string
	for _, f := range forms {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}()

// ParseForm finds a form by its name.
func ParseForm(name string) (Form, error) {
	if !slices.Contains(forms, Form(name)) {
		return "", flow.Fail(flow.Usage, "--form is %q: it is one of %s", name, Forms)
	}
	return Form(name), nil
}

// check refuses what a form can't say.
func (r *Request) check(format string) error {
	switch {
	case r.Form == Table || r.Form == "":
		return nil
	case format != "csv":
		return flow.Fail(flow.Usage, "--form %s is CSV: let the name of --out end with .csv", r.Form)
	case r.ByRegion:
		return flow.Fail(flow.Usage, "--form %s is of stations: leave --by-region out", r.Form)
	case r.Form == Climsoft && r.Step != Day && r.Step != Month:
		return flow.Fail(flow.Usage, "--form climsoft is of days or months: give --step day or --step month")
	case r.Form == Daycli && r.Step != Day:
		return flow.Fail(flow.Usage, "--form wis2-daycli is of days: give --step day")
	case r.Form != Climsoft && r.List == nil:
		return flow.Fail(flow.Usage, "--form %s needs --station-list: what WIS2 knows of a station, its WIGOS identifier and its exact place, is in OSCAR/Surface and not here", r.Form)
	}
	return nil
}

// Write writes the table that is asked for. When nothing was measured that it could be of, the log says so.
func Write(ctx context.Context, store query.HistoryReader, r Request, format string, out io.Writer) error {
	if err := r.check(format); err != nil {
		return err
	}
	wanted := &wantedHistory{HistoryReader: store, request: &r}
	err := write(ctx, wanted, r, format, out)
	if err == nil && !wanted.any && r.Logger != nil {
		r.Logger.Warn("the table is empty: in its time, and of its stations and sources, nothing was measured; `senmeteo gaps` lists the series and their last readings")
	}
	return err
}

// wantedHistory notes whether a store has any observation that a request wants.
type wantedHistory struct {
	query.HistoryReader
	request *Request
	any     bool
}

func (h *wantedHistory) History(ctx context.Context, from, to time.Time, visit func(*query.Origin, *query.Measured) error) error {
	return h.HistoryReader.History(ctx, from, to, func(o *query.Origin, m *query.Measured) error {
		h.any = h.any || h.request.wants(o)
		return visit(o, m)
	})
}

func write(ctx context.Context, store query.HistoryReader, r Request, format string, out io.Writer) error {
	lines := &lines{out: bufio.NewWriter(out), list: r.List, log: r.Logger}
	switch r.Form {
	case Climsoft:
		w := climsoftWriter{lines, r.Step}
		return lines.end(Rows(ctx, store, r, w.write))
	case Daycli:
		lines.write(daycliColumns)
		return lines.end(Rows(ctx, store, r, lines.daycli))
	case AWS:
		lines.write(awsColumns)
		return lines.end(writeAWS(ctx, store, r, lines))
	}
	w, err := NewWriter(format, out)
	if err != nil {
		return err
	}
	if err := Rows(ctx, store, r, w.Write); err != nil {
		return err
	}
	return w.Close()
}

// lines are those of a form: CSV that never needs quotes.
type lines struct {
	out     *bufio.Writer
	list    StationList
	log     *slog.Logger
	sources map[string]string // by station
	models  []string          // stations of which values of models were left out
	unknown []string          // stations that are not in the list
}

// takes reports whether a series belongs into the form. A second source of a station is refused: its lines would be taken for corrections.
func (l *lines) takes(o *query.Origin) (bool, error) {
	if o.Kind != meteo.Observed {
		l.models = note(l.models, o.StationID)
		return false, nil
	}
	if l.list != nil {
		if _, ok := l.list[o.StationID]; !ok {
			l.unknown = note(l.unknown, o.StationID)
			return false, nil
		}
	}
	if other, ok := l.sources[o.StationID]; ok && other != o.Source {
		return false, flow.Fail(flow.Usage, "%s has measurements from %s and %s, and this form has no column for the source: choose one by --sources", o.StationID, other, o.Source)
	}
	if l.sources == nil {
		l.sources = map[string]string{}
	}
	l.sources[o.StationID] = o.Source
	return true, nil
}

func note(stations []string, id string) []string {
	if slices.Contains(stations, id) {
		return stations
	}
	return append(stations, id)
}

func (l *lines) write(cells []string) {
	_, _ = l.out.WriteString(strings.Join(cells, ",") + "\n") // the error is that of Flush
}

// end writes what is left, unless there was an error, and logs which stations are absent.
func (l *lines) end(err error) error {
	if err != nil {
		return err
	}
	if l.log != nil && len(l.models) > 0 {
		l.log.Warn("values of models are left out: the form is of measurements", "senmeteo.stations", strings.Join(l.models, ","))
	}
	if l.log != nil && len(l.unknown) > 0 {
		l.log.Warn("stations are left out that are not in the list of --station-list", "senmeteo.stations", strings.Join(l.unknown, ","))
	}
	return l.out.Flush()
}

// number writes a value with at most so many decimals; one that is unknown is empty.
func number(x float64, decimals int) string {
	if !meteo.Known(x) {
		return ""
	}
	unit := math.Pow10(decimals)
	return strconv.FormatFloat(math.Round(x*unit)/unit, 'f', -1, 64)
}

// kelvin writes a temperature in °C as csv2bufr's templates take it; hundredths keep the tenths of a degree Celsius.
func kelvin(celsius float64) string { return number(celsius+273.15, 2) }

// clock are the columns of a time, from the year to the minute.
func clock(t time.Time) []string {
	t = t.UTC()
	return []string{fmt.Sprint(t.Year()), fmt.Sprint(int(t.Month())), fmt.Sprint(t.Day()), fmt.Sprint(t.Hour()), fmt.Sprint(t.Minute())}
}
