package kafka

import (
	"maps"
	"strings"
	"testing"
	"time"
)

func TestOneFlagIsEnoughForTLSAndTheCertificateIsVerified(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", "")
	for name, c := range map[string]struct {
		s    Security
		file map[string]string
		want map[string]string
	}{
		"nothing is asked for": {want: map[string]string{"security.protocol": "plaintext"}},
		"an authority":         {s: Security{CA: "ca.pem"}, want: map[string]string{"security.protocol": "ssl", "ssl.ca.location": "ca.pem"}},
		"a user": {
			s:    Security{User: "u", Password: "p"},
			want: map[string]string{"security.protocol": "sasl_ssl", "sasl.mechanisms": "SCRAM-SHA-512", "sasl.username": "u", "sasl.password": "p", "ssl.ca.location": "probe"},
		},
		"a certificate with its key in the same file": {
			s:    Security{Cert: "c.pem"},
			want: map[string]string{"security.protocol": "ssl", "ssl.certificate.location": "c.pem", "ssl.key.location": "c.pem", "ssl.ca.location": "probe"},
		},
		"another mechanism by the file": {
			s: Security{User: "u", Password: "p", CA: "ca.pem"}, file: map[string]string{"sasl.mechanism": "PLAIN"},
			want: map[string]string{"security.protocol": "sasl_ssl", "sasl.mechanisms": "PLAIN", "sasl.username": "u", "sasl.password": "p", "ssl.ca.location": "ca.pem"},
		},
		"the flag before the file": {
			s: Security{CA: "flag.pem"}, file: map[string]string{"ssl.ca.location": "file.pem", "security.protocol": "SSL"},
			want: map[string]string{"security.protocol": "ssl", "ssl.ca.location": "flag.pem"},
		},
	} {
		got, err := c.s.settings("kafka.example:9093", c.file)
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

func TestTheAuthoritiesOfTheEnvironmentAreTrustedByKafkaToo(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", "/certificates.pem")
	got, err := Security{User: "u", Password: "p"}.settings("kafka.example:9093", nil)
	if err != nil || got["ssl.ca.location"] != "/certificates.pem" {
		t.Errorf("ssl.ca.location is %q, %v", got["ssl.ca.location"], err)
	}
}

func TestSettingsThatWouldWeakenAConnectionOrAPromiseAreRefused(t *testing.T) {
	const secret = "hunter2"
	for setting, says := range map[string]string{
		"enable.ssl.certificate.verification=false":                       "may only be true",
		"enable.ssl.certificate.verification=0":                           "may only be true",
		"ssl.endpoint.identification.algorithm=none":                      "may only be https",
		"sasl.oauthbearer.token.endpoint.url=http://u:" + secret + "@h/t": "must begin with https://",
		"isolation.level=read_uncommitted":                                "the program's own",
		"transactional.id=x":                                              "the program's own",
		"enable.idempotence=false":                                        "the program's own",
		"acks=0":                                                          "the program's own",
		"request.required.acks=0":                                         "the program's own",
		"group.id=x":                                                      "the program's own",
		"bootstrap.servers=evil:9092":                                     "the program's own",
		"metadata.broker.list=evil:9092":                                  "the program's own",
		"plugin.library.paths=/tmp/evil.so":                               "load code",
		"ssl.engine.location=/tmp/evil.so":                                "load code",
		"sasl.kerberos.kinit.cmd=touch /tmp/evil":                         "the program's own",
		"ssl.cipher.suites=aNULL":                                         "the program's own",
		"enable.sasl.oauthbearer.unsecure.jwt=true":                       "the program's own",
		"go.logs.channel.enable=false":                                    "the program's own",
		"sasl.password=" + secret + "\x00b":                               "line break",
	} {
		key, value, _ := strings.Cut(setting, "=")
		file := map[string]string{key: value, "ssl.key.password": secret}
		got, err := Security{User: "u", Password: secret}.settings("kafka.example:9093", file)
		if key == "sasl.password" {
			got, err = Security{}.settings("kafka.example:9093", file)
		}
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), secret) {
			t.Errorf("%.40s gives %v, %v, want an error with %q", key, got, err, says)
		}
	}
}

func TestALoginWithoutTLSShowsNoPasswordToOtherMachines(t *testing.T) {
	for mechanism, ok := range map[string]bool{"": true, "SCRAM-SHA-512": true, "scram-sha-256": true, "PLAIN": false, "OAUTHBEARER": false, "SCRAM": false} {
		file := map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": mechanism}
		if _, err := (Security{User: "u", Password: "p"}).settings("kafka:9092", file); (err == nil) != ok {
			t.Errorf("%s: %v", mechanism, err)
		}
	}
	file := map[string]string{"security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN"}
	for brokers, ok := range map[string]bool{
		"127.0.0.1:9092": true, "localhost:9092, [::1]:9093": true, "kafka:9092": false, "localhost:9092,10.0.0.1:9092": false, "localhost.evil.example:9092": false,
	} {
		if _, err := (Security{User: "u", Password: "p"}).settings(brokers, file); (err == nil) != ok {
			t.Errorf("%s: %v", brokers, err)
		}
	}
}

func TestAFileMayGiveTransactionsLessTimeAndNotMore(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"1000": time.Second, "45000": 45 * time.Second, "60000": time.Minute, "999": 0, "60001": 0, "-1000": 0, "1s": 0, "": 0,
	} {
		cfg := Config{Brokers: "localhost:9092"}
		err := cfg.Secure(Security{}, map[string]string{"transaction.timeout.ms": value, "client.rack": "a"})
		if (err == nil) != (want > 0) || cfg.Expiry != want {
			t.Errorf("%q: %v, %v, want %v", value, cfg.Expiry, err, want)
		}
		if _, ok := cfg.Settings["transaction.timeout.ms"]; ok {
			t.Errorf("%q: consumers and admins get the setting too", value)
		}
	}
	if got := (Config{}).expiry(); got != time.Minute {
		t.Errorf("without a file transactions have %v", got)
	}
}

func TestContradictionsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		s        Security
		protocol string
	}{
		"a user without SASL":      {Security{User: "u", Password: "p"}, "ssl"},
		"a certificate in the air": {Security{CA: "ca.pem"}, "plaintext"},
	} {
		if got, err := c.s.settings("localhost:9092", map[string]string{"security.protocol": c.protocol}); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
