package hdfs

import (
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
		{"hdfs://[::1]:8020/data", "senmeteo", "/data/clean", []string{"[::1]:8020"}},
	} {
		t.Run(test.root, func(t *testing.T) {
			l, err := Open(Config{Root: test.root})
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

func TestARootOfAnotherFormIsAUsageFailure(t *testing.T) {
	for _, root := range []string{"", "/var/lib/meteo", "file://var/lib", "file:var", "hdfs:///data", "s3://bucket/data", "hdfs://%zz/", "file://"} {
		if _, err := Open(Config{Root: root}); flow.ClassOf(err) != flow.Usage {
			t.Errorf("Open of %q returned %v, want a failure of the class Usage", root, err)
		}
	}
}
