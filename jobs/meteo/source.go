package meteo

import (
	"fmt"
	"regexp"
)

const sourcePattern = "^[a-z0-9][a-z0-9-]{0,31}$"

var sourceForm = regexp.MustCompile(sourcePattern)

// CheckSource refuses a source name that is not made of 1 to 32 lower-case letters, digits and
// hyphens: the name is part of the identity and of file names.
func CheckSource(name string) error {
	if !sourceForm.MatchString(name) {
		return fmt.Errorf("the source %.40q is not made of 1 to 32 lower-case letters, digits and hyphens", name)
	}
	return nil
}
