package metar

import (
	"regexp"
	"strings"
)

// oktas are the middles of what the words for layers stand for: 1 to 2, 3 to 4, 5 to 7 and 8 eighths of the sky.
var oktas = map[string]float64{"FEW": 1.5, "SCT": 3.5, "BKN": 6, "OVC": 8}

var (
	amount       = regexp.MustCompile(`FEW|SCT|BKN|OVC`)
	bare         = regexp.MustCompile(`^///\d{3}(?:///|CB|TCU)?$`)
	layer        = regexp.MustCompile(`^[0-9O/]{0,4}(?:CB|TCU|CU|CI|CS|CC|AC|AS|NS|SC|ST|SF|CF)?/*$`)
	unknownLayer = regexp.MustCompile(`^(?:[A-Z]{2,4}|\d(?:CU|CB|SC|ST|AC|AS|NS|CI|CS|CC))\d{3}(?:CB|TCU|/*)$|FEW|SCT|BKN|OVC`)
)

// cloud decodes a layer, or several that have grown together; the fullest counts, whatever stands for its height and
// type. SKC is a clear sky; NSC, NCD, CLR and CAVOK say only that there is no cloud that matters to aircraft, or that an
// instrument sees.
func (d *decoder) cloud(group string) bool {
	switch {
	case group == "SKC":
		d.layers = true
		return true
	case strings.HasPrefix(group, "VV"), group == "//////", bare.MatchString(group): // bare: the height of a layer without its amount
		d.hidden = true
		return true
	case group == "SKY": // in words, such as SKY OBS
		d.hidden = true
		return false
	}
	found := amount.FindAllStringIndex(group, -1)
	if found == nil || strings.Trim(group[:found[0][0]], "/") != "" {
		return false
	}
	for i, at := range found {
		end := len(group)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		if !layer.MatchString(group[at[1]:end]) {
			return false
		}
	}
	for _, at := range found {
		d.layers = true
		d.oktas = max(d.oktas, oktas[group[at[0]:at[1]]])
	}
	return true
}
