package broker

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// validity of the certificate: longer than any process runs.
const validity = 100 * 365 * 24 * time.Hour

// newIdentity creates the certificate by which the broker and its clients know each other, for mutual TLS: it exists in the
// memory of this process alone, so nobody else can connect. It returns the broker's side and librdkafka's settings of a
// client.
func newIdentity() (server *tls.Config, client map[string]string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("creating the broker's key: %w", err)
	}
	now := time.Now()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "senmeteo up"},
		NotBefore:             now.Add(-24 * time.Hour), // the clock may be set back
		NotAfter:              now.Add(validity),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true,
		IsCA:                  true, // its own authority
	}, &x509.Certificate{Subject: pkix.Name{CommonName: "senmeteo up"}}, &key.PublicKey, key)
	if err != nil {
		return nil, nil, fmt.Errorf("creating the broker's certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("writing the broker's key: %w", err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(certificate)
	server = &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authorities,
	}
	client = map[string]string{
		"security.protocol":   "ssl",
		"ssl.ca.pem":          string(certificate),
		"ssl.certificate.pem": string(certificate),
		"ssl.key.pem":         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})),
	}
	return server, client, nil
}
