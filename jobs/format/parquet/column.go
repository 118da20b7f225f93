package parquet

import (
	"encoding/hex"

	"senmeteo/jobs/format"
	"senmeteo/jobs/meteo"
)

// idLength is that of an id as text.
const idLength = 2 * len(meteo.ID{})

// cells are those of one column in the row group that is being filled: of a column of numbers, or of whole numbers and
// times, or of texts.
type cells struct {
	field   *meteo.Field
	present []byte // of a column that may be null: 1 for each row with a value, otherwise 0
	nulls   int

	numbers []float64
	wholes  []int64
	texts   []int32 // the index of each in entries
	entries []string
	index   map[string]int32
	size    int    // bytes of all texts
	ids     []byte // one after the other, as text
}

func (c *cells) reset() {
	c.present, c.nulls = c.present[:0], 0
	c.numbers, c.wholes, c.texts, c.size, c.ids = c.numbers[:0], c.wholes[:0], c.texts[:0], 0, c.ids[:0]
	clear(c.entries) // they may be parts of a batch
	c.entries = c.entries[:0]
	clear(c.index)
}

// add appends the cell of an observation.
func (c *cells) add(o *meteo.Observation) {
	known := true
	switch c.field.Type {
	case meteo.TypeNumber:
		x := *c.field.Number(o)
		if known = meteo.Known(x); known {
			c.numbers = append(c.numbers, x+0) // which makes 0 of -0, as in JSON
		}
	case meteo.TypeWhole:
		n := *c.field.Whole(o)
		if known = n > 0; known {
			c.wholes = append(c.wholes, n)
		}
	case meteo.TypeTime:
		t := *c.field.Time(o)
		if known = !t.IsZero() || required(c.field); known {
			c.wholes = append(c.wholes, t.UnixMicro())
		}
	case meteo.TypeSchema:
		c.wholes = append(c.wholes, meteo.SchemaVersion)
	case meteo.TypeID:
		if known = !o.ID.IsZero(); known {
			c.ids = hex.AppendEncode(c.ids, o.ID[:])
		}
	default:
		s := textOf(c.field, o)
		if known = s != "" || required(c.field); known {
			c.addText(s)
		}
	}
	if required(c.field) {
		return
	}
	if known {
		c.present = append(c.present, 1)
	} else {
		c.present = append(c.present, 0)
		c.nulls++
	}
}

func (c *cells) addText(s string) {
	c.size += len(s)
	if n := len(c.texts); n > 0 && c.entries[c.texts[n-1]] == s {
		c.texts = append(c.texts, c.texts[n-1])
		return
	}
	i, ok := c.index[s]
	if !ok {
		i = int32(len(c.entries))
		c.index[s] = i
		c.entries = append(c.entries, s)
	}
	c.texts = append(c.texts, i)
}

// textOf is the text of a field; "" unknown.
func textOf(f *meteo.Field, o *meteo.Observation) string {
	switch f.Type {
	case meteo.TypeText:
		return *f.Text(o)
	case meteo.TypeFailures:
		return format.FailuresText(o.QC)
	case meteo.TypeOriginal:
		return format.OriginalText(o.Original)
	case meteo.TypeQuantiles:
		return format.QuantilesText(o.Quantiles)
	}
	return ""
}
