package hdfs

import (
	"log/slog"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode"

	"senmeteo/jobs/flow"
)

// config says where the lake is and what it is filled from.
type config struct {
	root     string // hdfs://[user@]host[:port][,host[:port]...]/path or file:///path
	user     string // whom HDFS takes us for (defaultUser); a user in root comes first
	topic    flow.Topic
	newTopic bool // go on although the topic was recreated
	runID    string

	clock    func() time.Time // time.Now
	timeout  time.Duration    // how long HDFS may take to answer a call or take a packet (20 s)
	patience time.Duration    // how long a failing operation is retried that may succeed later (60 s)
	logger   *slog.Logger
}

func (c *config) setDefaults() {
	if c.user == "" {
		c.user = defaultUser
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.timeout == 0 {
		c.timeout = 20 * time.Second
	}
	if c.patience == 0 {
		c.patience = time.Minute
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
}

// defaultPort is where a NameNode listens when fs.defaultFS names no port.
const defaultPort = "8020"

// fileSystem returns the one that root names, rooted in <root>/clean. It opens no connection.
func (c *config) fileSystem() (fileSystem, error) {
	u, err := url.Parse(c.root)
	if err != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.ContainsFunc(u.Path, unicode.IsControl) {
		return nil, invalidRoot(c.root)
	}
	root := path.Join("/", u.Path, "clean")
	switch {
	case u.Scheme == "file" && u.Host == "" && u.Path != "" && u.Opaque == "":
		return localFiles{root: root}, nil
	case u.Scheme == "hdfs" && u.Host != "":
		user := c.user
		if name := u.User.Username(); name != "" {
			user = name
		}
		return newNameNode(nameNodes(u.Host), user, root, c.timeout), nil
	}
	return nil, invalidRoot(c.root)
}

func invalidRoot(root string) error {
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
