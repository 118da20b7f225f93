package postgres

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPostgresOfRootGoesElsewhereWhenItsUserCannotEnterTheFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("only root runs its server as another user")
		return
	}
	closed := filepath.Join(openFolder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "postgres")
	first := startPostgres(t, Config{Dir: dir})
	t.Cleanup(func() { _ = os.RemoveAll(first.Home()) })
	if !strings.HasPrefix(first.Home(), systemStateDir+"/") {
		t.Errorf("the data is in %s", first.Home())
	}
	if _, err := connect(t, first.URL()).Exec(t.Context(), "CREATE TABLE kept AS SELECT 'yes' AS answer"); err != nil {
		t.Fatal(err)
	}
	closePostgres(t, first)
	second := startPostgres(t, Config{Dir: dir})
	if got := queryText(t, connect(t, second.URL()), "SELECT answer FROM kept"); got != "yes" || second.Home() != first.Home() {
		t.Errorf("read %q from %s, written to %s", got, second.Home(), first.Home())
	}
	closePostgres(t, second)

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	fresh := startPostgres(t, Config{Dir: dir})
	t.Cleanup(func() { _ = os.RemoveAll(fresh.Home()) })
	if fresh.Home() == first.Home() {
		t.Error("a new folder got the old data")
	}
}

// nowhere is a machine without PostgreSQL.
func nowhere(context.Context) []string { return nil }

func TestPostgresIsDownloadedWhenNoneIsInstalled(t *testing.T) {
	if testing.Short() {
		t.Log("-short: no download of 15 MB")
		return
	}
	p := startPostgres(t, Config{Dir: openFolder(t), CacheDir: openFolder(t), installed: nowhere})
	if got := queryText(t, connect(t, p.URL()), "SHOW server_version"); !strings.HasPrefix(got, "18.") {
		t.Errorf("version %s", got)
	}
}

func TestPostgresThatCannotBeHadSaysWhatToInstall(t *testing.T) {
	ctx := testContext(t, time.Minute)
	// A stand-in for Maven that brings another file.
	other := filepath.Join(t.TempDir(), "mvn")
	script := "#!/bin/sh\nfor a; do case $a in -Dartifact=*) n=${a#-Dartifact=*:};; -DoutputDirectory=*) d=${a#*=};; esac; done\n" +
		"echo 'not the package' > \"$d/$(echo \"$n\" | tr : -).jar\"\n"
	if err := os.WriteFile(other, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	made := openFolder(t)
	if err := os.Mkdir(filepath.Join(made, dataFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(made, dataFolder, "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		cfg   Config
		wants []string
	}{
		{"no download allowed", Config{Dir: openFolder(t), NoDownload: true}, []string{"apt install postgresql"}},
		{"Maven fails", Config{Dir: openFolder(t), Maven: "false"}, []string{"apt install postgresql", "exit status 1"}},
		{"no Maven", Config{Dir: openFolder(t), Maven: "no-such-maven"}, []string{"apt install postgresql", "no-such-maven"}},
		{"Maven brings another file", Config{Dir: openFolder(t), Maven: other}, []string{"apt install postgresql", "SHA-256"}},
		{"data of a version that is not there", Config{Dir: made}, []string{"PostgreSQL 9", "apt install postgresql-9"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.cfg.installed = nowhere
			tt.cfg.CacheDir = t.TempDir()
			_, err := Start(ctx, tt.cfg)
			var none *MissingError
			if !errors.As(err, &none) {
				t.Fatalf("got %v, want a MissingError", err)
			}
			for _, want := range tt.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("message %q lacks %q", err, want)
				}
			}
		})
	}
}

func TestPostgresWhosePasswordIsLostSaysSo(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	closePostgres(t, startPostgres(t, Config{Dir: dir}))
	if err := os.Remove(filepath.Join(dir, passFile)); err != nil {
		t.Fatal(err)
	}
	_, err := Start(context.Background(), Config{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "password file") {
		t.Errorf("got %v", err)
	}
}

func TestALeftoverThatIsStillWrittenToIsRemovedInTheEnd(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new-1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // the orphan writes on for a while
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				_ = os.MkdirAll(dir, 0o700) // both fail when the folder goes between them
				_ = os.WriteFile(filepath.Join(dir, strconv.Itoa(n)), nil, 0o600)
			}
		}
	}()
	time.AfterFunc(300*time.Millisecond, func() { close(stop) })
	if err := removeLeftover(testContext(t, time.Minute), dir); err != nil {
		t.Error(err)
	}
	<-stopped
}
