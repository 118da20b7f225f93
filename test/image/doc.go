// Package image holds the tests of the image of the jobs: they build it, run it on the real Docker engine of `make
// test`, confined as Airflow confines it, and look at what is in it and at what the jobs do to the real Kafka, PostgreSQL, HDFS
// and Elasticsearch.
package image
