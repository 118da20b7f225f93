package servers_test

import (
	"slices"
	"strings"
	"testing"

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
	left := topics(t, brokers)
	if slices.Contains(left, mine) {
		t.Errorf("topic %s still exists after its test", mine)
	}
	if !slices.Contains(left, neighbour) {
		t.Errorf("topic %s of another prefix was deleted", neighbour)
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
