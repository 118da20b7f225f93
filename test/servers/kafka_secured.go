package servers

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
)

// SecuredKafka are the listeners of a Kafka that take TLS. The clients' own is reached by any of them.
type SecuredKafka struct {
	// Password takes SCRAM-SHA-512 over TLS from User, whose password is in PasswordFile; Certificate takes only clients
	// with a certificate of the set's authority; Expired has a certificate of yesterday. Each is localhost:port.
	Password, Certificate, Expired string
	User, PasswordFile             string

	ports        []int
	secret       string
	certificates *Certificates
	dir          string
}

// secureKafka chooses ports and a password; nil without certificates.
func secureKafka(dir string, certificates *Certificates) (*SecuredKafka, error) {
	if certificates == nil {
		return nil, nil
	}
	ports, err := FreePorts(3)
	if err != nil {
		return nil, err
	}
	at := func(i int) string { return "localhost:" + strconv.Itoa(ports[i]) }
	s := &SecuredKafka{
		Password: at(0), Certificate: at(1), Expired: at(2), User: "meteo", PasswordFile: filepath.Join(dir, "password"),
		ports: ports, secret: rand.Text(), certificates: certificates, dir: dir,
	}
	files := map[string]string{s.PasswordFile: s.secret + "\n"}
	for store, parts := range map[string][]string{
		"server": {certificates.serverKey, certificates.server}, "expired": {certificates.expiredKey, certificates.expired},
	} {
		text := ""
		for _, part := range parts { // Kafka wants key and certificate in one file
			pem, err := os.ReadFile(part)
			if err != nil {
				return nil, err
			}
			text += string(pem)
		}
		files[s.store(store)] = text
	}
	return s, writeFiles(files)
}

func (s *SecuredKafka) store(name string) string { return filepath.Join(s.dir, name+".keystore.pem") }

// listeners continues a list of listeners.
func (s *SecuredKafka) listeners(host string) string {
	if s == nil {
		return ""
	}
	list := ""
	for i, name := range []string{"PASSWORD", "CERTIFICATE", "EXPIRED"} {
		list += "," + name + "://" + host + ":" + strconv.Itoa(s.ports[i])
	}
	return list
}

// users are arguments of the storage tool. They are seen in the process list, as is all that this tool takes: the password is
// of the test alone.
func (s *SecuredKafka) users() []string {
	if s == nil {
		return nil
	}
	return []string{"--add-scram", "SCRAM-SHA-512=[name=" + s.User + ",password=" + s.secret + "]"}
}

func (s *SecuredKafka) properties() []string {
	if s == nil {
		return nil
	}
	const password, certificate, expired = "listener.name.password.", "listener.name.certificate.", "listener.name.expired."
	return []string{
		"ssl.keystore.type=PEM", "ssl.truststore.type=PEM",
		"sasl.enabled.mechanisms=SCRAM-SHA-512",
		password + "scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		password + "ssl.keystore.location=" + s.store("server"),
		certificate + "ssl.keystore.location=" + s.store("server"),
		certificate + "ssl.truststore.location=" + s.certificates.CA,
		certificate + "ssl.client.auth=required",
		expired + "ssl.keystore.location=" + s.store("expired"),
	}
}
