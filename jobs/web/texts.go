package web

// texts are the words of the page in one language. {} is replaced by a number or a name.
type texts struct {
	Title, Subtitle, Description  string
	SkipToValues                  string
	Language                      string
	Map, MapHelp, Variables       string
	Legend, NoData, Late, Flagged string
	LegendRain                    string
	Latest                        string
	Observed, Source, Quality     string
	Hours, Days, Time             string
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
	QualityControl, Corrected          string
	FlagsHelp, NoFlags, Position       string
	FlaggedValue, FlaggedRule          string
	FlaggedWhere                       string

	ChartSummary, ChartEmpty, ChartDown            string
	ChartFlagged, ChartFlaggedOne, RainSum, NoRain string
	ChartKeys, PerHour                             string

	Live, Connecting, Lost, Polling      string
	Waiting                              string // for the database
	StoreDown, StoreNever, NothingLoaded string
	Empty, SomeMissing, Synthetic        string
	PipelineDown, PipelineNone           string
	Announce                             string

	Unreadable, BeingRead                                             string // of what is read in the background
	Missing, MissingHelp, MissingOf                                   string
	NeverReported, AllReport, SilentNow                               string
	LastReading, ExpectedEvery, OfDays                                string
	ByDay, ByElement, AllElements                                     string
	Doubtful, LongestGap                                              string
	HeatSteps                                                         [6]string // from nothing to all
	Incidents, OpenIncidents, ClosedIncidents, NoIncident, NoneClosed string
	Reported, Lasted                                                  string // when an incident was opened, and for how long it was open
	StationSilent, RegionSilent, OtherIncident                        string
	IncidentKinds                                                     map[string]string // what is wrong with a subject, by the kind of incident
	IncidentSubjects                                                  map[string]string
	Forecasts, Issued, NoForecast, ForecastHelp                       string
	DaysAhead, HoursAhead, Highest, Lowest                            string
	Bands, HoursUnverified, DayName, RainChance                       string
	Between                                                           string
	ScoresTitle, NoScores, SyntheticScores                            string
	Missed                                                            map[string]string // mean error, that of persistence, days; by field name
	MissedWeek, Covered, RainScore                                    string

	Credits, Privacy, API string
	ErrorTitle, ErrorBack string
	BadStation, BadLayer  string
	BadHours, BadPage     string

	Neighbours [6]string // the ocean, the Gambia, then the other neighbours clockwise
	Directions [16]string
	Weekdays   [7]string
	Months     [12]string
	Layers     map[string]string // short names of layers and other variables, by field name
	Stages     map[string]string // what a stage does, by verb
	Sources    map[string]string // names of sources, by source
}
