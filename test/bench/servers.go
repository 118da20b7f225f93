package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"senmeteo/test/servers"
)

// Servers are the addresses of the servers, as flags of the program take them. What a job does not need may be empty.
type Servers struct {
	Brokers       string
	Postgres      string
	Lake          string // hdfs://user@host:port/folder
	Elasticsearch string
	PIDs          map[string][]int // by server; of those whose CPU seconds are to be counted
}

// The names of servers.
const (
	needsKafka         = string(servers.NameKafka)
	needsPostgres      = string(servers.NamePostgres)
	needsHDFS          = string(servers.NameHDFS)
	needsElasticsearch = string(servers.NameElasticsearch)
)

// Of returns the addresses and processes of servers that were started.
func Of(set *servers.Set) Servers {
	s := Servers{PIDs: map[string][]int{}}
	if set.Kafka != nil {
		s.Brokers, s.PIDs["Kafka"] = set.Kafka.Brokers, []int{set.Kafka.PID()}
	}
	if set.Postgres != nil {
		s.Postgres, s.PIDs["PostgreSQL"] = set.Postgres.URL, []int{set.Postgres.PID()}
	}
	if set.HDFS != nil {
		u := url.URL{Scheme: "hdfs", User: url.User(set.HDFS.User), Host: set.HDFS.URL[len("hdfs://"):], Path: "/data/meteo"}
		s.Lake, s.PIDs["HDFS"] = u.String(), []int{set.HDFS.NameNode.PID(), set.HDFS.DataNode.PID()}
	}
	if set.Elasticsearch != nil {
		s.Elasticsearch, s.PIDs["Elasticsearch"] = set.Elasticsearch.URL, []int{set.Elasticsearch.PID()}
	}
	return s
}

// cpu returns the CPU seconds that each server has taken since it began, those of sessions that have ended included.
func (s Servers) cpu() map[string]float64 {
	all := map[string]float64{}
	for name, pids := range s.PIDs {
		for _, root := range pids {
			for _, pid := range append(children(root), root) {
				if seconds, err := cpuOf(pid); err == nil { // a session may end meanwhile
					all[name] += seconds
				}
			}
		}
	}
	return all
}

// withAdmin lends a client for changing topics.
func (s Servers) withAdmin(do func(*ck.AdminClient) error) error {
	admin, err := ck.NewAdminClient(&ck.ConfigMap{"bootstrap.servers": s.Brokers, "enable.metrics.push": false})
	if err != nil {
		return fmt.Errorf("setting up a Kafka client: %w", err)
	}
	defer admin.Close()
	return do(admin)
}

// dropTopics deletes topics; those that do not exist are ignored.
func (s Servers) dropTopics(ctx context.Context, names ...string) error {
	return s.withAdmin(func(admin *ck.AdminClient) error {
		results, err := admin.DeleteTopics(ctx, names)
		for _, r := range results {
			if code := r.Error.Code(); code != ck.ErrNoError && code != ck.ErrUnknownTopicOrPart {
				err = errors.Join(err, fmt.Errorf("deleting topic %s: %w", r.Topic, r.Error))
			}
		}
		return err
	})
}

// dropGroup deletes the offsets of a consumer group.
func (s Servers) dropGroup(ctx context.Context, group string) error {
	return s.withAdmin(func(admin *ck.AdminClient) error {
		result, err := admin.DeleteConsumerGroups(ctx, []string{group})
		for _, r := range result.ConsumerGroupResults {
			if code := r.Error.Code(); code != ck.ErrNoError && code != ck.ErrGroupIDNotFound {
				err = errors.Join(err, fmt.Errorf("deleting group %s: %w", r.Group, r.Error))
			}
		}
		return err
	})
}

// records returns how many records a topic holds, by reading it.
func (s Servers) records(ctx context.Context, topic string) (n int64, err error) {
	err = s.consume(ctx, topic, func(*ck.Message) error { n++; return nil })
	return n, err
}

// topicBytes returns what the logs of a topic take on the disks of the brokers.
func (s Servers) topicBytes(ctx context.Context, topic string) (bytes int64, err error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Brokers))
	if err != nil {
		return 0, fmt.Errorf("making a Kafka client: %w", err)
	}
	defer client.Close()
	answer, err := kmsg.NewPtrDescribeLogDirsRequest().RequestWith(ctx, client)
	if err != nil {
		return 0, fmt.Errorf("asking for the sizes of topics: %w", err)
	}
	for _, dir := range answer.Dirs {
		for _, t := range dir.Topics {
			if t.Topic != topic {
				continue
			}
			for _, p := range t.Partitions {
				bytes += p.Size
			}
		}
	}
	return bytes, nil
}

// inDatabase executes statements in a database of the server.
func (s Servers) inDatabase(ctx context.Context, database string, statements ...string) error {
	db, err := pgx.Connect(ctx, s.database(database))
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	for _, statement := range statements {
		if _, err := db.Exec(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("executing %q: %w", statement, err), db.Close(ctx))
		}
	}
	return db.Close(ctx)
}

// database returns the URL of a database of the server; "" is the one of the server's own URL.
func (s Servers) database(name string) string {
	u, err := url.Parse(s.Postgres)
	if err != nil || name == "" {
		return s.Postgres
	}
	u.Path = "/" + name
	return u.String()
}

// recreate drops a database and creates it from a template, template1 when that is "". Dropping writes a checkpoint, so that
// every contender begins after one.
func (s Servers) recreate(ctx context.Context, database, template string) error {
	if err := s.dropDatabase(ctx, database); err != nil {
		return err
	}
	return s.inDatabase(ctx, "", "CREATE DATABASE "+database+" TEMPLATE "+cmp.Or(template, "template1"))
}

// dropDatabase drops a database if it exists. An autovacuum worker may be at work in it, which only a superuser can end (42501),
// but which is done soon.
func (s Servers) dropDatabase(ctx context.Context, name string) error {
	const patience = time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := s.inDatabase(ctx, "", "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != "42501" {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// offsetsOf returns the partitions of a topic, in order.
func offsetsOf(topic string, partitions []ck.PartitionMetadata) []ck.TopicPartition {
	var all []ck.TopicPartition
	for _, p := range partitions {
		all = append(all, ck.TopicPartition{Topic: &topic, Partition: p.ID, Offset: 0})
	}
	slices.SortFunc(all, func(a, b ck.TopicPartition) int { return int(a.Partition - b.Partition) })
	return all
}
