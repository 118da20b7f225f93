package shape

import (
	"strings"

	"senmeteo/jobs/meteo"
)

// total returns the word by which a row, in the place of its date, says that it sums up others: Total, Moyenne, "2e décade".
func (t *Table) total(row Row) (name, word string) {
	for i := range min(len(row), len(t.columns)) {
		m := t.columns[i].meaning
		s, ok := row[i].Value.(string)
		if !ok || i > 0 && !isTimeOf(m) && m != yearPart {
			continue
		}
		for _, part := range strings.Fields(meteo.Fold(s)) {
			if totals[part] {
				return t.columns[i].name, s
			}
		}
	}
	return "", ""
}

var totals = wordSet(`total totaux totals somme sum moyenne moyennes moy mean average avg max maxi maximum min mini minimum cumul ecart ecarttype std stdev
	median mediane nombre count decade`)
