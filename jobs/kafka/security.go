package kafka

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"unicode"
)

// Security says how the connection to the brokers is protected, and who we are to them. The zero value trusts the network.
// Any field asks for TLS, and the broker's certificate and name are always verified.
type Security struct {
	CA       string // path of the certificates to trust instead of the system's, PEM
	Cert     string // path of our certificate, PEM; the key may be in the same file
	Key      string // path of its key
	User     string // for SCRAM-SHA-512, unless the settings name another mechanism
	Password string
}

// expirySetting is beside the settings of a connection, since brokers may allow transactions less time than the program asks for.
const expirySetting = "transaction.timeout.ms"

// fileSettings are what a file of settings may hold beside: how to reach the brokers and how to prove who we are. All others are the
// program's own: on some of them rests that nothing is lost or doubled, and some would load code or run programs.
var fileSettings = []string{
	"security.protocol",
	"enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm", // with the one value that verifies
	"ssl.ca.location", "ssl.ca.pem", "ssl.crl.location", "https.ca.location",
	"ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.key.pem", "ssl.key.password",
	"ssl.keystore.location", "ssl.keystore.password",
	"sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password",
	"sasl.oauthbearer.method", "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.scope",
	"sasl.oauthbearer.extensions", "sasl.oauthbearer.token.endpoint.url",
	"broker.address.family", "broker.address.ttl", "client.dns.lookup", "client.rack", "connections.max.idle.ms",
	"metadata.max.age.ms", "socket.connection.setup.timeout.ms", "socket.keepalive.enable", "socket.timeout.ms", "debug",
}

// settings joins what a file says with the flags, which go before it, and refuses what is not to be had. No value that may be
// a secret is in an error.
func (s Security) settings(brokers string, file map[string]string) (map[string]string, error) {
	all := map[string]string{}
	for key, value := range file {
		if key == expirySetting { // of producers alone: see Config.Secure
			continue
		}
		if !slices.Contains(fileSettings, key) {
			return nil, fmt.Errorf("the setting %.60q is not one that a file may make: such are security.protocol, ssl.*, sasl.*, socket.* and client.rack; the others decide that nothing is lost or doubled, or load code, and are the program's own", key)
		}
		if key == "sasl.mechanism" { // librdkafka knows it by two names
			key = "sasl.mechanisms"
		}
		all[key] = value
	}
	for key, value := range map[string]string{
		"ssl.ca.location": s.CA, "ssl.certificate.location": s.Cert, "ssl.key.location": s.key(), "sasl.username": s.User, "sasl.password": s.Password,
	} {
		if value != "" {
			all[key] = value
		}
	}
	if strings.ContainsFunc(all["sasl.username"]+all["sasl.password"], unicode.IsControl) {
		return nil, fmt.Errorf("the user or the password of Kafka has a line break in it: its file must hold one line")
	}
	if err := infer(all); err != nil {
		return nil, err
	}
	return all, verified(brokers, all)
}

// key is the path of the key, which may be with the certificate.
func (s Security) key() string {
	if s.Key == "" {
		return s.Cert
	}
	return s.Key
}

// infer adds the protocol, the mechanism and the authorities where nobody names them.
func infer(all map[string]string) error {
	begin := func(prefix string) bool {
		for key := range all {
			if strings.HasPrefix(key, prefix) {
				return true
			}
		}
		return false
	}
	wanted := "plaintext"
	switch {
	case begin("sasl."):
		wanted = "sasl_ssl"
	case begin("ssl."):
		wanted = "ssl"
	}
	protocol := strings.ToLower(all["security.protocol"])
	switch {
	case protocol == "":
		protocol = wanted
	case strings.HasPrefix(wanted, "sasl") && !strings.HasPrefix(protocol, "sasl"):
		return fmt.Errorf("security.protocol is %.20q, but a user, password or other sasl.* setting is given: leave security.protocol out", protocol)
	case wanted == "ssl" && !strings.HasSuffix(protocol, "ssl"):
		return fmt.Errorf("security.protocol is %.20q, but certificates are given: leave security.protocol out", protocol)
	}
	all["security.protocol"] = protocol
	if strings.HasPrefix(protocol, "sasl") && all["sasl.mechanisms"] == "" {
		all["sasl.mechanisms"] = "SCRAM-SHA-512"
	}
	if strings.HasSuffix(protocol, "ssl") && all["ssl.ca.location"] == "" && all["ssl.ca.pem"] == "" {
		// The same file as Go's own connections take; without it librdkafka looks where systems keep it: linked statically it knows no place.
		all["ssl.ca.location"] = "probe"
		if path := os.Getenv("SSL_CERT_FILE"); path != "" {
			all["ssl.ca.location"] = path
		}
	}
	return nil
}

// verified refuses settings under which somebody else could answer in the brokers' place, or listen.
func verified(brokers string, all map[string]string) error {
	if v, ok := all["enable.ssl.certificate.verification"]; ok && v != "true" {
		return fmt.Errorf("enable.ssl.certificate.verification may only be true: name the authority of the brokers' certificate with --kafka-ca instead")
	}
	if v, ok := all["ssl.endpoint.identification.algorithm"]; ok && v != "https" {
		return fmt.Errorf("ssl.endpoint.identification.algorithm may only be https: give --brokers by the names in their certificates instead")
	}
	if v := all["sasl.oauthbearer.token.endpoint.url"]; v != "" && !strings.HasPrefix(v, "https://") {
		return fmt.Errorf("sasl.oauthbearer.token.endpoint.url must begin with https://: a secret is sent to it")
	}
	// SCRAM shows no password to those who listen; the other mechanisms do.
	if all["security.protocol"] == "sasl_plaintext" && !strings.HasPrefix(strings.ToUpper(all["sasl.mechanisms"]), "SCRAM-") && !local(brokers) {
		return fmt.Errorf("security.protocol is sasl_plaintext: with the mechanism %.20q that shows the login to the network; leave it out to use TLS, or take SCRAM-SHA-512 where you trust the network", all["sasl.mechanisms"])
	}
	return nil
}

// local reports whether all brokers are on this machine.
func local(brokers string) bool {
	for address := range strings.SplitSeq(brokers, ",") {
		host, _, err := net.SplitHostPort(strings.TrimSpace(address))
		if err != nil {
			host = strings.TrimSpace(address)
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
