package kafka

import (
	"fmt"
	"hash/fnv"
	"regexp"

	"senmeteo/jobs/flow"
)

// Names are the topics and groups under one prefix.
type Names struct{ Prefix string }

// Check refuses a prefix that Kafka would not take as a topic's name.
func (n Names) Check() error {
	if !prefixForm.MatchString(n.Prefix) {
		return fmt.Errorf("%q is not made of 1 to 100 letters, digits, dots, hyphens and underscores", n.Prefix)
	}
	return nil
}

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Raw is the topic of readings as they arrive.
func (n Names) Raw() string { return n.Prefix + ".raw" }

// Clean is the topic of checked observations, each revision once.
func (n Names) Clean() string { return n.Prefix + ".clean" }

// DLQ is the topic of dead letters.
func (n Names) DLQ() string { return n.Prefix + ".dlq" }

// Topics lists the three.
func (n Names) Topics() []string { return []string{n.Raw(), n.Clean(), n.DLQ()} }

// Group is the consumer group of a job: "meteo.stream".
func (n Names) Group(job string) string { return n.Prefix + "." + job }

// Partition is where the records of a station belong among n partitions.
func Partition(stationID string, n int) int32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(stationID)) // a hash never fails
	return int32(h.Sum32() % uint32(n))
}

// header returns the value of a record's first header of this name.
func header(headers []flow.Header, key string) string {
	for _, h := range headers {
		if h.Key == key {
			return string(h.Value)
		}
	}
	return ""
}
