package hdfs

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"senmeteo/jobs/meteo"
)

// encodeBatch makes one file for each day of a batch and notes them in its manifest.
func (l *Lake) encodeBatch(m *manifest, observations []meteo.Observation) ([]content, error) {
	days := map[int64][]*meteo.Observation{}
	for i := range observations {
		day := dayOf(observations[i].ObservedAt)
		days[day] = append(days[day], &observations[i])
	}
	m.Files = []dataFile{}
	contents := make([]content, 0, len(days))
	for _, day := range slices.Sorted(maps.Keys(days)) {
		date := dateOf(day)
		f := dataFile{Date: date, Path: batchFile(date, m.Partition, m.Epoch, m.Start, m.End)}
		c, err := l.encodeFile(&f, m, days[day])
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, f)
		contents = append(contents, c)
	}
	return contents, nil
}

// encodeFile sorts and encodes the rows of one file and fills in its description.
func (l *Lake) encodeFile(f *dataFile, m *manifest, rows []*meteo.Observation) (content, error) {
	slices.SortFunc(rows, inFileOrder)
	sorted := make([]meteo.Observation, len(rows))
	for i, o := range rows {
		sorted[i] = *o
	}
	var buf bytes.Buffer
	if err := l.cfg.Encode(&buf, sorted, metadata(m)); err != nil {
		return content{}, fmt.Errorf("encoding %s: %w", f.Path, err)
	}
	f.Rows, f.Size = len(sorted), int64(buf.Len())
	return content{name: f.stagedName(), data: buf.Bytes()}, nil
}

// inFileOrder is the order of rows in a file: station, time, revision. The ID makes it total but for repeats.
func inFileOrder(a, b *meteo.Observation) int {
	if c := cmp.Compare(a.StationID, b.StationID); c != 0 {
		return c
	}
	if c := a.ObservedAt.Compare(b.ObservedAt); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Revision, b.Revision); c != 0 {
		return c
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

// metadata tells people where a file's rows came from.
func metadata(m *manifest) map[string]string {
	out := map[string]string{"senmeteo.run_id": m.RunID}
	if m.Partition < 0 {
		out["senmeteo.compaction"] = strconv.FormatInt(m.Start, 10)
		return out
	}
	out["senmeteo.cluster_id"], out["senmeteo.topic_id"] = m.ClusterID, m.TopicID
	out["senmeteo.partition"] = strconv.FormatInt(int64(m.Partition), 10)
	out["senmeteo.start_offset"], out["senmeteo.end_offset"] = strconv.FormatInt(m.Start, 10), strconv.FormatInt(m.End, 10)
	return out
}

const secondsPerDay = 24 * 60 * 60

// dayOf counts the days since 1970 (UTC).
func dayOf(t time.Time) int64 {
	seconds := t.Unix()
	day := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		day--
	}
	return day
}

// dateOf is a day as YYYY-MM-DD.
func dateOf(day int64) string { return time.Unix(day*secondsPerDay, 0).UTC().Format(time.DateOnly) }
