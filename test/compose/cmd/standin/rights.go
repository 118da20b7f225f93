package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// need is a privilege that a request takes, by Elasticsearch's name of it. Index is empty where it is one of the cluster.
type need struct {
	privilege string
	index     string
}

// role is what PUT /_security/role/NAME describes.
type role struct {
	Cluster []string `json:"cluster"`
	Indices []struct {
		Names      []string `json:"names"`
		Privileges []string `json:"privileges"`
	} `json:"indices"`
}

// includes lists what a privilege gives beside itself, as Elasticsearch's own list of them does: "Security privileges" in its reference.
var includes = map[string][]string{
	"manage":       {"auto_configure", "create_index", "delete_index", "maintenance", "monitor", "view_index_metadata"},
	"create_index": {"auto_configure"}, // of these the only action that counts here: an index that is missing is created
	"create":       {"create_doc"},
	"index":        {"create", "create_doc"},
	"write":        {"index", "create", "create_doc", "delete"},
}

// allows reports whether the role gives what a request takes.
func (r role) allows(n need) bool {
	has := func(privileges []string) bool {
		return slices.ContainsFunc(privileges, func(p string) bool {
			return p == "all" || p == n.privilege || slices.Contains(includes[p], n.privilege)
		})
	}
	if n.index == "" {
		return has(r.Cluster)
	}
	for _, of := range r.Indices {
		if has(of.Privileges) && slices.ContainsFunc(of.Names, func(pattern string) bool { return matches(pattern, n.index) }) {
			return true
		}
	}
	return false
}

// matches compares an index, or a pattern of indices, with the pattern of a role, whose star is at its end.
func matches(pattern, index string) bool {
	start, open := strings.CutSuffix(pattern, "*")
	return open && strings.HasPrefix(index, start) || pattern == index
}

// needs lists what a request takes. It fails for a request that it does not know: whoever makes a new one says here what it takes.
func needs(method, path string, body []byte) ([]need, error) {
	part := strings.Split(strings.Trim(path, "/"), "/")
	call := method + " /" + part[0]
	switch call {
	case "GET /", "HEAD /", "GET /_license", "GET /_cluster":
		return []need{{privilege: "monitor"}}, nil
	case "GET /_index_template", "PUT /_index_template":
		return []need{{privilege: "manage_index_templates"}}, nil
	case "POST /_bulk", "PUT /_bulk":
		return needsOfBulk("", body)
	case "POST /_search", "DELETE /_pit": // they name a point in time, which takes the right to open it
		return nil, nil
	case "GET /_cat":
		if len(part) == 3 && part[1] == "indices" {
			return ofEach(part[2], "monitor"), nil
		}
	}
	if strings.HasPrefix(part[0], "_") || part[0] == "" {
		return nil, fmt.Errorf("the stand-in does not know what %s %s takes", method, path)
	}
	return needsOfIndex(method, part[0], part[1:], body)
}

// needsOfIndex is needs for a path that begins with an index.
func needsOfIndex(method, index string, rest []string, body []byte) ([]need, error) {
	if len(rest) == 0 {
		switch method {
		case http.MethodPut:
			return ofEach(index, "create_index"), nil
		case http.MethodDelete:
			return ofEach(index, "delete_index"), nil
		case http.MethodHead, http.MethodGet:
			return ofEach(index, "view_index_metadata"), nil
		}
		return nil, fmt.Errorf("the stand-in does not know what %s of an index takes", method)
	}
	read := method == http.MethodGet || method == http.MethodHead
	switch what := rest[0]; {
	case what == "_bulk":
		return needsOfBulk(index, body)
	case what == "_search", what == "_count", what == "_mget", what == "_pit", what == "_doc" && read:
		return ofEach(index, "read"), nil
	case what == "_doc":
		return []need{{"index", index}, {"auto_configure", index}}, nil
	case what == "_create":
		return []need{{"create_doc", index}, {"auto_configure", index}}, nil
	case what == "_refresh":
		return ofEach(index, "maintenance"), nil
	case (what == "_mapping" || what == "_settings") && read:
		return ofEach(index, "view_index_metadata"), nil
	case what == "_mapping" || what == "_settings":
		return ofEach(index, "manage"), nil
	}
	return nil, fmt.Errorf("the stand-in does not know what %s %s of an index takes", method, rest[0])
}

func ofEach(indices, privilege string) []need {
	var all []need
	for _, index := range strings.Split(indices, ",") {
		all = append(all, need{privilege, index})
	}
	return all
}

// needsOfBulk reads the actions of a bulk request. An index that is missing is created, which takes a privilege of its own.
func needsOfBulk(index string, body []byte) ([]need, error) {
	seen := map[need]bool{}
	lines := bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	for i := 0; i < len(lines); i++ {
		var action map[string]struct {
			Index string `json:"_index"`
		}
		if err := json.Unmarshal(lines[i], &action); err != nil || len(action) != 1 {
			return nil, fmt.Errorf("line %d of a bulk request is not an action: %.200s", i+1, lines[i])
		}
		for what, of := range action {
			name := of.Index
			if name == "" {
				name = index
			}
			privilege, ok := map[string]string{"index": "index", "create": "create_doc", "update": "index", "delete": "delete"}[what]
			if !ok {
				return nil, fmt.Errorf("the stand-in does not know the action %s", what)
			}
			seen[need{privilege, name}], seen[need{"auto_configure", name}] = true, true
			if what != "delete" {
				i++ // its document
			}
		}
	}
	all := make([]need, 0, len(seen))
	for n := range seen {
		all = append(all, n)
	}
	return all, nil
}
