package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"senmeteo/test/program"
)

// What weather producers that are older than senmeteo, and scripts that pass on what an API says, put straight on the raw topic:
// without a key, in any partition, and some of it twice.
var olderMessages = []struct {
	name, value string
	want        []string // station|time|source|kind|temperature|humidity|wind|clouds|rain rate
	reason      string   // of the dead letter, where it is none of ours
}{
	{
		name:  "a flat record",
		value: `{"region":"Thiès","latitude":14.79,"longitude":-16.93,"temperature":28.4,"humidity":61,"windSpeed":4.2,"cloudCover":35,"rainIntensity":0.5,"timestamp":"2026-03-01T06:00:00Z"}`,
		want:  []string{"SN-TH|2026-03-01 06:00|producer|observed|28.4|61|4.2|35|0.5"},
	},
	{
		name:  "a city, and a time without its zone",
		value: `{"city":"Dakar","datetime":"2026-03-01 07:30:00","temperature":24,"humidity":70}`,
		want:  []string{"SN-DK|2026-03-01 07:30|producer|observed|24|70|||"},
	},
	{
		name:  "no region, but coordinates; seconds since 1970; members that nobody knows",
		value: `{"latitude":12.89,"longitude":-14.94,"timestamp":1772352000,"temperature":31.5,"uvIndex":7,"tags":["a"]}`,
		want:  []string{"SN-KD|2026-03-01 08:00|producer|observed|31.5||||"},
	},
	{
		name:  "neither region nor coordinates",
		value: `{"timestamp":"2026-03-01T09:00:00.000Z","temperature":26,"humidity":55,"windSpeed":3}`,
		want:  []string{"SN-ZG|2026-03-01 09:00|producer|observed|26|55|3||"},
	},
	{
		name:  "another spelling of a region, and numbers as text",
		value: `{"region":"KEDOUGOU","datetime":"2026-03-01T10:00:00+01:00","temperature":"33,5","humidity":"18 %"}`,
		want:  []string{"SN-KE|2026-03-01 09:00|producer|observed|33.5|18|||"},
	},
	{
		name: "Tomorrow.io's present",
		value: `{"data":{"time":"2026-03-01T11:00:00Z","values":{"temperature":29.5,"humidity":40,"windSpeed":6,"cloudCover":10,"rainIntensity":0,"pressureSurfaceLevel":1001}},
			"location":{"lat":16.02,"lon":-16.49}}`,
		want: []string{"SN-SL|2026-03-01 11:00|tomorrow|model|29.5|40|6|10|0"},
	},
	{
		name: "Tomorrow.io's forecast",
		value: `{"timelines":{"hourly":[{"time":"2026-03-01T12:00:00Z","values":{"temperature":36}},{"time":"2026-03-01T13:00:00Z","values":{"temperature":37}}],
			"daily":[{"time":"2026-03-01T06:00:00Z","values":{"temperatureMax":38}}]},"location":{"lat":13.77,"lon":-13.67}}`,
		want: []string{"SN-TC|2026-03-01 12:00|tomorrow|model|36||||", "SN-TC|2026-03-01 13:00|tomorrow|forecast|37||||"},
	},
	{
		name:  "Tomorrow.io's timelines, all of it past",
		value: `{"data":{"timelines":[{"timestep":"1h","intervals":[{"startTime":"2026-03-01T14:00:00Z","values":{"temperature":35}}]}]},"location":{"lat":15.62,"lon":-16.22}}`,
		want:  []string{"SN-LG|2026-03-01 14:00|tomorrow|model|35||||"},
	},
	{name: "another country", value: `{"region":"Bamako","datetime":"2026-03-01T12:00:00Z","temperature":38}`, reason: "unknown_station"},
	{name: "a word for a number", value: `{"region":"Louga","datetime":"2026-03-01T12:00:00Z","temperature":"chaud"}`, reason: "invalid_value"},
	{name: "an error of the API", value: `{"code":429001,"type":"Too Many Calls","message":"The request limit for this resource has been reached."}`, reason: "unknown_shape"},
	{name: "cut off", value: `{"region":"Louga","datetime":"2026-03-01T12:00`, reason: "invalid_json"},
}

func TestMessagesOfOlderProducersOnTheRawTopicAreUnderstood(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	var want, reasons []string
	for i, m := range olderMessages {
		r := &kgo.Record{Partition: int32(i % 6), Value: []byte(m.value)}
		if m.reason != "" {
			reasons = append(reasons, m.reason)
			p.Produce(t, r)
			continue
		}
		want = append(want, m.want...)
		p.Produce(t, r, &kgo.Record{Partition: int32((i + 1) % 6), Value: []byte(m.value)})
	}
	for range 2 { // the first run sends records to their right partition
		p.Must(t, "stream", "--default-station", "SN-ZG", "--max-reject-ratio", "1")
	}
	p.Must(t, "to-pg")
	p.Must(t, "to-hdfs")
	p.ledger(t)
	got := p.Psql(t, `SELECT station_id, to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), source, kind,
		temperature_c, humidity_pct, wind_speed_ms, cloud_cover_pct, rain_rate_mm_h FROM meteo.observation`)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := len(p.Records(t, "clean")); n != len(want) {
		t.Errorf("%d observations are clean, want each of %d once", n, len(want))
	}
	var dead []string
	for _, r := range p.Records(t, "dlq") {
		dead = append(dead, program.Header(r, "__connect.errors.exception.class.name"))
	}
	slices.Sort(dead)
	slices.Sort(reasons)
	if !slices.Equal(dead, reasons) {
		t.Errorf("the dead letters are %q, want %q", dead, reasons)
	}
	if old := p.Psql(t, `SELECT count(*) FROM meteo.observation WHERE fetched_at < now() - interval '1 hour'`); old[0] != "0" {
		t.Errorf("%s observations were fetched before they came: at %s", old[0], time.Now())
	}
}
