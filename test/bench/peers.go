package bench

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"senmeteo/jobs/kafka"
)

// Peers says how the peers that are written in PySpark are run; the zero value: not at all.
type Peers struct {
	Home    string // a folder with a virtual environment, venv, that has PySpark, with jars, and with snappy's libraries, org
	Scripts string // the folder of the peers
}

// peer returns a contender that is a peer, none when peers are not run. Each run begins without a checkpoint, unless it goes on from
// that of an earlier one.
func (r *runner) peer(script string, goesOn bool, ready func(context.Context) error, args ...string) []contender {
	if r.Peers.Home == "" {
		return nil
	}
	checkpoint := filepath.Join(r.Dir, "checkpoint-"+script)
	return []contender{{
		name: pySpark,
		ready: func(ctx context.Context) error {
			if !goesOn {
				if err := os.RemoveAll(checkpoint); err != nil {
					return err
				}
			}
			if ready == nil {
				return nil
			}
			return ready(ctx)
		},
		command: func(ctx context.Context) *exec.Cmd {
			return r.spark(ctx, script, append(args, "--checkpoint", checkpoint))
		},
	}}
}

// spark returns the command that runs a script of the peers.
func (r *runner) spark(ctx context.Context, script string, args []string) *exec.Cmd {
	bin := filepath.Join(r.Peers.Home, "venv", "bin")
	line := slices.Concat([]string{
		"--driver-java-options", r.Peers.snappy(),
		"--driver-memory", "2g", "--conf", "spark.log.level=ERROR", "--driver-class-path", filepath.Join(r.Peers.Home, "jars", "*"), "--py-files", filepath.Join(r.Peers.Scripts, "readings.py"),
		filepath.Join(r.Peers.Scripts, script), "--brokers", r.Servers.Brokers,
	}, args)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "spark-submit"), line...)
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), "PYSPARK_PYTHON="+filepath.Join(bin, "python"), "SPARK_LOCAL_IP=127.0.0.1", "PATH="+bin+":"+os.Getenv("PATH"))
	return cmd
}

// snappy returns the options that name snappy's library for glibc, without which Spark can't read the topics: where musl is installed
// beside glibc, snappy-java takes its library for musl, which does not load.
func (p Peers) snappy() string {
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	dir := filepath.Join(p.Home, "org", "xerial", "snappy", "native", "Linux", machine)
	return "-Dorg.xerial.snappy.lib.path=" + dir + " -Dorg.xerial.snappy.lib.name=libsnappyjava.so"
}

// streamPeer is the peer of `stream`.
func (r *runner) streamPeer(goesOn bool) []contender {
	to := kafka.Names{Prefix: r.Prefix + "peer"}
	ready := r.emptyTopics(to)
	if goesOn {
		ready = nil
	}
	return r.peer("stream.py", goesOn, ready, "--topic", r.names.Raw(), "--to", to.Clean())
}

// lakePeer is the peer of `to-hdfs`.
func (r *runner) lakePeer() []contender {
	to := r.lake("peer")
	u, err := url.Parse(to)
	if err != nil {
		return nil // its own job has reported it
	}
	all := r.peer("to_hdfs.py", false, r.withoutFolder(to), "--topic", r.names.Clean(), "--to", "hdfs://"+u.Host+u.Path)
	return inEnvironment(all, "HADOOP_USER_NAME="+u.User.Username())
}

// postgresPeer is the peer of `to-pg`.
func (r *runner) postgresPeer(database string) []contender {
	u, err := url.Parse(r.Servers.database(database))
	if err != nil {
		return nil // its own job has reported it
	}
	password, _ := u.User.Password()
	empty := func(ctx context.Context) error { return r.Servers.recreate(ctx, database, "") }
	all := r.peer("to_pg.py", false, empty, "--topic", r.names.Clean(), "--url", "jdbc:postgresql://"+u.Host+u.Path+"?"+u.RawQuery, "--user", u.User.Username())
	return inEnvironment(all, "PGPASSWORD="+password)
}

// inEnvironment adds a variable to the environment of commands.
func inEnvironment(all []contender, variable string) []contender {
	for i, c := range all {
		all[i].command = func(ctx context.Context) *exec.Cmd {
			cmd := c.command(ctx)
			cmd.Env = append(cmd.Env, variable)
			return cmd
		}
	}
	return all
}
