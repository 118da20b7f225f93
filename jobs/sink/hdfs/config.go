package hdfs

import (
	"io"
	"iter"
	"log/slog"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/meteo"
)

// Config says where the lake is and what it is filled from.
type Config struct {
	Root      string // hdfs://[user@]host[:port][,host[:port]...]/path or file:///path
	User      string // whom HDFS takes us for ("senmeteo"); a user in Root comes first
	ClusterID string // of the Kafka cluster
	TopicID   string // changes when the topic is deleted and made again
	NewTopic  bool   // go on although the topic was made again
	RunID     string

	// Encode writes observations of one day as a file that readers of the lake understand, with metadata for people.
	Encode func(w io.Writer, observations []meteo.Observation, metadata map[string]string) error
	// Decode reads such a file. What it yields is good until the next step.
	Decode func(r io.ReaderAt, size int64) iter.Seq2[*meteo.Observation, error]

	Clock    func() time.Time // time.Now
	Timeout  time.Duration    // how long HDFS may take to answer a call or take a packet (20 s)
	Patience time.Duration    // how long a failing operation is repeated that may succeed later (60 s)
	Logger   *slog.Logger
}

func (c *Config) setDefaults() {
	if c.User == "" {
		c.User = "senmeteo"
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// defaultPort is where a NameNode listens when fs.defaultFS names no port.
const defaultPort = "8020"

// fileSystem returns the one that Root names, rooted in <root>/clean. It opens no connection.
func (c *Config) fileSystem() (fileSystem, error) {
	u, err := url.Parse(c.Root)
	if err != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.ContainsFunc(u.Path, unicode.IsControl) {
		return nil, badRoot(c.Root)
	}
	root := path.Join("/", u.Path, "clean")
	switch {
	case u.Scheme == "file" && u.Host == "" && u.Path != "" && u.Opaque == "":
		return localFiles{root: root}, nil
	case u.Scheme == "hdfs" && u.Host != "":
		user := c.User
		if name := u.User.Username(); name != "" {
			user = name
		}
		return newNameNode(nameNodes(u.Host), user, root, c.Timeout), nil
	}
	return nil, badRoot(c.Root)
}

func badRoot(root string) error {
	return flow.Fail(flow.Usage, "the lake can't be at %q: --hdfs is like hdfs://namenode:8020/data/meteo or file:///var/lib/meteo", root)
}

// nameNodes splits "nn1:8020,nn2" and completes the ports.
func nameNodes(hosts string) []string {
	var out []string
	for host := range strings.SplitSeq(hosts, ",") {
		if !strings.Contains(host, ":") || strings.HasSuffix(host, "]") {
			host += ":" + defaultPort
		}
		out = append(out, host)
	}
	return out
}
