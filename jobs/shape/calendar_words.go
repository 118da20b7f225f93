package shape

import "strings"

// numbered makes a table of names that stand for the numbers from 1 up.
func numbered(lists ...string) map[string]int {
	table := map[string]int{}
	for _, list := range lists {
		for i, name := range strings.Fields(list) {
			table[name] = i + 1
		}
	}
	return table
}

const (
	frenchLong  = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre"
	frenchShort = "janv fev mar avr mai jun juil aou sept oct nov dec"
	frenchOther = "jan fevr mars avr mai juin jul aout sep oct nov dec"
)

var (
	months = numbered("january february march april may june july august september october november december",
		"jan feb mar apr may jun jul aug sep oct nov dec", frenchLong, frenchShort, frenchOther)
	frenchMonths = func() map[string]bool {
		table := map[string]bool{}
		for name := range numbered(frenchLong, frenchShort, frenchOther) {
			table[name] = !strings.Contains(" mar jan sept oct nov dec jun jul sep ", " "+name+" ")
		}
		return table
	}()
	weekdays = wordSet(`monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
			lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim`)
	ordinalEndings = map[string]bool{"er": true, "st": true, "nd": true, "rd": true, "th": true}
)
