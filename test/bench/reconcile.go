package bench

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/colinmarc/hdfs/v2"
	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/jackc/pgx/v5"
)

// reconcileJob is `reconcile` of the topics, the lake, the table and the indices, which agree.
func reconcileJob() job {
	needs := []string{needsKafka, needsHDFS, needsPostgres, needsElasticsearch}
	return job{name: "reconcile", needs: needs, prepare: func(ctx context.Context, r *runner) (int64, []contender, error) {
		observations, err := r.clean(ctx)
		if err != nil {
			return 0, nil, err
		}
		database := r.Prefix + "_audit"
		r.cleanup = append(r.cleanup, r.withoutIndices, func(ctx context.Context) error { return r.Servers.dropDatabase(ctx, database) })
		if err := r.Servers.recreate(ctx, database, ""); err != nil {
			return 0, nil, err
		}
		if err := r.example(ctx); err != nil {
			return 0, nil, err
		}
		url := r.Servers.database(database)
		for _, load := range [][]string{{"to-pg", "--pg-url", url}, {"to-es", "--es-url", r.Servers.Elasticsearch}} {
			if _, err := r.program(ctx, load...); err != nil {
				return 0, nil, err
			}
		}
		all := r.builds(nil, "reconcile", "--json", "--pg-url", url, "--hdfs", r.lake("example"), "--es-url", r.Servers.Elasticsearch)
		for i := range all {
			all[i].silent = true
		}
		all = append(all, r.limit(nil, "reconcile", "-brokers", r.Servers.Brokers, "-topic", r.names.Clean(), "-pg", url,
			"-lake", r.lake("example"), "-es", r.Servers.Elasticsearch, "-indices", r.Prefix+"-clean-*"))
		return observations, all, nil
	}}
}

// reconcileLimit reads the clean topic, the table, the lake's files and the documents once, one after the other. It returns the
// number of records of the topic.
func reconcileLimit(ctx context.Context, args []string) (records int64, err error) {
	var s Servers
	var topic, indices string
	flags := flag.NewFlagSet("reconcile", flag.ContinueOnError)
	flags.StringVar(&s.Brokers, "brokers", "", "")
	flags.StringVar(&topic, "topic", "", "")
	flags.StringVar(&s.Postgres, "pg", "", "URL of the database")
	flags.StringVar(&s.Lake, "lake", "", "")
	flags.StringVar(&s.Elasticsearch, "es", "", "")
	flags.StringVar(&indices, "indices", "", "")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	if err := s.consume(ctx, topic, func(*ck.Message) error { records++; return nil }); err != nil {
		return 0, err
	}
	if err := s.readTable(ctx); err != nil {
		return 0, err
	}
	if err := s.readLake(ctx); err != nil {
		return 0, err
	}
	return records, s.readDocuments(ctx, indices)
}

func (s Servers) readTable(ctx context.Context) error {
	db, err := pgx.Connect(ctx, s.Postgres)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { _ = db.Close(ctx) }() // it was only read
	_, err = db.PgConn().CopyTo(ctx, io.Discard, "COPY (SELECT * FROM meteo.observation_data) TO STDOUT (FORMAT binary)")
	return err
}

func (s Servers) readLake(ctx context.Context) error {
	client, root, err := dialLake(s.Lake)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }() // it was only read
	names, err := dataFiles(client, root)
	if err != nil {
		return err
	}
	return inLake(ctx, s.Lake, names, func(client *hdfs.Client, root, name string) error {
		_, err := client.ReadFile(path.Join(root, name))
		return err
	})
}

// readDocuments reads all documents page by page, as they are stored, without decoding them.
func (s Servers) readDocuments(ctx context.Context, indices string) error {
	var page struct {
		ID   string `json:"_scroll_id"`
		Hits struct {
			Hits []json.RawMessage `json:"hits"`
		} `json:"hits"`
	}
	next, body := "/"+indices+"/_search?scroll=1m", `{"size": 5000, "sort": ["_doc"]}`
	for {
		page.Hits.Hits = nil
		if err := s.search(ctx, http.MethodPost, next, strings.NewReader(body), &page); err != nil {
			return err
		}
		if len(page.Hits.Hits) == 0 {
			return s.search(ctx, http.MethodDelete, "/_search/scroll", strings.NewReader(fmt.Sprintf(`{"scroll_id": %q}`, page.ID)), nil)
		}
		next, body = "/_search/scroll", fmt.Sprintf(`{"scroll": "1m", "scroll_id": %q}`, page.ID)
	}
}
