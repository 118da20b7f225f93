package shape

// Ignored is a column of a table or a member of an object of which values were not kept, for one reason.
type Ignored struct {
	Name    string
	Why     string // for people: what would have to be known or said
	Rows    int64  // how many records had a value there
	Example string // the first of these values
}

// Collector gathers what is ignored in one file. The zero value is ready; a nil *Collector gathers nothing.
type Collector struct {
	byName map[entry]int
	list   []Ignored
}

// entry is what the entries of the list differ by.
type entry struct{ name, why string }

// mostIgnored bounds what is kept of a file whose objects have ever new names; the last entry counts all others.
const mostIgnored = 64

// Note notes something that a reader of files does not give, such as a hidden sheet.
func (c *Collector) Note(name, why string, value any) { c.add(name, why, value) }

// add notes a value that is not kept.
func (c *Collector) add(name, why string, value any) {
	if c == nil {
		return
	}
	i, ok := c.byName[entry{name, why}]
	if !ok {
		i = c.enter(name, why, value)
	}
	c.list[i].Rows++
}

func (c *Collector) enter(name, why string, value any) int {
	if c.byName == nil {
		c.byName = map[entry]int{}
	}
	if len(c.list) == mostIgnored {
		return mostIgnored - 1
	}
	if len(c.list) == mostIgnored-1 {
		name = "others"
	}
	c.byName[entry{name, why}] = len(c.list)
	c.list = append(c.list, Ignored{Name: name, Why: why, Example: quote(value)})
	return len(c.list) - 1
}

// List returns what was ignored, in the order in which it came.
func (c *Collector) List() []Ignored {
	if c == nil {
		return nil
	}
	return c.list
}

// The reasons.
const (
	whyUnknown   = "the name says nothing that senmeteo measures: name its field with --column"
	whyNoField   = "senmeteo has no field for it"
	whyUnread    = "the value can't be read"
	whyOfDay     = "the value is of a whole day, for which senmeteo has no field"
	whyHeight    = "another column has the field at the height at which it is measured"
	whySecond    = "another column with the same meaning comes before it: name the one that counts with --column"
	whyUnit      = "its unit, %q, is not known: say another name of it with --unit"
	whyTwoUnits  = "its name states another unit than %q: say which with --unit"
	whyNested    = "it is not a value that a record has"
	whyOutside   = "the point is not in Senegal, and the place that is named is: its own coordinates are kept"
	whyExchanged = "latitude and longitude look exchanged: name the columns for what they hold with --column"
	whyRainless  = "there is no value over an interval beside it"
	whyTimeless  = "there is no time beside it"
	whyBegin     = "it does not begin a time of at most a year that ends at the record's"
	whyMissing   = "the number is a word for missing values: nothing that is measured there can be so"
	whyTrace     = "a trace of rain, too little to be measured, counts as 0 mm"
	whyTotal     = "the row sums up others and is not a record"
	whyWord      = "the word does not say an amount"
	whyError     = "the cell has an error of a spreadsheet instead of a value"
)
