package clean

import (
	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// verdict decides what becomes of a record that says which rules an observation fails. It counts when it is on the revision that is
// remembered: then it is the next revision, with the same values and time of fetching. Otherwise it is a duplicate.
func (s *Step) verdict(b *flow.Batch, i int, p *partition) {
	r := &b.Records[i]
	o, err := s.judged(r, p)
	if err != nil {
		b.Reject(i, refusalOf(err))
		return
	}
	if home := s.cfg.Partition(o.StationID); home != b.Partition {
		b.Reroutes = append(b.Reroutes, flow.Reroute{Partition: home, Key: []byte(o.StationID), Value: r.Value, Headers: r.Headers})
		return
	}
	if !p.memory.isLast(&o) {
		b.Duplicates++
		b.Stale++
		return
	}
	o.Revision++
	p.memory.add(&o, r.Time)
	b.Verdicts++
	b.Add(i, &o)
}

// judged reads the observation that a verdict is on.
func (s *Step) judged(r *flow.Record, p *partition) (o meteo.Observation, err error) {
	if err := s.checkSize(r); err != nil {
		return o, err
	}
	o, err = p.decoder.Observation(r.Value)
	if err == nil && (o.Revision < 1 || o.ID != o.Identity.ID() || len(o.QC) == 0) {
		err = meteo.Refuse(meteo.NotClean, "a verdict needs the id, the revision and the failures of an observation")
	}
	return o, err
}

// isLast reports whether an observation is, with its values and time of fetching, the last revision that is remembered of its id.
func (m *memory) isLast(o *meteo.Observation) bool {
	for i := len(m.buckets) - 1; i >= 0; i-- {
		if k, found := m.buckets[i].known[o.ID]; found {
			return m.buckets[i].revision(o.ID) == o.Revision && k == known{o.Fingerprint(), o.FetchedAt.UnixMicro()}
		}
	}
	return false
}
