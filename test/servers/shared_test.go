package servers_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"senmeteo/test/servers"
)

func TestPostgresURLGivesAnEmptyDatabaseThatIsDroppedAtTheEndOfTheTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("inner", func(t *testing.T) {
		url = servers.PostgresURL(t)
		query(t, url, "CREATE TABLE mine (id int)")
		if other := servers.PostgresURL(t); other == url {
			t.Error("the same database was given twice")
		}
	})
	if db, err := pgx.Connect(t.Context(), url); err == nil {
		t.Error("the database still exists after its test")
		_ = db.Close(t.Context())
	}
}

func TestTopicPrefixDeletesItsTopicsAndNoOthersAtTheEndOfTheTest(t *testing.T) {
	t.Parallel()
	brokers := servers.Brokers(t)
	var mine, neighbour string
	t.Run("inner", func(t *testing.T) {
		prefix := servers.TopicPrefix(t)
		mine, neighbour = prefix+".raw", prefix+"0.raw"
		createTopic(t, brokers, mine)
		createTopic(t, brokers, neighbour)
	})
	if known(t, brokers, mine, false) {
		t.Errorf("topic %s still exists after its test", mine)
	}
	if !slices.Contains(topics(t, brokers), neighbour) {
		t.Errorf("topic %s of another prefix was deleted", neighbour)
	}
}

// known waits until the broker knows a topic, or does not know it any more, as is wanted: it learns of what was created and deleted after
// the answer. It returns whether the topic is known in the end.
func known(t *testing.T, brokers, topic string, want bool) bool {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if is := slices.Contains(topics(t, brokers), topic); is == want || time.Now().After(deadline) {
			return is
		}
	}
}

func TestUniqueNamesAreFitForEveryServer(t *testing.T) {
	t.Parallel()
	a, b := servers.Unique(t), servers.Unique(t)
	if a == b {
		t.Errorf("%q was given twice", a)
	}
	if strings.Trim(a, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || a[0] != 't' {
		t.Errorf("%q holds more than lower-case letters and digits", a)
	}
}

func TestHDFSURLGivesAFolderThatIsRemovedAtTheEndOfTheTest(t *testing.T) {
	t.Parallel()
	var folder string
	t.Run("inner", func(t *testing.T) {
		folder = servers.HDFSURL(t)
		u, err := url.Parse(folder)
		if err != nil {
			t.Fatal(err)
		}
		if err := dialHDFS(t, folder).MkdirAll(u.Path+"/sub", 0o755); err != nil {
			t.Fatal(err)
		}
		writeHDFS(t, folder, u.Path+"/sub/file", "x")
	})
	u, err := url.Parse(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dialHDFS(t, folder).Stat(u.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking at the folder after its test gives %v", err)
	}
}

// Clients ask it who it is before they ask anything else.
func TestElasticsearchIntroducesItselfAsARealOneDoes(t *testing.T) {
	t.Parallel()
	response, err := http.Get(servers.ElasticsearchURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var node struct {
		ClusterName string `json:"cluster_name"`
		ClusterUUID string `json:"cluster_uuid"`
		Version     struct {
			Number string `json:"number"`
			Flavor string `json:"build_flavor"`
		} `json:"version"`
		Tagline string `json:"tagline"`
	}
	if err := json.NewDecoder(response.Body).Decode(&node); err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("X-Elastic-Product") != "Elasticsearch" || !strings.HasPrefix(node.Version.Number, "8.") ||
		node.Version.Flavor != "default" || node.ClusterName == "" || node.ClusterUUID == "" || node.Tagline != "You Know, for Search" {
		t.Errorf("GET / gives %s with %v and %+v", response.Status, response.Header, node)
	}
	status, body := call(t, http.MethodGet, servers.ElasticsearchURL(t)+"/_license", "")
	if status != http.StatusOK || !strings.Contains(body, `"type":"basic"`) || !strings.Contains(body, `"status":"active"`) {
		t.Errorf("GET /_license gives %d %s", status, body)
	}
}

func TestIndexPrefixDeletesItsIndicesAndNoOthersAtTheEndOfTheTest(t *testing.T) {
	t.Parallel()
	server := servers.ElasticsearchURL(t)
	var mine, neighbour string
	t.Run("inner", func(t *testing.T) {
		prefix := servers.IndexPrefix(t)
		mine, neighbour = prefix+"-clean", prefix+"0-clean"
		call(t, http.MethodPut, server+"/"+mine, "")
		call(t, http.MethodPut, server+"/"+neighbour, "")
		call(t, http.MethodPut, server+"/_index_template/"+mine, `{"index_patterns":["`+mine+`"]}`)
	})
	for path, want := range map[string]int{
		"/" + mine:                 http.StatusNotFound,
		"/_index_template/" + mine: http.StatusNotFound,
		"/" + neighbour:            http.StatusOK,
	} {
		if status, _ := call(t, http.MethodGet, server+path, ""); status != want {
			t.Errorf("%s has status %d after the test, want %d", path, status, want)
		}
	}
}
