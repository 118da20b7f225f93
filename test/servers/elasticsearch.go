package servers

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Elasticsearch is one node without security and without what its licensed modules add: no ILM, no data streams,
// no painless scripts. A plugin of ours (java/elasticsearch) answers GET / and GET /_license.
type Elasticsearch struct {
	*Server
	// URL is http://host:port.
	URL string
}

func startElasticsearch(ctx context.Context, root string, home *folder) (*Elasticsearch, error) {
	jars, err := jarFolder(root, "elasticsearch")
	if err != nil {
		return nil, err
	}
	dir, err := home.sub("elasticsearch")
	if err != nil {
		return nil, err
	}
	ports, err := FreePorts(2)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "config")
	for _, folder := range []string{config, filepath.Join(dir, "plugins")} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return nil, fmt.Errorf("making Elasticsearch's folders: %w", err)
		}
	}
	if err := os.Symlink(filepath.Join(jars, "modules"), filepath.Join(dir, "modules")); err != nil {
		return nil, fmt.Errorf("making Elasticsearch's folders: %w", err)
	}
	if err := writeFiles(map[string]string{
		filepath.Join(config, "elasticsearch.yml"): strings.Join([]string{
			"cluster.name: senmeteo-test",
			"node.name: test",
			"discovery.type: single-node",
			"network.host: 127.0.0.1",
			fmt.Sprintf("http.port: %d", ports[0]),
			fmt.Sprintf("transport.port: %d", ports[1]),
			"cluster.routing.allocation.disk.threshold_enabled: false", // a nearly full disk must not refuse writes
		}, "\n") + "\n",
		filepath.Join(config, "log4j2.properties"): log4j2ToStdout,
	}); err != nil {
		return nil, err
	}

	vm := java{
		heapMB:    640,
		classPath: filepath.Join(jars, "search-node.jar"),
		flags: []string{
			"--module-path=" + filepath.Join(jars, "lib"), "--add-modules=ALL-MODULE-PATH",
			"-Dlog4j2.disable.jmx=true",
		},
	}
	e := &Elasticsearch{URL: "http://" + loopback(ports[0])}
	e.Server = &Server{
		name:    "Elasticsearch",
		command: func() *exec.Cmd { return exec.Command("java", vm.args("SearchNode", dir)...) },
		probe:   func(ctx context.Context) error { return probeElasticsearch(ctx, e.URL) },
		within:  3 * time.Minute,
		quit:    syscall.SIGTERM,
		orphan:  syscall.SIGKILL,
		logPath: filepath.Join(dir, "elasticsearch.log"),
	}
	return e, e.Start(ctx)
}

const log4j2ToStdout = `appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`

// probeElasticsearch waits until the primary shards of all indices are there, which is status yellow.
func probeElasticsearch(ctx context.Context, url string) error {
	return callElasticsearch(ctx, http.MethodGet, url+"/_cluster/health?wait_for_status=yellow&timeout=2s", nil)
}
