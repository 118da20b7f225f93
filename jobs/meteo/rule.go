package meteo

// RuleWords are what a rule finds wrong with a value, as docs/quality-control.md says it, and after it whatever people read.
type RuleWords struct {
	Rule            Rule
	English, French string
}

// RulesInWords has all rules of `stream` and `review`, in the order of docs/quality-control.md.
var RulesInWords = [...]RuleWords{
	{"range", "outside the physical limits", "hors des limites physiques"},
	{"climatology", "unusual for the season", "inhabituelle pour la saison"},
	{"consistency", "contradicts another value", "incohérente avec une autre valeur"},
	{"step", "changed too fast", "variation trop rapide"},
	{"spike", "out of line with the readings before and after", "isolée des mesures d’avant et d’après"},
	{"stuck", "the same for too long", "figée depuis trop longtemps"},
	{"neighbours", "does not fit the stations around", "incohérente avec les stations voisines"},
	{"location", "position far from the station", "position éloignée de la station"},
}

// Words returns what the rule finds wrong; for a rule that is not known, its name in both languages.
func (r Rule) Words() RuleWords {
	for _, w := range RulesInWords {
		if w.Rule == r {
			return w
		}
	}
	return RuleWords{r, string(r), string(r)}
}
