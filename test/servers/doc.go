// Package servers starts the real servers that the tests talk to: Kafka, PostgreSQL, HDFS, Elasticsearch,
// Redis, each on free loopback ports with a temporary data folder, and a Docker engine on a socket of its own.
//
// There are two ways to use it.
//
// Most tests share one set of servers. `make test` starts it by the withservers command and hands the addresses
// to the tests in the environment; a test asks for them with [Brokers], [PostgresURL], [HDFS], [ElasticsearchURL],
// [RedisURL] or [DockerHost] and keeps out of other tests' way by names from [Unique] and [TopicPrefix].
//
// A test that breaks a server needs its own: it calls [Start] and then [Server.Kill], [Server.Pause],
// [Server.Resume], [Server.Stop] and [Server.Start] on the parts of its [Set]. A server comes back on the same
// ports with the same data.
//
// No server outlives the process that started it: on Linux the kernel ends the servers even when that process is
// killed with SIGKILL.
package servers
