package servers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Name names a kind of server.
type Name string

// The servers that can be started.
const (
	NameKafka         Name = "kafka"
	NamePostgres      Name = "postgres"
	NameHDFS          Name = "hdfs"
	NameElasticsearch Name = "elasticsearch"
	NameRedis         Name = "redis"
	NameDocker        Name = "docker"
)

// Names returns all names, in the order in which they are reported.
func Names() []Name {
	return []Name{NameKafka, NamePostgres, NameHDFS, NameElasticsearch, NameRedis, NameDocker}
}

// ParseNames reads a list like "kafka,postgres".
func ParseNames(list string) ([]Name, error) {
	var names []Name
	for word := range strings.SplitSeq(list, ",") {
		name := Name(strings.TrimSpace(word))
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("reading server names: there is no %q; choose from %v", name, Names())
		}
		names = append(names, name)
	}
	return names, nil
}

// Options say what to start.
type Options struct {
	// Only names the servers to start; empty means all.
	Only []Name
	// Secure lets Kafka and PostgreSQL take TLS also, with certificates made for the set: see Certificates.
	Secure bool
	// Up, when set, is called for each server that is up, with the time it took. The calls do not overlap.
	Up func(name Name, took time.Duration)
}

// Set holds the servers that were started together; those not asked for are nil.
type Set struct {
	Kafka         *Kafka
	Postgres      *Postgres
	HDFS          *Cluster
	Elasticsearch *Elasticsearch
	Redis         *Redis
	Docker        *Docker
	Certificates  *Certificates // nil unless Secure

	home *folder
	mu   sync.Mutex
	all  []*Server
}

// Start starts servers side by side and returns when all of them serve. When one fails, the others are stopped and
// the error reports which and why. ctx bounds the start only: the caller ends the servers with [Set.Stop].
func Start(ctx context.Context, options Options) (*Set, error) {
	root, err := repositoryRoot()
	if err != nil {
		return nil, err
	}
	home, err := newFolder()
	if err != nil {
		return nil, err
	}
	names := options.Only
	if len(names) == 0 {
		names = Names()
	}

	set := &Set{home: home}
	if options.Secure {
		dir, err := home.sub("certificates")
		if err == nil {
			set.Certificates, err = newCertificates(dir)
		}
		if err != nil {
			return nil, errors.Join(err, set.Stop())
		}
	}
	failures := make([]error, len(names))
	var starting sync.WaitGroup
	for i, name := range names {
		starting.Go(func() {
			began := time.Now()
			failures[i] = set.start(ctx, name, root)
			if failures[i] == nil && options.Up != nil {
				set.mu.Lock()
				defer set.mu.Unlock()
				options.Up(name, time.Since(began))
			}
		})
	}
	starting.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, errors.Join(err, set.Stop())
	}
	return set, nil
}

// start starts one server and keeps it, also when it failed half way, so that Stop ends it.
func (s *Set) start(ctx context.Context, name Name, root string) (err error) {
	switch name {
	case NameKafka:
		s.Kafka, err = startKafka(ctx, root, s.home, s.Certificates)
		if s.Kafka != nil {
			s.keep(s.Kafka.Server)
		}
	case NamePostgres:
		s.Postgres, err = startPostgres(ctx, s.home, s.Certificates)
		if s.Postgres != nil {
			s.keep(s.Postgres.Server)
		}
	case NameHDFS:
		s.HDFS, err = startHDFS(ctx, root, s.home)
		if s.HDFS != nil {
			s.keep(s.HDFS.NameNode, s.HDFS.DataNode)
		}
	case NameElasticsearch:
		s.Elasticsearch, err = startElasticsearch(ctx, root, s.home)
		if s.Elasticsearch != nil {
			s.keep(s.Elasticsearch.Server)
		}
	case NameRedis:
		s.Redis, err = startRedis(ctx, s.home)
		if s.Redis != nil {
			s.keep(s.Redis.Server)
		}
	case NameDocker:
		s.Docker, err = startDocker(ctx, root, s.home)
		if s.Docker != nil {
			s.keep(s.Docker.Server)
		}
	default:
		err = fmt.Errorf("starting %q: there is no such server; choose from %v", name, Names())
	}
	return err
}

func (s *Set) keep(started ...*Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, started...)
}

// Stop kills all servers of the set and removes their data. They are not asked to end in their orderly way: nobody
// needs the data any more.
func (s *Set) Stop() error {
	failures := make([]error, len(s.all)+1)
	var stopping sync.WaitGroup
	for i, server := range s.all {
		stopping.Go(func() { failures[i] = server.Kill() })
	}
	stopping.Wait()
	failures[len(s.all)] = s.home.remove()
	return errors.Join(failures...)
}

// Env returns the addresses as NAME=value lines, twice each: under the name that the senmeteo program reads and
// under the one that the tests read.
func (s *Set) Env() []string {
	var lines []string
	add := func(name, program, tests string) {
		lines = append(lines, "SENMETEO_"+name+"="+program, "SENMETEO_TEST_"+name+"="+tests)
	}
	if s.Kafka != nil {
		add("BROKERS", s.Kafka.Brokers, s.Kafka.Brokers)
	}
	if s.Postgres != nil {
		add("PG_URL", s.Postgres.URL, s.Postgres.URL)
	}
	if s.HDFS != nil {
		// HDFS lets nobody else make folders at its root than the user who started it.
		add("HDFS", "hdfs://"+s.HDFS.User+"@"+strings.TrimPrefix(s.HDFS.URL, "hdfs://")+"/data/meteo", s.HDFS.URL)
		lines = append(lines, "SENMETEO_WEBHDFS="+s.HDFS.WebURL) // the notebooks read it, the program does not
	}
	if s.Elasticsearch != nil {
		add("ES_URL", s.Elasticsearch.URL, s.Elasticsearch.URL)
	}
	if s.Redis != nil {
		add("REDIS_URL", s.Redis.URL, s.Redis.URL)
	}
	if s.Docker != nil {
		lines = append(lines, "SENMETEO_TEST_DOCKER_HOST="+s.Docker.Host) // the program itself speaks to no engine
	}
	return lines
}
