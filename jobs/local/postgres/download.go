package postgres

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/xi2/xz"
)

const (
	downloadVersion = "18.3.0"
	downloadMajor   = 18

	// copyGoal is the goal of Maven that brings one artifact into a folder.
	copyGoal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
)

// downloadSums are the SHA-256 of the packages that zonky.io makes of PostgreSQL
// for Maven (15 MB), from the .sha256 files beside them, by zonky's name of the
// platform.
func downloadSums() map[string]string {
	return map[string]string{
		"linux-amd64":    "1974c3a59c3ae010e9818e81637e425aad94eaac26e4ef533b42e081fe7ca345",
		"linux-arm64v8":  "1fb555a6602c13a113ab1f0cc9224d599948e85e51ac5f001393605505eaf78e",
		"darwin-amd64":   "cb68c57232945f5e74db946e6077d70cec56bfed35959b21acc750cc80ca0977",
		"darwin-arm64v8": "a18ec9ec6a905e04f5a08a8f7870bddadd635feb54dee332a3daf80fada3cb1a",
	}
}

// downloadBinaries returns the server in the cache folder. When it is not there
// yet, maven, the path of Apache Maven's command, brings it: with the user's own settings, mirrors and proxies.
func downloadBinaries(ctx context.Context, maven, cache string) (binaries, error) {
	arch := strings.Replace(runtime.GOARCH, "arm64", "arm64v8", 1)
	platform := runtime.GOOS + "-" + arch
	sum, ok := downloadSums()[platform]
	if !ok {
		return binaries{}, fmt.Errorf("no PostgreSQL to download for %s", platform)
	}
	dir := filepath.Join(cache, "postgresql-"+downloadVersion+"-"+platform)
	if b, err := inspectBinaries(ctx, filepath.Join(dir, "bin")); err == nil {
		return b, nil
	}
	name := "embedded-postgres-binaries-" + platform
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return binaries{}, fmt.Errorf("creating cache folder: %w", err)
	}
	jar, err := download(ctx, maven, name, cache)
	if err != nil {
		return binaries{}, fmt.Errorf("downloading PostgreSQL: %w", err)
	}
	if got := sha256.Sum256(jar); hex.EncodeToString(got[:]) != sum {
		return binaries{}, fmt.Errorf("downloading PostgreSQL: %s is not the file it should be (SHA-256 %x)", name, got)
	}
	unpacked, err := os.MkdirTemp(cache, ".unpacking-*")
	if err != nil {
		return binaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	defer func() { _ = os.RemoveAll(unpacked) }()
	if err := errors.Join(unpackJar(jar, unpacked), os.Chmod(unpacked, 0o755)); err != nil {
		return binaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil { // what an interrupted removal or a wrong copy left
		return binaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	if err := os.Rename(unpacked, dir); err != nil {
		return binaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	return inspectBinaries(ctx, filepath.Join(dir, "bin"))
}

// download lets Maven bring a package and returns its content.
func download(ctx context.Context, maven, name, cache string) ([]byte, error) {
	dir, err := os.MkdirTemp(cache, ".downloading-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cmd := exec.CommandContext(ctx, maven, "--quiet", "--batch-mode", copyGoal,
		"-Dartifact=io.zonky.test.postgres:"+name+":"+downloadVersion, "-DoutputDirectory="+dir)
	cmd.Dir = dir // and not where a pom.xml of somebody else may lie
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w: %.200s", maven, err, firstLine(out))
	}
	return os.ReadFile(filepath.Join(dir, name+"-"+downloadVersion+".jar"))
}

func firstLine(out []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line
}

// unpackJar unpacks the one .txz archive that the jar holds.
func unpackJar(jar []byte, dir string) error {
	files, err := zip.NewReader(bytes.NewReader(jar), int64(len(jar)))
	if err != nil {
		return err
	}
	for _, file := range files.File {
		if !strings.HasSuffix(file.Name, ".txz") {
			continue
		}
		archive, err := file.Open()
		if err != nil {
			return err
		}
		return errors.Join(unpackArchive(archive, dir), archive.Close())
	}
	return errors.New("the package holds no .txz archive")
}

// unpackArchive unpacks a tar.xz; os.Root keeps every name inside dir.
func unpackArchive(archive io.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	decompressed, err := xz.NewReader(archive, 0)
	if err != nil {
		return err
	}
	files := tar.NewReader(decompressed)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.Clean(header.Name)
		if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		switch header.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(name, 0o755)
		case tar.TypeSymlink:
			err = root.Symlink(header.Linkname, name)
		case tar.TypeReg:
			err = unpackFile(root, name, header.FileInfo().Mode().Perm()|0o444, files)
		}
		if err != nil {
			return err
		}
	}
}

func unpackFile(root *os.Root, name string, mode os.FileMode, content io.Reader) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}
