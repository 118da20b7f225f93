package shape

import (
	"math"
	"strings"

	"senmeteo/jobs/meteo"
)

// blank is an observation of which nothing is known.
func blank() meteo.Observation { return nothingKnown }

var nothingKnown = meteo.Observation{Reading: meteo.Reading{
	Latitude: math.NaN(), Longitude: math.NaN(), ElevationM: math.NaN(), Values: meteo.NoValues(),
}}

// fast reads into d.record a record of the project's own shape whose members are all known, present once and of their type, as AppendJSON writes
// them. It works on the raw bytes, which spares the tree, the tokens and their allocations. Of any other record it reports false at
// the first member that is different, and never refuses one: that is for the general path, which reads all that this one does in
// the same way (docs/adr/0015-fast-path.md).
func (d *Decoder) fast(data []byte) (ok bool) {
	o := &d.record
	*o = nothingKnown
	clear(d.seen)
	d.next = 0
	s := jsonScanner{data: data}
	if !s.object(func(s *jsonScanner) bool { return d.member(s, o) }) || !s.ended() {
		return false
	}
	return d.seen[schemaField] && o.StationID != "" && !o.ObservedAt.IsZero()
}

// schemaField is the position of the field that marks the project's own records.
var schemaField, _ = meteo.FieldIndex([]byte("schema"))

// memberNames are the names of meteo.Fields as AppendJSON writes them: "temperature_c": with quotes and colon.
var memberNames = func() []string {
	names := make([]string, len(meteo.Fields))
	for i := range meteo.Fields {
		names[i] = `"` + meteo.Fields[i].Name + `":`
	}
	return names
}()

// nextGuesses is how many fields after the last one are tried for the next member before its name is looked up.
const nextGuesses = 3

// field reads the name of a member and its colon. AppendJSON writes the fields in their order and leaves out what is unknown, so that the next
// ones are the likeliest.
func (d *Decoder) field(s *jsonScanner) (i int, ok bool) {
	rest := s.data[s.pos:]
	for i := d.next; i < min(d.next+nextGuesses, len(memberNames)); i++ {
		if name := memberNames[i]; len(rest) >= len(name) && string(rest[:len(name)]) == name {
			s.pos += len(name)
			return i, true
		}
	}
	name, ok := s.name()
	if !ok {
		return 0, false
	}
	return meteo.FieldIndex(name)
}

// member reads one member into its field.
func (d *Decoder) member(s *jsonScanner, o *meteo.Observation) bool {
	i, ok := d.field(s)
	if !ok || d.seen[i] {
		return false
	}
	d.seen[i], d.next = true, i+1
	f := &meteo.Fields[i]
	s.space()
	switch f.Type {
	case meteo.TypeNumber:
		return s.number(f.Number(o))
	case meteo.TypeWhole:
		return s.whole(f.Whole(o))
	case meteo.TypeText:
		text, ok := s.text()
		if !ok {
			return false
		}
		*f.Text(o), ok = d.word(text)
		return ok
	case meteo.TypeTime:
		return s.time(f.Time(o))
	case meteo.TypeID:
		text, ok := s.text()
		if ok {
			o.ID, ok = meteo.ParseID(string(text))
		}
		return ok
	case meteo.TypeSchema:
		var schema int64
		return s.whole(&schema) && schema >= 1 && schema <= meteo.SchemaVersion
	case meteo.TypeFailures:
		return d.failures(s, o)
	case meteo.TypeOriginal:
		return original(s, o)
	case meteo.TypeQuantiles:
		return quantiles(s, o)
	}
	return false
}

// failures reads {"temperature_c":["range"]}.
func (d *Decoder) failures(s *jsonScanner, o *meteo.Observation) bool {
	return s.object(func(s *jsonScanner) bool {
		name, ok := s.name()
		if !ok {
			return false
		}
		subject, ok := d.word(name)
		if !ok {
			return false
		}
		for _, f := range o.QC {
			if f.Subject == subject {
				return false
			}
		}
		s.space()
		return s.list('[', ']', func(s *jsonScanner) bool {
			text, ok := s.text()
			if !ok {
				return false
			}
			rule, ok := d.word(text)
			o.QC = append(o.QC, meteo.Failure{Subject: subject, Rule: meteo.Rule(rule)})
			return ok
		})
	})
}

// original reads {"humidity_pct":101.5}.
func original(s *jsonScanner, o *meteo.Observation) bool {
	vs := meteo.NoValues()
	o.Original = &vs
	return s.object(func(s *jsonScanner) bool {
		name, ok := s.name()
		if !ok {
			return false
		}
		v, ok := meteo.VariableByName(string(name))
		if !ok || vs.Has(v) {
			return false
		}
		s.space()
		return s.number(&vs[v])
	})
}

// quantiles reads {"rain_mm":[0,0,0,0.2,1,4,9]}.
func quantiles(s *jsonScanner, o *meteo.Observation) bool {
	return s.object(func(s *jsonScanner) bool {
		name, ok := s.name()
		if !ok {
			return false
		}
		var q meteo.Quantile
		if q.Variable, ok = meteo.VariableByName(string(name)); !ok {
			return false
		}
		s.space()
		n := 0
		read := s.list('[', ']', func(s *jsonScanner) bool {
			n++
			return n <= len(q.Values) && s.number(&q.Values[n-1])
		})
		if !read || n != len(q.Values) {
			return false
		}
		o.Quantiles, ok = o.Quantiles.With(q)
		return ok
	})
}

// word returns the kept copy of a text, unless that is one that is not read alike from files and from topics: files have words for
// missing, and blanks around cells.
func (d *Decoder) word(text []byte) (_ string, ok bool) {
	if kept, ok := d.names[string(text)]; ok {
		return kept, true
	}
	s := string(text)
	if absentText(s) || strings.TrimSpace(s) != s {
		return s, false
	}
	if len(d.names) < maxNames && len(s) <= maxName {
		d.names[s] = s
	}
	return s, true
}
