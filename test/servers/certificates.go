package servers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Certificates are those of the secured servers of a set, as paths of PEM files. All but OtherCA were issued by CA, and those
// of servers hold for the name localhost alone: by the address 127.0.0.1 the name is a wrong one.
type Certificates struct {
	CA      string
	OtherCA string // of an authority that issued nothing here
	// Client is a certificate of the client, ClientKey its key.
	Client, ClientKey string

	server, serverKey   string
	expired, expiredKey string
}

// newCertificates makes two authorities and what the first issues.
func newCertificates(dir string) (*Certificates, error) {
	ca, err := newAuthority(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return nil, err
	}
	other, err := newAuthority(filepath.Join(dir, "other-ca.pem"))
	if err != nil {
		return nil, err
	}
	c := &Certificates{CA: ca.path, OtherCA: other.path}
	now := time.Now()
	for _, leaf := range []struct {
		cert, key *string
		name      string
		until     time.Time
	}{
		{&c.server, &c.serverKey, "localhost", now.AddDate(0, 0, 1)},
		{&c.expired, &c.expiredKey, "localhost", now.Add(-time.Hour)},
		{&c.Client, &c.ClientKey, "meteo", now.AddDate(0, 0, 1)},
	} {
		*leaf.cert, *leaf.key = filepath.Join(dir, leaf.name+leaf.until.Format("-0102.pem")), filepath.Join(dir, leaf.name+leaf.until.Format("-0102.key"))
		if err := ca.issue(leaf.name, leaf.until, *leaf.cert, *leaf.key); err != nil {
			return nil, err
		}
	}
	return c, nil
}

type authority struct {
	path string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(path string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: filepath.Base(path)},
		NotBefore: time.Now().AddDate(0, 0, -2), NotAfter: time.Now().AddDate(0, 0, 2),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	return &authority{path: path, cert: cert, key: key}, writePEM(path, "CERTIFICATE", der)
}

// issue writes a certificate and its key, for servers and clients alike.
func (a *authority) issue(name string, until time.Time, certPath, keyPath string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().AddDate(0, 0, -1), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	if err := writePEM(certPath, "CERTIFICATE", der); err != nil {
		return err
	}
	return writePEM(keyPath, "PRIVATE KEY", pkcs8)
}

func writePEM(path, kind string, der []byte) error {
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
