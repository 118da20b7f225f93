package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/colinmarc/hdfs/v2"
)

// Cluster is an HDFS cluster of one NameNode and one DataNode, with their web UIs. Whoever started it is its superuser.
type Cluster struct {
	NameNode *Server
	DataNode *Server
	// URL is hdfs://host:port, without a path.
	URL string
	// User is the superuser, as whom the program has to come to make folders at the root.
	User string
	// WebURL is the NameNode's web UI and WebHDFS.
	WebURL string
}

func startHDFS(ctx context.Context, root string, home *folder) (*Cluster, error) {
	jars, err := jarFolder(root, "hdfs")
	if err != nil {
		return nil, err
	}
	dir, err := home.sub("hdfs")
	if err != nil {
		return nil, err
	}
	superuser, err := hdfsUser()
	if err != nil {
		return nil, err
	}
	ports, err := FreePorts(5)
	if err != nil {
		return nil, err
	}
	namenode, web := loopback(ports[0]), loopback(ports[1])
	if err := writeHDFSSettings(dir, namenode, web, ports[2:]); err != nil {
		return nil, err
	}
	vm := hadoopVM(dir, jars)
	const nameNodeClass = "org.apache.hadoop.hdfs.server.namenode.NameNode"
	format := vm.args(nameNodeClass, "-format", "-nonInteractive")
	if err := runOnce("formatting the NameNode", exec.CommandContext(ctx, "java", format...)); err != nil {
		return nil, err
	}
	node := func(name, class string) *Server {
		return &Server{
			name:    name,
			command: func() *exec.Cmd { return exec.Command("java", vm.args(class)...) },
			within:  2 * time.Minute,
			quit:    syscall.SIGTERM,
			orphan:  syscall.SIGKILL,
			logPath: filepath.Join(dir, strings.ToLower(name)+".log"),
		}
	}
	c := &Cluster{
		NameNode: node("NameNode", nameNodeClass),
		DataNode: node("DataNode", "org.apache.hadoop.hdfs.server.datanode.DataNode"),
		URL:      "hdfs://" + namenode,
		User:     superuser,
		WebURL:   "http://" + web,
	}
	c.DataNode.probe = func(ctx context.Context) error { return probeWriting(ctx, namenode) }
	c.NameNode.probe = func(ctx context.Context) error {
		if c.DataNode.PID() != 0 {
			return probeWriting(ctx, namenode)
		}
		return probeReading(ctx, namenode)
	}
	if err := c.NameNode.Start(ctx); err != nil {
		return c, err
	}
	if err := c.DataNode.Start(ctx); err != nil {
		return c, err
	}
	return c, makeRoot(ctx, namenode)
}

// writeHDFSSettings writes what both nodes read; datanode are the DataNode's three ports.
func writeHDFSSettings(dir, namenode, web string, datanode []int) error {
	core := map[string]string{
		"fs.defaultFS":   "hdfs://" + namenode,
		"hadoop.tmp.dir": filepath.Join(dir, "tmp"),
	}
	// What differs from the defaults is what one loopback DataNode needs, plus shorter times so that a killed
	// node is noticed (after 14 s instead of 10 minutes) and taken back quickly.
	site := map[string]string{
		"dfs.replication":                                      "1",
		"dfs.namenode.name.dir":                                "file://" + filepath.Join(dir, "name"),
		"dfs.datanode.data.dir":                                "file://" + filepath.Join(dir, "data"),
		"dfs.namenode.http-address":                            web,
		"dfs.datanode.address":                                 loopback(datanode[0]),
		"dfs.datanode.http.address":                            loopback(datanode[1]),
		"dfs.datanode.ipc.address":                             loopback(datanode[2]),
		"dfs.namenode.safemode.extension":                      "0",
		"dfs.heartbeat.interval":                               "1",
		"dfs.namenode.heartbeat.recheck-interval":              "2000",
		"dfs.namenode.datanode.registration.ip-hostname-check": "false",
	}
	return writeFiles(map[string]string{
		filepath.Join(dir, "core-site.xml"):    hadoopXML(core),
		filepath.Join(dir, "hdfs-site.xml"):    hadoopXML(site),
		filepath.Join(dir, "log4j.properties"): log4jToStdout,
	})
}

// hadoopVM runs a node with the settings in dir.
func hadoopVM(dir, jars string) java {
	return java{
		heapMB:    256,
		classPath: strings.Join([]string{dir, filepath.Join(jars, "pages"), filepath.Join(jars, "*")}, ":"),
		// For the web UI on JDK 17.
		flags: []string{"--add-opens=java.base/java.lang=ALL-UNNAMED"},
	}
}

// makeRoot makes the folder of the lake and gives it to the user that senmeteo writes as.
func makeRoot(ctx context.Context, namenode string) (err error) {
	client, err := dialHDFS(ctx, namenode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if err := client.MkdirAll("/data/meteo", 0o755); err != nil {
		return fmt.Errorf("making the folder of the lake: %w", err)
	}
	if err := client.Chown("/data/meteo", "senmeteo", "senmeteo"); err != nil {
		return fmt.Errorf("giving the folder of the lake away: %w", err)
	}
	return nil
}

// hadoopXML renders properties in the form of Hadoop's *-site.xml. Names and values hold nothing to escape.
func hadoopXML(properties map[string]string) string {
	var b strings.Builder
	b.WriteString("<configuration>\n")
	for name, value := range properties {
		fmt.Fprintf(&b, "<property><name>%s</name><value>%s</value></property>\n", name, value)
	}
	b.WriteString("</configuration>\n")
	return b.String()
}

// probeReading looks at the root folder, which needs the NameNode only.
func probeReading(ctx context.Context, namenode string) (err error) {
	client, err := dialHDFS(ctx, namenode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if _, err := client.Stat("/"); err != nil {
		return fmt.Errorf("asking the NameNode: %w", err)
	}
	return nil
}

// probeWriting writes a file and removes it, which needs a NameNode out of safe mode and a DataNode.
func probeWriting(ctx context.Context, namenode string) (err error) {
	client, err := dialHDFS(ctx, namenode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	path := "/.probe-" + rand.Text()
	w, err := client.Create(path)
	if err != nil {
		return fmt.Errorf("creating a file in HDFS: %w", err)
	}
	_, writeErr := w.Write([]byte("probe"))
	return errors.Join(writeErr, w.Close(), client.Remove(path))
}

// dialHDFS returns a client all of whose connections end with ctx: the client itself knows no timeouts.
func dialHDFS(ctx context.Context, namenode string) (*hdfs.Client, error) {
	dial := func(dialing context.Context, network, address string) (net.Conn, error) {
		var dialer net.Dialer
		conn, err := dialer.DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		endWith(ctx, conn)
		return conn, nil
	}
	name, err := hdfsUser()
	if err != nil {
		return nil, err
	}
	client, err := hdfs.NewClient(hdfs.ClientOptions{
		Addresses: []string{namenode}, User: name, NamenodeDialFunc: dial, DatanodeDialFunc: dial,
	})
	if err != nil {
		return nil, fmt.Errorf("connecting to the NameNode: %w", err)
	}
	return client, nil
}

// hdfsUser returns the name under which Hadoop's simple authentication knows us.
func hdfsUser() (string, error) {
	if name := os.Getenv("HADOOP_USER_NAME"); name != "" {
		return name, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("finding our user name for HDFS: %w", err)
	}
	return u.Username, nil
}
