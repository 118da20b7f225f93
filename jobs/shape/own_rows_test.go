package shape

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"senmeteo/jobs/meteo"
)

func TestARowOfOurOwnColumnsIsReadLeniently(t *testing.T) {
	for name, c := range map[string]struct {
		field Field
		want  string // a part of the record, or the refusal
	}{
		"a decimal comma":                 {Field{"temperature_c", "27,5"}, `"temperature_c":27.5`},
		"a word for a missing value":      {Field{"dew_point_c", "NA"}, `"temperature_c":20`},
		"a number that is none":           {Field{"dew_point_c", "cold"}, `invalid_value: dew_point_c is not a number: "cold"`},
		"a time of a spreadsheet":         {Field{"fetched_at", 46235.5}, `"fetched_at":"2026-08-01T12:00:00Z"`},
		"a time that is none":             {Field{"fetched_at", "soon"}, `invalid_time: fetched_at is not a time such as 2026-08-01T12:00:00Z: "soon"`},
		"a whole number as text":          {Field{"revision", "3"}, `"revision":3`},
		"a whole number with a part":      {Field{"revision", 3.5}, `invalid_field: revision is not a whole number from 0 up: 3.5`},
		"a schema that is none":           {Field{"schema", "x"}, `invalid_field: schema is not a whole number from 0 up: "x"`},
		"a number as a name":              {Field{"provider_id", 7.0}, `"provider_id":"7"`},
		"a name with spaces":              {Field{"provider_id", " 7 "}, `"provider_id":"7"`},
		"a name that is none":             {Field{"provider_id", true}, `invalid_field: provider_id is not text`},
		"an id that is none":              {Field{"id", "7"}, `invalid_field: id "7" is not 32 hexadecimal digits`},
		"an id":                           {Field{"id", strings.Repeat("ab", 16)}, `"id":"` + strings.Repeat("ab", 16) + `"`},
		"failures in JSON":                {Field{"qc", `{"temperature_c":["range","step"]}`}, `"qc":{"temperature_c":["range","step"]}`},
		"a failure as XML has it":         {Field{"qc", Row{{"temperature_c", "range"}}}, `"qc":{"temperature_c":["range"]}`},
		"failures that are not a list":    {Field{"qc", Row{{"temperature_c", 5.0}}}, `invalid_field: qc of "temperature_c" is not a list of rules`},
		"a failure that is not a word":    {Field{"qc", Row{{"temperature_c", []any{"range", 5.0}}}}, `invalid_field: qc of "temperature_c" is not a list of rules`},
		"failures that are not an object": {Field{"qc", "[1]"}, `invalid_field: qc is not an object: "[1]"`},
		"failures in broken JSON":         {Field{"qc", "{"}, `invalid_field: qc is not an object: "{"`},
		"what was before, in JSON":        {Field{"original", `{"humidity_pct":101.5}`}, `"original":{"humidity_pct":101.5}`},
		"what was before, with a gap":     {Field{"original", Row{{"humidity_pct", ""}, {"temperature_c", "1,5"}}}, `"original":{"temperature_c":1.5}`},
		"what was before of nothing":      {Field{"original", Row{{"mood", 1.0}}}, `invalid_field: original.mood is not a variable`},
		"what was before, as a word":      {Field{"original", Row{{"humidity_pct", "wet"}}}, `invalid_value: humidity_pct is not a number: "wet"`},
		"what was before, as no object":   {Field{"original", 5.0}, `invalid_field: original is not an object: 5`},
	} {
		row := Row{{"schema", 1.0}, {"station_id", "SN-DK"}, {"observed_at", "01/08/2026 12:00"}, {"temperature_c", 20.0}}
		replaced := false
		for i := range row {
			if row[i].Name == c.field.Name {
				row[i], replaced = c.field, true
			}
		}
		if !replaced {
			row = append(row, c.field)
		}
		headings := make([]Heading, len(row))
		for i := range row {
			headings[i].Name = row[i].Name
		}
		d := NewDecoder()
		table, err := d.NewTable(headings, []Row{row}, Options{Defaults: atNoon()})
		if err != nil {
			t.Fatal(err)
		}
		fromTable, errTable := table.Read(row)
		fromRow, errRow := d.FromRow(row, atNoon())
		for way, got := range map[string]string{"a table": ownText(fromTable, errTable), "a row": ownText(fromRow, errRow)} {
			if !strings.Contains(got, c.want) {
				t.Errorf("%s, in %s: got %s, want %s", name, way, got, c.want)
			}
		}
	}
}

func ownText(all []meteo.Observation, err error) string {
	if err != nil {
		return err.Error()
	}
	return string(all[0].AppendJSON(nil))
}

func TestJSONOfOurOwnIsHeldToItsTypes(t *testing.T) {
	const good = `{"schema":1,"station_id":"SN-DK","observed_at":"2026-08-01T12:00:00Z","source":"a","kind":"observed","temperature_c":20,"x":1`
	for member, want := range map[string]string{
		`"revision":"3"`:                      `invalid_field: revision is not a whole number from 0 up: "3"`,
		`"revision":9007199254740991`:         "",
		`"revision":-1`:                       `invalid_field: revision is not a whole number from 0 up: -1`,
		`"dew_point_c":"1"`:                   `invalid_value: dew_point_c is not a number: "1"`,
		`"provider_id":7`:                     `invalid_field: provider_id is not text`,
		`"fetched_at":"2026-08-01 12:00"`:     `invalid_time: fetched_at is not a time such as 2026-08-01T12:00:00Z: "2026-08-01 12:00"`,
		`"fetched_at":5`:                      `invalid_time: fetched_at is not a time such as 2026-08-01T12:00:00Z: 5`,
		`"fetched_at":"0000-01-01T00:00:00Z"`: `invalid_time: fetched_at is not a time such as 2026-08-01T12:00:00Z: "0000-01-01T00:00:00Z"`,
		`"dew_point_c":null`:                  "",
		`"dew_point_c":""`:                    `invalid_value: dew_point_c is not a number: ""`,
		`"qc":"{}"`:                           `invalid_field: qc is not an object: "{}"`,
		`"qc":{"temperature_c":"range"}`:      `invalid_field: qc of "temperature_c" is not a list of rules`,
		`"original":{"humidity_pct":"1"}`:     `invalid_value: humidity_pct is not a number: "1"`,
		`"original":{"humidity_pct":null}`:    "",
		`"original":{"humidity_pct":""}`:      `invalid_value: humidity_pct is not a number: ""`,
	} {
		_, err := NewDecoder().FromJSON([]byte(good+","+member+"}"), atNoon())
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", member, got, want)
		}
	}
}

func TestOurOwnRecordsAreCompletedByTheDefaults(t *testing.T) {
	for _, extra := range []string{"", `,"x":1`} { // by the fast path and by the general one
		record := `{"schema":1,"station_id":"SN-DK","observed_at":"2026-08-01T12:00:00Z","temperature_c":20` + extra + `}`
		all, err := NewDecoder().FromJSON([]byte(record), atNoon())
		if err != nil || all[0].Source != "file" || all[0].Kind != meteo.Observed || !all[0].FetchedAt.Equal(atNoon().FetchedAt) {
			t.Errorf("%s: %v, %v", record, all, err)
		}
	}
}

func TestTheFastPathReadsPlainRecordsAlone(t *testing.T) {
	o := full()
	good := string(o.AppendJSON(nil))
	for name, c := range map[string]struct {
		old, new string
		want     bool
	}{
		"as we write it":                  {"", "", true},
		"a revision of 2^53 - 1":          {`"revision":2`, `"revision":9007199254740991`, true},
		"a revision of 2^53":              {`"revision":2`, `"revision":9007199254740992`, false},
		"a revision of 0":                 {`"revision":2`, `"revision":0`, true},
		"a negative revision":             {`"revision":2`, `"revision":-1`, false},
		"a schema of 0":                   {`"schema":1`, `"schema":0`, false},
		"a newer schema":                  {`"schema":1`, `"schema":2`, false},
		"a schema in text":                {`"schema":1`, `"schema":"1"`, false},
		"an unknown member":               {`"schema":1`, `"schema":1,"x":1`, false},
		"a member twice":                  {`"schema":1`, `"schema":1,"schema":1`, false},
		"a number in text":                {`"temperature_c":0.1`, `"temperature_c":"0.1"`, false},
		"a number out of range":           {`"temperature_c":0.1`, `"temperature_c":1e999`, false},
		"text in a number":                {`"region":"Thiès"`, `"region":7`, false},
		"escaped text":                    {`"region":"Thiès"`, `"region":"Thi\u00e8s"`, true},
		"a time of another form":          {`"observed_at":"2026-03-01T`, `"observed_at":"2026-03-01 `, false},
		"a time out of the calendar":      {`"observed_at":"2026-`, `"observed_at":"0000-`, false},
		"an id that is none":              {`"id":"`, `"id":"x`, false},
		"a subject twice":                 {`"location":["location"]`, `"humidity_pct":["location"]`, false},
		"rules that are not a list":       {`["location"]`, `"location"`, false},
		"a rule that is not a word":       {`["location"]`, `[7]`, false},
		"failures that are not an object": {`"qc":{`, `"qc":[`, false},
		"an unknown variable before":      {`"original":{"humidity_pct"`, `"original":{"mood"`, false},
		"a variable twice before":         {`"original":{`, `"original":{"humidity_pct":1,`, false},
		"no object before":                {`"original":{"humidity_pct":101.5}`, `"original":7`, false},
		"a list that does not end":        {`["location"]`, `["location"`, false},
		"no station":                      {`"station_id":"SN-TH",`, ``, false},
		"no time":                         {`"observed_at":"2026-03-01T12:10:00.00025Z",`, ``, false},
		"no schema":                       {`"schema":1,`, ``, false},
		"two records":                     {`"schema":1`, `"schema":1}{"schema":1`, false},
	} {
		changed := strings.Replace(good, c.old, c.new, 1)
		if c.old != "" && changed == good {
			t.Errorf("%s: %s is not in %s", name, c.old, good)
		}
		if ok := NewDecoder().fast([]byte(changed)); ok != c.want {
			t.Errorf("%s: %v", name, ok)
		}
	}
	for _, text := range []string{"", "[]", "7", good + " 7", good + "}", good[:len(good)-1]} {
		if NewDecoder().fast([]byte(text)) {
			t.Errorf("%q passes", text)
		}
	}
	if !NewDecoder().fast([]byte(good + " \n")) {
		t.Error("a record and a line break do not pass")
	}
	d := NewDecoder()
	if !d.fast([]byte(strings.Replace(good, `"temperature_c":0.1`, `"temperature_c":-0`, 1))) || math.Signbit(d.record.Values[meteo.Temperature]) {
		t.Error("-0 stays")
	}
}

func TestTextsThatRecurAreKeptOnce(t *testing.T) {
	d := NewDecoder()
	for i := range maxNames + 5 {
		if got, ok := d.word([]byte(fmt.Sprint("x", i))); !ok || got != fmt.Sprint("x", i) {
			t.Fatal(got)
		}
	}
	if len(d.names) != maxNames {
		t.Errorf("%d texts are kept", len(d.names))
	}
	other := NewDecoder()
	if other.word([]byte(strings.Repeat("x", 65))); len(other.names) != 0 {
		t.Error("a text of 65 bytes is kept")
	}
	if other.word([]byte(strings.Repeat("x", 64))); len(other.names) != 1 {
		t.Error("a text of 64 bytes is not kept")
	}
}

func TestAnArrayOfRecordsIsGoodAsAWhole(t *testing.T) {
	bodies{
		"of two":                        {`[{"time":"2026-08-01T12:00Z","temp":27},{"time":"2026-08-01T13:00Z","temp":28}]`, "SN-DK 2026-08-01 12:00 observed {\"temperature_c\":27}\nSN-DK 2026-08-01 13:00 observed {\"temperature_c\":28}"},
		"of none":                       {`[]`, "no_values: the array is empty"},
		"with something else":           {`[{"time":"2026-08-01T12:00Z","temp":27},7]`, "unknown_shape: element 2 is not an object"},
		"with a bad one":                {`[{"time":"2026-08-01T12:00Z","temp":27},{"temp":28}]`, "invalid_time: record 2 of 2: it has no time"},
		"no array":                      {`7`, "unknown_shape: it is neither an object nor an array of objects"},
		"a text":                        {`"x"`, "unknown_shape: it is neither an object nor an array of objects"},
		"a kind that the record states": {`{"time":"2026-08-01T12:00Z","temp":27,"kind":"Forecast","issued_at":"2026-08-01T06:00Z","provider_id":7,"source":"Météo Thiès"}`, "SN-DK 2026-08-01 12:00 forecast {\"temperature_c\":27} issued 08-01 06:00"},
	}.test(t)
}

func TestProducersAreCalledByTheNamesOfSources(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{{"Tomorrow.io", "tomorrow"}, {"Météo Thiès", "meteo-thies"}, {"anacim", "anacim"}, {"!!", ""}, {7.0, "7"}, {nil, ""}} {
		if got := sourceName(c.in); got != c.want {
			t.Errorf("%v: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestAnIntervalIsInTheUnitOfItsName(t *testing.T) {
	for name, c := range map[string]struct {
		field Field
		want  string
	}{
		"seconds":              {Field{"interval_s", 600.0}, "600"},
		"minutes":              {Field{"interval (min)", "10"}, "600"},
		"a part":               {Field{"interval (min)", 0.99}, "59"},
		"zero":                 {Field{"interval", 0.0}, "3600"}, // as the user says
		"none":                 {Field{"x", 0.0}, "3600"},
		"a negative one":       {Field{"interval", -1.0}, `invalid_field: "interval" is not an interval: -1`},
		"a word":               {Field{"interval", "long"}, `invalid_field: "interval" is not an interval: "long"`},
		"the longest":          {Field{"interval", float64(maxInteger)}, "9007199254740991"},
		"one that is too long": {Field{"interval", float64(maxInteger + 1)}, `invalid_field: "interval" is not an interval: 9.007199254740992e+15`},
	} {
		def := atNoon()
		def.IntervalS = 3600
		o, err := one(Row{{"time", "2026-08-01 12:00"}, {"rain", 1.0}, c.field}, def)
		got := fmt.Sprint(o.IntervalS)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	def := atNoon()
	def.IntervalS = 3600
	if o, err := one(Row{{"time", "2026-08-01 12:00"}, {"temp", 1.0}, {"interval", 600.0}}, def); err != nil || o.IntervalS != 0 {
		t.Errorf("beside no value over an interval: %d, %v", o.IntervalS, err)
	}
	if o, err := one(Row{{"time", "2026-08-01 12:00"}, {"gust", 1.0}}, def); err != nil || o.IntervalS != 0 {
		t.Errorf("the user's interval is of rain: %d, %v", o.IntervalS, err)
	}
}

func TestARecordOfAFileIsOursWhenItIsGood(t *testing.T) {
	o := full()
	good := string(o.AppendJSON(nil))
	for name, c := range map[string]struct {
		in   string
		want bool
	}{
		"as we write it":    {good, true},
		"a quality of ours": {strings.Replace(good, `"suspect"`, `"bad"`, 1), true},
		"another quality":   {strings.Replace(good, `"suspect"`, `"fine"`, 1), false},
		"another record":    {`{"time":"2026-08-01T12:00Z","temp":27}`, false},
	} {
		if own, ok := NewDecoder().OwnJSON([]byte(c.in), atNoon()); ok != c.want || ok && len(own) != 1 {
			t.Errorf("%s: %v, %v", name, own, ok)
		}
	}
}
