package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// assets are the files that browsers fetch, under names with a hash of their content: a browser may cache
// them forever.
type assets struct {
	byName map[string]asset  // by hashed name
	names  map[string]string // plain name -> hashed name
}

type asset struct {
	name    string // plain
	content []byte
}

// loadAssets reads the files that the page refers to.
func loadAssets() (*assets, error) {
	a := &assets{byName: map[string]asset{}, names: map[string]string{}}
	for _, name := range []string{"page.css", "page.js", "icon.svg"} {
		content, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			return nil, fmt.Errorf("reading an asset: %w", err)
		}
		sum := sha256.Sum256(content)
		extension := path.Ext(name)
		hashed := strings.TrimSuffix(name, extension) + "-" + hex.EncodeToString(sum[:6]) + extension
		a.byName[hashed] = asset{name, content}
		a.names[name] = hashed
	}
	return a, nil
}

// URL is the address of a file.
func (a *assets) URL(name string) string { return "/static/" + a.names[name] }

func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	file, ok := a.byName[r.PathValue("name")]
	if !ok {
		plain(w, http.StatusNotFound, "there is no such file")
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, file.name, time.Time{}, bytes.NewReader(file.content))
}

// serveIcon is for browsers that ask for an icon without reading the page.
func (a *assets) serveIcon(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, a.URL("icon.svg"), http.StatusFound)
}
