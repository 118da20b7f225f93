package local

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
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/xi2/xz"
)

const (
	// DefaultPostgresRepository is Maven Central, which serves PostgreSQL
	// servers packed by zonky.io (15 MB).
	DefaultPostgresRepository = ""

	downloadVersion = "18.3.0"
	downloadMajor   = 18
	maxDownload     = 100 << 20
)

// downloadSums are the SHA-256 of the packages, from the .sha256 files beside
// them, by zonky's name of the platform.
func downloadSums() map[string]string {
	return map[string]string{
		"linux-amd64":    "1974c3a59c3ae010e9818e81637e425aad94eaac26e4ef533b42e081fe7ca345",
		"linux-arm64v8":  "1fb555a6602c13a113ab1f0cc9224d599948e85e51ac5f001393605505eaf78e",
		"darwin-amd64":   "cb68c57232945f5e74db946e6077d70cec56bfed35959b21acc750cc80ca0977",
		"darwin-arm64v8": "a18ec9ec6a905e04f5a08a8f7870bddadd635feb54dee332a3daf80fada3cb1a",
	}
}

// downloadBinaries returns the server in the cache folder, downloading it first
// when it is not there yet.
func downloadBinaries(ctx context.Context, repository, cache string) (pgBinaries, error) {
	arch := strings.Replace(runtime.GOARCH, "arm64", "arm64v8", 1)
	platform := runtime.GOOS + "-" + arch
	sum, ok := downloadSums()[platform]
	if !ok {
		return pgBinaries{}, fmt.Errorf("no PostgreSQL to download for %s", platform)
	}
	dir := filepath.Join(cache, "postgresql-"+downloadVersion+"-"+platform)
	if b, err := inspectBinaries(ctx, filepath.Join(dir, "bin")); err == nil {
		return b, nil
	}
	name := "embedded-postgres-binaries-" + platform
	url := fmt.Sprintf("%s/io/zonky/test/postgres/%s/%s/%s-%s.jar", repository, name, downloadVersion, name, downloadVersion)
	jar, err := download(ctx, url)
	if err != nil {
		return pgBinaries{}, fmt.Errorf("downloading PostgreSQL: %w", err)
	}
	if got := sha256.Sum256(jar); hex.EncodeToString(got[:]) != sum {
		return pgBinaries{}, fmt.Errorf("downloading PostgreSQL: %s is not the file it should be (SHA-256 %x)", url, got)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return pgBinaries{}, fmt.Errorf("making cache folder: %w", err)
	}
	unpacked, err := os.MkdirTemp(cache, ".unpacking-*")
	if err != nil {
		return pgBinaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	defer os.RemoveAll(unpacked)
	if err := errors.Join(unpackJar(jar, unpacked), os.Chmod(unpacked, 0o755)); err != nil {
		return pgBinaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	if err := os.RemoveAll(dir); err != nil { // what an interrupted removal or a wrong copy left
		return pgBinaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	if err := os.Rename(unpacked, dir); err != nil {
		return pgBinaries{}, fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	return inspectBinaries(ctx, filepath.Join(dir, "bin"))
}

func download(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxDownload))
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
	defer root.Close()
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
