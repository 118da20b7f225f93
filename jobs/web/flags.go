package web

import (
	"senmeteo/jobs/meteo"
	"senmeteo/jobs/query"
)

// flagsModel is what failed the checks, by variable, rule and station.
type flagsModel struct {
	Problem string
	Nothing string // no value failed; "" when one did
	Groups  []flagGroup
}

// flagGroup is what failed one rule with one variable.
type flagGroup struct {
	Variable, Rule, Name string // Name is the rule's own
	Observations         string
	Stations             []flagLink // the most first
}

// flagLink leads to a station that has such failures.
type flagLink struct {
	Text, URL, Number string
	Current           bool
}

// flags describes what failed the checks; nil when the store does not answer such questions.
func (at situation) flags() *flagsModel {
	a, l := &at.snapshot.Survey.Flags, at.locale
	if !a.Asked {
		return nil
	}
	m := &flagsModel{Problem: a.unknown(l)}
	if !a.At.IsZero() && len(a.Value) == 0 {
		m.Nothing = l.NoFlags
	}
	for _, g := range query.GroupFlags(a.Value) {
		group := flagGroup{Variable: l.subject(g.Variable), Rule: l.Rule(g.Rule), Name: string(g.Rule), Observations: l.Integer(g.Observations)}
		for _, f := range g.Flags {
			group.Stations = append(group.Stations, flagLink{
				Text: stationName(f.StationID), URL: at.withStation(f.StationID).URL(), Number: l.Integer(f.Observations), Current: f.StationID == at.station,
			})
		}
		m.Groups = append(m.Groups, group)
	}
	return m
}

// subject names what a rule is about: a variable, or the place.
func (l *locale) subject(name string) string {
	if v, ok := meteo.VariableByName(name); ok {
		return l.Variable(v)
	}
	return l.Position
}
