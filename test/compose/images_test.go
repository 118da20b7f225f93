package compose_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// builders are the services that build an image of ours. `docker compose build` builds all services at the same time, and a name
// that two of them export makes the second one fail.
var builders = map[string]string{
	"senmeteo":              "topics",
	"senmeteo-hadoop":       "namenode",
	"senmeteo-airflow":      "airflow-init",
	"senmeteo-docker-proxy": "docker-proxy",
	"senmeteo-notebooks":    "jupyter",
}

func TestOneServiceBuildsAnImageAndTheOthersNameIt(t *testing.T) {
	for _, profile := range profiles {
		services := config(t, profile).Services
		for name, s := range services {
			image, _, _ := strings.Cut(s.Image, ":")
			builder, ours := builders[image]
			if built := s.Build != nil; built != (ours && name == builder) {
				t.Errorf("profile %s: whether %s builds %s is %v", profile, name, s.Image, built)
			}
			if ours && s.PullPolicy != "never" {
				t.Errorf("%s asks a registry for %s", name, s.Image)
			}
			// The helpers run by hand, in a profile that only adds to others.
			if before, ok := services[builder]; ours && profile != "tools" && (!ok || before.Image != s.Image) {
				t.Errorf("profile %s: no service builds %s, which %s runs", profile, s.Image, name)
			}
		}
	}
}

// Java and Node.js take more than their heaps: threads, buffers, code.
func TestAHeapLeavesTheContainerRoom(t *testing.T) {
	services := config(t, "full").Services
	for name, heap := range map[string]string{
		"kafka":         services["kafka"].Environment["KAFKA_HEAP"],
		"namenode":      services["namenode"].Environment["HADOOP_HEAP"],
		"datanode":      services["datanode"].Environment["HADOOP_HEAP"],
		"elasticsearch": option(services["elasticsearch"].Environment["ES_JAVA_OPTS"], "-Xmx"),
		"kibana":        option(services["kibana"].Environment["NODE_OPTIONS"], "--max-old-space-size="),
	} {
		mib, err := strconv.Atoi(strings.TrimSuffix(heap, "m"))
		if err != nil {
			t.Fatalf("the heap of %s: %v", name, err)
		}
		limit, err := strconv.Atoi(services[name].MemLimit)
		if err != nil {
			t.Fatal(err)
		}
		if spare := limit>>20 - mib; spare < mib*6/10 || spare < 192 {
			t.Errorf("%s has a heap of %d MiB and %d MiB beside it", name, mib, spare)
		}
	}
}

// option is the value of a program's option that is written in one word.
func option(line, prefix string) string {
	for _, word := range strings.Fields(line) {
		if value, ok := strings.CutPrefix(word, prefix); ok {
			return value
		}
	}
	return ""
}

// The image's jvm.options write gc.log, 32 files of 64 MB, into a folder that is in memory here.
func TestElasticsearchWritesNoFileOfItsCollector(t *testing.T) {
	words := strings.Fields(config(t, "full").Services["elasticsearch"].Environment["ES_JAVA_OPTS"])
	off, on := slices.Index(words, "-Xlog:disable"), slices.Index(words, "-Xlog:all=warning:stderr:utctime,level,tags")
	if off < 0 || on < off {
		t.Errorf("ES_JAVA_OPTS are %q", words)
	}
	for _, word := range words {
		if strings.Contains(word, "file=") {
			t.Errorf("%s writes a file", word)
		}
	}
}

func TestAirflowLogsToItsVolumeAndEndsItsChildren(t *testing.T) {
	const volume, setting = "/opt/airflow/logs", "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY"
	seen := 0
	for name, s := range config(t, "full").Services {
		if !strings.HasPrefix(name, "airflow-") {
			continue
		}
		seen++
		if !s.Init {
			t.Errorf("%s has no init process", name)
		}
		if !slices.ContainsFunc(s.Volumes, func(v volumeOf) bool { return v.Target == volume && v.Type == "volume" }) {
			t.Errorf("%s has no volume at %s", name, volume)
		}
		for _, key := range []string{setting, "AIRFLOW__LOGGING__BASE_LOG_FOLDER"} {
			if path := s.Environment[key]; path != volume && !strings.HasPrefix(path, volume+"/") {
				t.Errorf("%s: %s is %q, not in the volume", name, key, path)
			}
		}
	}
	if seen != 6 {
		t.Errorf("%d services are Airflow's, not 6", seen)
	}
}

// A browser on this machine takes a name below localhost for this machine, a container asks the network's resolver.
func TestWebHDFSSendsReadersToANameThatLeadsToTheDataNodeFromBothSides(t *testing.T) {
	sent := hadoopSetting(t, "hdfs-site.xml", "dfs.datanode.hostname")
	if !strings.HasSuffix(sent, ".localhost") {
		t.Errorf("a browser does not find %q", sent)
	}
	datanode := config(t, "full").Services["datanode"]
	if !slices.Contains(datanode.Networks["stack"].Aliases, sent) {
		t.Errorf("a container does not find %q: the names of the DataNode are %v", sent, datanode.Networks["stack"].Aliases)
	}
	if len(datanode.Ports) != 1 || datanode.Ports[0].Published != strconv.Itoa(datanode.Ports[0].Target) {
		t.Errorf("the port inside and outside is not the same: %+v", datanode.Ports)
	}
}
