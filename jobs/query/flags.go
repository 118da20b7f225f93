package query

import (
	"cmp"
	"slices"

	"senmeteo/jobs/meteo"
)

// FlagGroup is what failed one rule with one variable.
type FlagGroup struct {
	Variable     string
	Rule         meteo.Rule
	Observations int64
	Flags        []Flag // by station, the most first
}

// GroupFlags puts the flags of all stations together, in the order of the variables and of the rules in docs/quality-control.md.
func GroupFlags(flags []Flag) []FlagGroup {
	var out []FlagGroup
	for _, f := range flags {
		i := slices.IndexFunc(out, func(g FlagGroup) bool { return g.Variable == f.Variable && g.Rule == f.Rule })
		if i < 0 {
			i, out = len(out), append(out, FlagGroup{Variable: f.Variable, Rule: f.Rule})
		}
		out[i].Observations += f.Observations
		out[i].Flags = append(out[i].Flags, f)
	}
	for _, g := range out {
		slices.SortStableFunc(g.Flags, func(a, b Flag) int {
			return cmp.Or(cmp.Compare(b.Observations, a.Observations), cmp.Compare(a.StationID, b.StationID))
		})
	}
	slices.SortFunc(out, func(a, b FlagGroup) int {
		return cmp.Or(
			cmp.Compare(placeOfVariable(a.Variable), placeOfVariable(b.Variable)), cmp.Compare(a.Variable, b.Variable),
			cmp.Compare(placeOfRule(a.Rule), placeOfRule(b.Rule)), cmp.Compare(a.Rule, b.Rule))
	})
	return out
}

// placeOfVariable is the place of a variable in meteo.Variables; what is not one comes last.
func placeOfVariable(name string) int {
	if v, ok := meteo.VariableByName(name); ok {
		return int(v)
	}
	return meteo.NumVariables
}

func placeOfRule(rule meteo.Rule) int {
	i := slices.IndexFunc(meteo.RulesInWords[:], func(w meteo.RuleWords) bool { return w.Rule == rule })
	if i < 0 {
		return len(meteo.RulesInWords)
	}
	return i
}
