package web

import (
	"strings"

	"senmeteo/jobs/alerts"
	"senmeteo/jobs/meteo"
)

// incidentsModel is what is wrong, and what was.
type incidentsModel struct {
	Problem string
	Open    []incidentModel
	Closed  []incidentModel
	None    string // there is neither
}

// incidentModel is one incident.
type incidentModel struct {
	Text  string
	Quote string // what somebody else wrote about it, in the words of the program
	Since *age
	Until *age   // nil while it is open
	Last  *age   // of the newest reading; nil when it is not about one
	Over  string // how long it was open; "" while it is
}

// incidents describes what is wrong; nil when the store holds no incidents.
func (at situation) incidents() *incidentsModel {
	a, l := &at.snapshot.Survey.Incidents, at.locale
	if !a.Asked {
		return nil
	}
	m := &incidentsModel{Problem: a.unknown(l)}
	for i := range a.Value {
		incident := &a.Value[i]
		shown := incidentModel{Since: at.age(incident.OpenedAt)}
		shown.Text, shown.Quote, shown.Last = at.incident(incident.Kind, incident.Subject, incident.Message)
		if incident.ClosedAt.IsZero() {
			m.Open = append(m.Open, shown)
			continue
		}
		shown.Until = at.age(incident.ClosedAt)
		shown.Over = fill(l.Lasted, l.Lasting(incident.ClosedAt.Sub(incident.OpenedAt)))
		m.Closed = append(m.Closed, shown)
	}
	if m.Problem == "" && len(a.Value) == 0 {
		m.None = l.NoIncident
	}
	return m
}

// dag is the kind of the incidents that Airflow's tasks raise. Their message says what failed.
const dag = "dag"

// incident describes what senmeteo has found in the words of the page. What others have raised is described by its kind and subject,
// and quoted.
func (at situation) incident(kind, subject, message string) (text, quote string, last *age) {
	l := at.locale
	switch kind {
	case alerts.Station:
		part := strings.Fields(subject) // station, source, kind, and "days"
		if len(part) < 3 {
			break
		}
		ofDays := len(part) > 3
		text = fill(l.StationSilent, stationName(part[0]), l.seriesName(part[1], meteo.Kind(part[2]), ofDays))
		return text, "", at.lastReading(part[0], part[1], meteo.Kind(part[2]), ofDays)
	case alerts.Region:
		return fill(l.RegionSilent, subject), "", nil
	}
	named, ok := l.IncidentKinds[kind]
	if !ok {
		return fill(l.OtherIncident, kind, subject), message, nil
	}
	if kind != dag { // the rest of what senmeteo itself writes is in the words of the page, and numbers are with the jobs
		message = ""
	}
	return fill(named, known(l.IncidentSubjects, subject)), message, nil
}

// lastReading is the time of the newest reading of a series, as far as it is known.
func (at situation) lastReading(station, source string, kind meteo.Kind, ofDays bool) *age {
	r := at.snapshot.Survey.Gaps.Value
	if r == nil {
		return nil
	}
	for _, s := range r.Series {
		if s.StationID == station && s.Source == source && s.Kind == kind && s.OfDays == ofDays && s.Last != nil {
			return at.age(*s.Last)
		}
	}
	return nil
}
