package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"senmeteo/jobs/kafka"
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/pipeline"
	"senmeteo/jobs/query"
)

// Overview is how the jobs and the regions are at one time.
type Overview struct {
	Jobs    []Job    `json:"jobs"`
	Regions []Region `json:"regions,omitempty"` // absent: no store was asked that knows them
	Late    int      `json:"late"`              // regions
}

// Job is how far one job is behind.
type Job struct {
	Job string `json:"job"`
	Lag int64  `json:"lag"` // offsets still to read
}

// Region is how old the last observation of one region is.
type Region struct {
	StationID  string     `json:"station_id"`
	Region     string     `json:"region"`
	ObservedAt *time.Time `json:"observed_at,omitempty"` // absent: never
	AgeS       *int64     `json:"age_s,omitempty"`
	Late       bool       `json:"late"`
}

// Look asks the topics and the stores. A region is late whose last observation is older than maxAge; the first store that answers
// queries knows it.
func Look(ctx context.Context, admin *kafka.Admin, names kafka.Names, stores []pipeline.Opened, now time.Time, maxAge time.Duration) (*Overview, error) {
	o := &Overview{}
	stages, err := Stages(ctx, admin, names, stores)
	if err != nil {
		return nil, err
	}
	for _, s := range stages {
		o.Jobs = append(o.Jobs, Job{Job: s.Name, Lag: s.Lag})
	}
	reader := Reader(stores)
	if reader == nil {
		return o, nil
	}
	latest, err := latestByStation(ctx, reader)
	if err != nil {
		return nil, err
	}
	for _, s := range meteo.Stations {
		r := Region{StationID: s.ID, Region: s.Region, Late: true}
		if at, ok := latest[s.ID]; ok {
			age := int64(now.Sub(at) / time.Second)
			r.ObservedAt, r.AgeS, r.Late = &at, &age, now.Sub(at) > maxAge
		}
		if r.Late {
			o.Late++
		}
		o.Regions = append(o.Regions, r)
	}
	return o, nil
}

// latestByStation returns when each station was observed last; a store that nothing was loaded into knows of none.
func latestByStation(ctx context.Context, reader query.Reader) (map[string]time.Time, error) {
	latest, err := reader.Latest(ctx)
	if err != nil && !errors.Is(err, query.ErrEmpty) {
		return nil, err
	}
	out := map[string]time.Time{}
	for i := range latest {
		out[latest[i].StationID] = latest[i].ObservedAt
	}
	return out, nil
}

// Reader returns the first of these stores that answers queries; nil when none does.
func Reader(stores []pipeline.Opened) query.Reader {
	for _, s := range stores {
		if r, ok := s.Store.(query.Reader); ok {
			return r
		}
	}
	return nil
}

// Print writes the overview for people, or as one line of JSON.
func (o *Overview) Print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(o)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, j := range o.Jobs {
		_, _ = fmt.Fprintf(w, "%s\t%d behind\n", j.Job, j.Lag) // a Builder takes everything
	}
	for _, r := range o.Regions {
		state, age := "", "never"
		if r.Late {
			state = "LATE"
		}
		if r.AgeS != nil {
			age = (time.Duration(*r.AgeS) * time.Second).String() + " ago"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.StationID, r.Region, age, state)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, b.String())
	return err
}
