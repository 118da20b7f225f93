package shape

import (
	"errors"
	"strings"
	"testing"
	"time"

	"senmeteo/jobs/meteo"
)

func full() meteo.Observation {
	st, _ := meteo.StationByID("SN-TH")
	at := time.Date(2026, 3, 1, 12, 10, 0, 250000, time.UTC)
	o := meteo.Observation{Reading: meteo.NewReading(st, at, "tomorrow", meteo.Forecast), Revision: 2, Quality: meteo.Suspect}
	o.IssuedAt, o.FetchedAt = at.Add(-time.Hour), at.Add(-59*time.Minute)
	for v := range o.Values {
		o.Values[v] = float64(v) + 0.1
	}
	o.IntervalS = 600
	o.Quantiles = meteo.Quantiles{
		{Variable: meteo.Temperature, Values: [...]float64{-1, 0, 1.5, 2, 3, 4, 1e21}},
		{Variable: meteo.RainProbability, Values: [...]float64{0, 0, 0, 0, 0, 0, 0.1}},
	}
	o.ID = o.Identity.ID()
	o.QC = []meteo.Failure{{Subject: "humidity_pct", Rule: "range"}, {Subject: "humidity_pct", Rule: "step"}, {Subject: "location", Rule: "location"}}
	vs := meteo.NoValues()
	vs[meteo.Humidity] = 101.5
	o.Original = &vs
	return o
}

func TestAnObservationReadsBackAsTheSameBytes(t *testing.T) {
	o := full()
	once := o.AppendJSON(nil)
	back, err := NewDecoder().Observation(once)
	if err != nil {
		t.Fatal(err)
	}
	if twice := back.AppendJSON(nil); string(once) != string(twice) {
		t.Fatalf("got  %s\nwant %s", twice, once)
	}
	if back.ID != o.Identity.ID() {
		t.Errorf("id %s, want %s", back.ID, o.Identity.ID())
	}
}

func TestOwnRecordsAreRefusedWithAReason(t *testing.T) {
	good := full()
	json := string(good.AppendJSON(nil))
	for name, c := range map[string]struct {
		in   string
		want meteo.Reason
	}{
		"broken JSON":                {json[:len(json)-2], meteo.InvalidJSON},
		"nothing":                    {"", meteo.InvalidJSON},
		"two values":                 {json + json, meteo.InvalidJSON},
		"invalid UTF-8":              {strings.Replace(json, "Thi", "Thi\xff", 1), meteo.InvalidJSON},
		"a name twice":               {`{"schema":1,"schema":1}`, meteo.InvalidJSON},
		"a value twice":              {strings.Replace(json, `"temperature_c":0.1`, `"temperature_c":0.1,"temperature_c":0.2`, 1), meteo.InvalidJSON},
		"a name twice, escaped":      {strings.Replace(json, `"temperature_c":0.1`, `"temperature_c":0.1,"temperature\u005fc":0.2`, 1), meteo.InvalidJSON},
		"an unknown name twice":      {strings.Replace(json, `"schema":1`, `"schema":1,"x":1,"x":1`, 1), meteo.InvalidJSON},
		"a name twice in another":    {strings.Replace(json, `"schema":1`, `"schema":1,"x":{"a":1,"a":1}`, 1), meteo.InvalidJSON},
		"a name twice in qc":         {strings.Replace(json, `"qc":{`, `"qc":{"location":["a"],`, 1), meteo.InvalidJSON},
		"a name twice in original":   {strings.Replace(json, `"original":{`, `"original":{"humidity_pct":null,`, 1), meteo.InvalidJSON},
		"a name twice in quantiles":  {strings.Replace(json, `"quantiles":{`, `"quantiles":{"temperature_c":[1,2,3,4,5,6,7],`, 1), meteo.InvalidJSON},
		"quantiles of another thing": {strings.Replace(json, `"quantiles":{"temperature_c"`, `"quantiles":{"temp"`, 1), meteo.InvalidField},
		"six quantiles":              {strings.Replace(json, `[-1,0,1.5,`, `[-1,1.5,`, 1), meteo.InvalidField},
		"eight quantiles":            {strings.Replace(json, `[-1,0,1.5,`, `[-1,0,1.5,1.5,`, 1), meteo.InvalidField},
		"one quantile":               {strings.Replace(json, `[-1,0,1.5,2,3,4,1e+21]`, `2`, 1), meteo.InvalidField},
		"no quantiles":               {strings.Replace(json, `[-1,0,1.5,2,3,4,1e+21]`, `null`, 1), meteo.InvalidField},
		"a quantile as text":         {strings.Replace(json, `[-1,0,1.5,`, `[-1,0,"1.5",`, 1), meteo.InvalidValue},
		"a quantile that is null":    {strings.Replace(json, `[-1,0,1.5,`, `[-1,0,null,`, 1), meteo.InvalidValue},
		"quantiles in a list":        {strings.Replace(json, `"quantiles":{`, `"quantiles":[],"x":{`, 1), meteo.InvalidField},
		"deep nesting":               {`{"x":` + strings.Repeat("[", 1_000_000), meteo.InvalidJSON},
		"a newer schema":             {strings.Replace(json, `"schema":1`, `"schema":2`, 1), meteo.UnsupportedSchema},
		"text where a number goes":   {strings.Replace(json, `"temperature_c":0.1`, `"temperature_c":"NaN"`, 1), meteo.InvalidValue},
		"a number out of range":      {strings.Replace(json, `"temperature_c":0.1`, `"temperature_c":1e999`, 1), meteo.InvalidValue},
		"a time of another form":     {strings.Replace(json, `"observed_at":"2026-03-01T`, `"observed_at":"01/03/2026 `, 1), meteo.InvalidTime},
		"an array":                   {`[1]`, meteo.UnknownShape},
		"an empty object":            {`{}`, meteo.UnknownShape},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewDecoder().Observation([]byte(c.in))
			var refusal *meteo.Refusal
			if !errors.As(err, &refusal) || refusal.Reason != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestADecoderServesTheNextRecordAfterABadOne(t *testing.T) {
	d, o := NewDecoder(), full()
	if _, err := d.Observation([]byte(`{"a":`)); err == nil {
		t.Fatal("broken JSON passed")
	}
	if _, err := d.Observation(o.AppendJSON(nil)); err != nil {
		t.Fatal(err)
	}
}

// fileDefaults are what files are read with.
var fileDefaults = Defaults{Source: "file", Kind: meteo.Observed}

// slow reads a record without the fast path.
func slow(data []byte) (o meteo.Observation, err error) {
	tree, err := ParseJSON(data)
	if err != nil {
		return o, err
	}
	row, ok := tree.(Row)
	if !ok || !isOwn(row) {
		return o, meteo.Refuse(meteo.UnknownShape, "it is of another shape")
	}
	d := NewDecoder()
	err = d.own(row, true)
	return d.record, err
}

// The fast path may read less than the general one, and nothing in another way.
func FuzzTheFastPathReadsWhatTheGeneralPathReads(f *testing.F) {
	o := full()
	good := string(o.AppendJSON(nil))
	f.Add([]byte(good))
	for _, change := range [][2]string{
		{`"schema":1`, `"schema":1.0`},
		{`"schema":1`, `"schema":0`},
		{`"schema":1`, `"x":{"a":[1,null]},"schema":1`},
		{`"revision":2`, `"revision":null`},
		{`"revision":2`, `"revision":9007199254740993`},
		{`"temperature_c":0.1`, `"temperature_c":-0`},
		{`"temperature_c":0.1`, `"temperature_c":"0.1"`},
		{`"temperature_c":0.1`, `"temperature\u005fc":1E-3`},
		{`"temperature_c":0.1`, `"temperature_c":0.1,"temperature_c":0.2`},
		{`"region":"Thiès"`, `"region":" Thi\u00e8s\n"`},
		{`"humidity_pct":101.5`, `"humidity_pct":101.5,"humidity_pct":1`},
		{`["range","step"]`, `[]`},
		{`"location":["location"]`, `"humidity_pct":["location"]`},
		{`.00025Z`, `.00025+01:00`},
		{`.00025Z`, `.0002509999Z`},
		{`.00025Z`, `.0002599999999Z`},
		{`2026-03-01T12`, `2026-02-29T12`},
		{`2026-03-01T12`, `2024-02-29T24`},
		{`"temperature_c":0.1`, `"temperature_c":-0.0000000123456789012345`},
		{`"temperature_c":0.1`, `"temperature_c":123456789012345`},
		{`"temperature_c":0.1`, `"temperature_c":9007199254740993`},
		{`"temperature_c":0.1`, `"temperature_c":00.1`},
		{`"temperature_c":0.1`, `"temperature_c":1.`},
		{`"temperature_c":0.1`, `"temperature_c":-`},
		{`"temperature_c":0.1`, `"temperature_c" : 0.1 `},
		{`"temperature_c":0.1`, `"temperature_c":0.1,`},
		{`"interval_s":600`, `"interval_s":0600`},
		{`"interval_s":600`, `"interval_s":600.0`},
		{`"region":"Thiès"`, `"region":"n/a"`},
		{`"location":["location"]`, `"location":[" "]`},
	} {
		changed := strings.Replace(good, change[0], change[1], 1)
		if changed == good {
			f.Fatalf("%s is not in the record", change[0])
		}
		f.Add([]byte(changed))
	}
	d := NewDecoder()
	f.Fuzz(func(t *testing.T, data []byte) {
		if !d.fast(data) {
			return
		}
		fast := d.record
		general, err := slow(data)
		if err != nil {
			t.Fatalf("the fast path reads %q, the general path: %v", data, err)
		}
		if got, want := fast.AppendJSON(nil), general.AppendJSON(nil); string(got) != string(want) {
			t.Fatalf("fast    %s\ngeneral %s", got, want)
		}
		ofFile, ofRow := NewDecoder(), NewDecoder()
		own, ok := ofFile.OwnJSON(data, fileDefaults)
		tree, err := ParseJSON(data)
		if !ok || err != nil {
			return
		}
		row, err := ofRow.FromRow(tree.(Row), fileDefaults)
		if err != nil {
			t.Fatalf("the fast path of files reads %q, the general path: %v", data, err)
		}
		if got, want := own[0].AppendJSON(nil), row[0].AppendJSON(nil); string(got) != string(want) {
			t.Fatalf("fast    %s\nof rows %s", got, want)
		}
	})
}

func BenchmarkTheGeneralPath(b *testing.B) {
	o := full()
	o.Quantiles = nil
	json := o.AppendJSON(nil)
	b.SetBytes(int64(len(json)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := slow(json); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObservation(b *testing.B) {
	o := full()
	o.Quantiles = nil
	json := o.AppendJSON(nil)
	d := NewDecoder()
	b.SetBytes(int64(len(json)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Observation(json); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTheFastPathReadsWhatAppendJSONWrites(t *testing.T) {
	o := full()
	written := string(o.AppendJSON(nil))
	for name, text := range map[string]string{
		"as it is written":      written,
		"with spaces":           strings.NewReplacer(`":`, `" : `, `,"`, `, "`, `{`, `{ `, `}`, ` }`).Replace(written),
		"with its end in front": strings.Replace(`{"interval_s":600,`+written[1:], `,"interval_s":600`, "", 1),
		"with many digits":      strings.Replace(written, `"temperature_c":0.1`, `"temperature_c":1.00000000000000000000001e-1`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			d := NewDecoder()
			if !d.fast([]byte(text)) {
				t.Fatalf("not read: %s", text)
			}
			if again := string(d.record.AppendJSON(nil)); again != written {
				t.Errorf("got  %s\nwant %s", again, written)
			}
		})
	}
}
