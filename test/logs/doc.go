// Package logs_test lets Filebeat, with the stack's own configuration, read what the jobs and servers write, into a real Elasticsearch
// with the stack's own template.
package logs_test
