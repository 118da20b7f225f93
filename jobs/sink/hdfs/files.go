package hdfs

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/format/parquet"
	"senmeteo/jobs/meteo"
)

// writers are those of files. They are used again, since preparing one costs more than a small file.
type writers struct{ idle sync.Pool }

// writer writes files into its buffer.
type writer struct {
	parquet *parquet.Writer
	buffer  bytes.Buffer
}

// readers are those of files, used again as writers are.
type readers struct{ idle sync.Pool }

// encodeBatch makes one file for each day of a batch and notes them in its manifest.
func (w *writers) encodeBatch(m *manifest, observations []meteo.Observation) ([]content, error) {
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
		c, err := w.encodeFile(&f, m, days[day])
		if err != nil {
			return nil, err
		}
		m.Files = append(m.Files, f)
		contents = append(contents, c)
	}
	return contents, nil
}

// encodeFile sorts and encodes the rows of one file and fills in its description.
func (w *writers) encodeFile(f *dataFile, m *manifest, rows []*meteo.Observation) (content, error) {
	slices.SortFunc(rows, inFileOrder)
	data, err := w.encodeRows(rows, metadata(m))
	if err != nil {
		return content{}, fmt.Errorf("encoding %s: %w", f.Path, err)
	}
	f.Rows, f.Size = len(rows), int64(len(data))
	return content{name: f.stagedName(), data: data}, nil
}

// encodeRows encodes rows, which are in the file's order, as Parquet.
func (w *writers) encodeRows(rows []*meteo.Observation, metadata map[string]string) ([]byte, error) {
	out, ok := w.idle.Get().(*writer)
	if !ok {
		out = &writer{}
		var err error
		if out.parquet, err = parquet.NewWriter(&out.buffer, parquet.Layout{Sorted: true}, nil); err != nil {
			return nil, err
		}
	}
	defer w.idle.Put(out)
	out.buffer.Reset()
	out.parquet.Reset(&out.buffer, metadata)
	for _, o := range rows {
		if err := out.parquet.Write(o); err != nil {
			return nil, err
		}
	}
	if err := out.parquet.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(out.buffer.Bytes()), nil
}

// inFileOrder is the order of rows in a file: station, time, revision. The ID makes it total except for repeated rows.
func inFileOrder(a, b *meteo.Observation) int {
	return cmp.Or(
		cmp.Compare(a.StationID, b.StationID), a.ObservedAt.Compare(b.ObservedAt), cmp.Compare(a.Revision, b.Revision),
		bytes.Compare(a.ID[:], b.ID[:]))
}

// metadata says, for people who look into a file, where its rows came from.
func metadata(m *manifest) map[string]string {
	out := map[string]string{"senmeteo.run_id": m.RunID}
	if m.Partition == noPartition {
		out["senmeteo.compaction"] = strconv.FormatInt(m.Start, 10)
		return out
	}
	out["senmeteo.cluster_id"], out["senmeteo.topic_id"] = m.ClusterID, m.TopicID
	out["senmeteo.partition"] = strconv.FormatInt(int64(m.Partition), 10)
	out["senmeteo.start_offset"], out["senmeteo.end_offset"] = strconv.FormatInt(m.Start, 10), strconv.FormatInt(m.End, 10)
	return out
}

// decode calls each with the observations in a file's content, some at a time, of which the named fields are set, or all.
// What each gets is valid until it returns. An error of each ends the reading and is returned.
func (r *readers) decode(name string, data []byte, each func([]meteo.Observation) error, fields ...string) error {
	d, ok := r.idle.Get().(*parquet.Decoder)
	if !ok {
		var err error
		if d, err = parquet.NewDecoder(); err != nil {
			return err
		}
	}
	defer r.idle.Put(d)
	var stopped error
	err := d.Decode(data, func(rows []meteo.Observation) error {
		stopped = each(rows)
		return stopped
	}, fields...)
	if err != nil && stopped == nil {
		return unreadable(name, err)
	}
	return err
}

// fieldsOfRevision are those that flow.RevisionOf needs.
var fieldsOfRevision = []string{"id", "station_id", "observed_at", "revision", "fetched_at"}

// decodeRevisions calls each with the revisions in a file's content, of which it reads no other columns. An error of
// each ends the reading and is returned.
func (r *readers) decodeRevisions(name string, data []byte, each func(flow.Revision) error) error {
	return r.decode(name, data, func(rows []meteo.Observation) error {
		for i := range rows {
			o := &rows[i]
			if o.ID.IsZero() || o.Revision == 0 || o.FetchedAt.IsZero() {
				return unreadable(name, fmt.Errorf("a row of %s has no id, revision or time of fetching", o.StationID))
			}
			if err := each(flow.RevisionOf(o)); err != nil {
				return err
			}
		}
		return nil
	}, fieldsOfRevision...)
}

func unreadable(name string, err error) error {
	return flow.Fail(flow.BadInput, "the lake's file %s can't be read: %w; move it out of the lake", name, err)
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
