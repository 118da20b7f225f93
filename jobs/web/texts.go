package web

// texts are the words of the page in one language. {} stands for a number or a name.
type texts struct {
	Title, Subtitle, Description  string
	SkipToValues                  string
	Language, OtherLanguage       string
	Map, MapHelp, Variables       string
	Legend, NoData, Late, Flagged string
	LegendRain                    string
	Selected, Latest, Station     string
	Observed, Source, Quality     string
	History, Hours, Days, Time    string
	AllRegions, Region, Rain24    string
	Pipeline, PipelineHelp        string
	Counters                      [7]string // read, written, duplicates, rejected, rerouted, waiting, updated
	Balanced, Unbalanced          string
	Unknown                       string

	Now, MinutesAgo, HoursAgo, DaysAgo string
	TimeZone                           string
	Good, Suspect, Bad                 string
	ObservedKind, ModelKind            string
	Over, Gusts, From, PartOfDay       string
	FailedChecks, Corrected            string

	ChartSummary, ChartEmpty, ChartDown            string
	ChartFlagged, ChartFlaggedOne, RainSum, NoRain string
	ChartKeys, PerHour                             string

	Live, Connecting, Lost, Polling string
	StoreDown, StoreNever, NoSchema string
	Empty, SomeMissing, Synthetic   string
	PipelineDown, PipelineNone      string
	Announce, Ocean, Gambia         string

	Credits, Privacy, API string
	ErrorTitle, ErrorBack string
	BadStation, BadLayer  string
	BadHours, BadPage     string

	Directions [16]string
	Weekdays   [7]string
	Months     [12]string
	Layers     map[string]string // short names of the layers, by field name
	Rules      map[string]string // what a check found, by rule
	Stages     map[string]string // what a stage does, by verb
	Sources    map[string]string // names of sources, by source
}
