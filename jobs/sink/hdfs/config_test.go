package hdfs

import (
	"net/url"
	"slices"
	"testing"

	"senmeteo/jobs/flow"
)

func TestTheRootIsAnHDFSOrAFolder(t *testing.T) {
	for _, test := range []struct {
		root, user, folder string
		addresses          []string // nil: local
	}{
		{"file:///var/lib/meteo", "", "/var/lib/meteo/clean", nil},
		{"file:///", "", "/clean", nil},
		{"hdfs://namenode:9000/data/meteo/", "senmeteo", "/data/meteo/clean", []string{"namenode:9000"}},
		{"hdfs://namenode", "senmeteo", "/clean", []string{"namenode:8020"}},
		{"hdfs://awa@nn1:8020,nn2:8020/data", "awa", "/data/clean", []string{"nn1:8020", "nn2:8020"}},
		{"file:///var/lib/../../etc/./meteo", "", "/etc/meteo/clean", nil},
		{"hdfs://namenode/a%2e%2e/%2e%2e/b", "senmeteo", "/b/clean", []string{"namenode:8020"}},
		{"hdfs://[::1]:8020/data", "senmeteo", "/data/clean", []string{"[::1]:8020"}},
	} {
		t.Run(test.root, func(t *testing.T) {
			l, err := newLake(config{root: test.root})
			if err != nil {
				t.Fatal(err)
			}
			switch files := l.files.(type) {
			case localFiles:
				if test.addresses != nil || files.root != test.folder {
					t.Errorf("it is the local folder %s", files.root)
				}
			case *nameNode:
				if !slices.Equal(files.addresses, test.addresses) || files.user != test.user || files.root != test.folder {
					t.Errorf("it is %s of %s at %v", files.root, files.user, files.addresses)
				}
			}
		})
	}
}

// A folder's name means itself, whatever it has a meaning for elsewhere.
func TestALakeCanBeInAFolderOfAnyName(t *testing.T) {
	onEachFileSystem(t, func(t *testing.T, root string) {
		for _, name := range []string{"Météo du Sénégal", "date=2026-01-01", "*", "[a-z]{1,2}?", `a'; DROP TABLE "x`, "$(id) && `id`", "_tmp", "..%2f", "%41", "-rf", "a+b&c"} {
			l := openLake(t, testConfig(root+"/"+url.PathEscape(name)))
			next := fill(t, l, 0, 0, revisions(0, 0, 3, 1))
			again := openLake(t, testConfig(root+"/"+url.PathEscape(name)))
			if offsets, err := again.Resume(t.Context()); err != nil || offsets[0] != next {
				t.Errorf("%s: it resumes at %v, %v", name, offsets, err)
			}
			if rows := published(t, again); len(rows) != 3 {
				t.Errorf("%s: readers see %d rows", name, len(rows))
			}
		}
	})
}

func TestARootOfAnotherFormIsAUsageFailure(t *testing.T) {
	for _, root := range []string{
		"", "/var/lib/meteo", "file://var/lib", "file:var", "hdfs:///data", "s3://bucket/data", "hdfs://%zz/", "file://",
		"hdfs://namenode/data?user=awa", "file:///data?", "file:///lake#2", "file:///a%00b", "file:///a%0Ab",
	} {
		settings := flow.Settings{"hdfs": root}
		if _, err := Kind().Open(t.Context(), flow.StoreConfig{Settings: settings}); flow.ClassOf(err) != flow.Usage {
			t.Errorf("Open of %q returned %v, want a failure of the class Usage", root, err)
		}
	}
}
