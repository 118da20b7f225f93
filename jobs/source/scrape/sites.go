package scrape

import (
	"embed"
	"fmt"
	"os"
	"strings"

	"senmeteo/jobs/flow"
)

//go:embed sites/*.yaml
var files embed.FS

// Sites are the names of the sites that are built in, sorted.
func Sites() []string {
	entries, _ := files.ReadDir("sites") // it is built in
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// LoadSite reads a built-in site by its name, or the site file at a path, which has a slash or ends in .yaml or .yml.
func LoadSite(name string) (*Site, error) {
	if !strings.ContainsRune(name, '/') && !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
		text, err := files.ReadFile("sites/" + name + ".yaml")
		if err != nil {
			return nil, flow.Fail(flow.Usage, "there is no site %.40q: choose one of %s, or give the path of a site file", name, strings.Join(Sites(), ", "))
		}
		return parsed(name, text)
	}
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxSiteFile {
		err = fmt.Errorf("it has %d bytes, more than the %d of any site file", info.Size(), maxSiteFile)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, flow.Fail(flow.Usage, "reading the site file %s: %w", name, err)
	}
	return parsed(name, text)
}

func parsed(name string, text []byte) (*Site, error) {
	s, err := ParseSite(text)
	if err != nil {
		return nil, flow.Fail(flow.Usage, "the site file %s: %w", name, err)
	}
	return s, nil
}
