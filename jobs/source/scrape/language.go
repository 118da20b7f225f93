package scrape

import "senmeteo/jobs/meteo"

// months are the names of months by language, in the form of meteo.Fold; their first three letters or more may stand
// for them where that is unique.
var months = map[string][12]string{
	"en": {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"},
	"fr": {"janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre", "decembre"},
}

// month reads a name of a month, or three and more of its first letters; 0 is none, or more than one.
func month(language, word string) int {
	word, found := meteo.Fold(word), 0
	for i, name := range months[language] {
		if name == word {
			return i + 1
		}
		if len(word) >= 3 && len(word) < len(name) && name[:len(word)] == word {
			if found > 0 {
				return 0
			}
			found = i + 1
		}
	}
	return found
}

// points are the sixteen points of the compass by language, clockwise from north, in the form of meteo.Fold.
var points = map[string][16]string{
	"en": {
		"north", "north northeast", "northeast", "east northeast", "east", "east southeast", "southeast", "south southeast",
		"south", "south southwest", "southwest", "west southwest", "west", "west northwest", "northwest", "north northwest",
	},
	"fr": {
		"nord", "nord nord est", "nord est", "est nord est", "est", "est sud est", "sud est", "sud sud est",
		"sud", "sud sud ouest", "sud ouest", "ouest sud ouest", "ouest", "ouest nord ouest", "nord ouest", "nord nord ouest",
	},
}

// compass is the direction that a name stands for, in degrees clockwise from north, north being 360.
func compass(language, name string) (float64, bool) {
	name = meteo.Fold(name)
	for i, point := range points[language] {
		if point == name {
			if i == 0 {
				return 360, true
			}
			return float64(i) * 22.5, true
		}
	}
	return 0, false
}
