package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

// TestSecuredServers runs the program against servers of its own that take TLS, with certificates made for the test.
func TestSecuredServers(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	set, err := servers.Start(ctx, servers.Options{Only: []servers.Name{servers.NameKafka, servers.NamePostgres}, Secure: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // not deferred: parallel subtests run after this function
		if err := set.Stop(); err != nil {
			t.Error(err)
		}
	})
	kafka, certs := set.Kafka.Secured, set.Certificates
	postgres := set.Postgres.Secured + "&sslrootcert=" + certs.CA
	password := []string{"SENMETEO_BROKERS", kafka.Password, "SENMETEO_KAFKA_CA", certs.CA, "SENMETEO_KAFKA_USER", kafka.User, "SENMETEO_KAFKA_PASSWORD_FILE", kafka.PasswordFile}
	certificate := []string{"SENMETEO_BROKERS", kafka.Certificate, "SENMETEO_KAFKA_CA", certs.CA, "SENMETEO_KAFKA_CERT", certs.Client, "SENMETEO_KAFKA_KEY", certs.ClientKey}

	t.Run("every job runs with a password and with a certificate", func(t *testing.T) {
		runOver(t, "password", postgres, password)
		runOver(t, "certificate", postgres, certificate)
	})
	t.Run("the authorities of the environment will do", func(t *testing.T) {
		withSystem := program.Program{}.With(password...).With("SENMETEO_KAFKA_CA", "", "SSL_CERT_FILE", certs.CA, "SENMETEO_PG_URL", set.Postgres.Secured, "SENMETEO_TOPIC_PREFIX", "system")
		withSystem.Must(t, "topics")
		withSystem.Must(t, "to-pg")
	})
	t.Run("settings of librdkafka's own will do", func(t *testing.T) {
		secret, err := os.ReadFile(kafka.PasswordFile)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "kafka.properties")
		text := "# a comment\nsasl.username=" + kafka.User + "\nsasl.password=" + string(secret) + "\nssl.ca.location = " + certs.CA + "\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		program.Program{}.Must(t, "topics", "--brokers", kafka.Password, "--topic-prefix", "own", "--kafka-config", path)
	})

	p := program.Program{Dir: t.TempDir()}.With(password...).With("SENMETEO_PG_URL", postgres, "SENMETEO_TOPIC_PREFIX", "password")
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte(secretWord), 0o600); err != nil {
		t.Fatal(err)
	}
	byAddress := func(address string) string { return strings.Replace(address, "localhost", "127.0.0.1", 1) }
	for _, c := range []refusal{
		{name: "a wrong Kafka password", args: []string{"stream"}, env: []string{"SENMETEO_KAFKA_PASSWORD_FILE", wrong}, says: `refuses the login: check --kafka-user and the file of --kafka-password-file \(`},
		{name: "an unknown Kafka user", args: []string{"to-pg"}, env: []string{"SENMETEO_KAFKA_USER", "nobody"}, says: `refuses the login`},
		{name: "another Kafka authority", args: []string{"stream"}, env: []string{"SENMETEO_KAFKA_CA", certs.OtherCA}, says: `not trusted: .*unknown authority.*: check --kafka-ca`},
		{name: "no Kafka authority", args: []string{"stream"}, env: []string{"SENMETEO_KAFKA_CA", ""}, says: `not trusted: .*unknown authority.*: check --kafka-ca`},
		{name: "a wrong name of Kafka", args: []string{"stream"}, env: []string{"SENMETEO_BROKERS", byAddress(kafka.Password)}, says: `not who its certificate says.*127\.0\.0\.1.*: check`},
		{name: "an expired Kafka certificate", args: []string{"stream"}, env: []string{"SENMETEO_BROKERS", kafka.Expired}, says: `certificate has expired`},
		{name: "no certificate where Kafka wants one", args: []string{"stream"}, env: []string{"SENMETEO_BROKERS", kafka.Certificate}, says: `wants another certificate of ours: check --kafka-cert and --kafka-key`},
		{name: "no TLS where Kafka wants it", args: []string{"stream"}, env: []string{"SENMETEO_KAFKA_USER", "", "SENMETEO_KAFKA_PASSWORD_FILE", "", "SENMETEO_KAFKA_CA", ""}, says: `perhaps it wants TLS or a login, see --kafka-ca`},
		{name: "TLS where Kafka has none", args: []string{"fetch", "generate"}, env: []string{"SENMETEO_BROKERS", set.Kafka.Brokers}, says: `it may not take TLS on this port`},
		{name: "another PostgreSQL authority", args: []string{"to-pg"}, env: []string{"SENMETEO_PG_URL", set.Postgres.Secured + "&sslrootcert=" + certs.OtherCA}, says: `PostgreSQL's certificate is not accepted \(.*unknown authority.*\): name its authority by sslrootcert`},
		{name: "a wrong name of PostgreSQL", args: []string{"to-pg"}, env: []string{"SENMETEO_PG_URL", byAddress(postgres)}, says: `PostgreSQL's certificate is not accepted \(.*127\.0\.0\.1.*\)`},
	} {
		c.code = 69
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.judge(t, p.With(c.env...).Run(t, c.args...))
		})
	}
	for _, c := range []refusal{
		{name: "a password without a user", args: []string{"stream"}, env: []string{"SENMETEO_KAFKA_USER", ""}, says: `--kafka-user and --kafka-password-file belong together`},
		{name: "a key without a certificate", args: []string{"stream", "--kafka-key", certs.ClientKey}, says: `--kafka-key is given without --kafka-cert`},
		{name: "a password file that is missing", args: []string{"stream", "--kafka-password-file", "none"}, says: `reading the file of --kafka-password-file \(none\): no such file`},
		{name: "an authority that is missing", args: []string{"stream", "--kafka-ca", "none.pem"}, says: `reading --kafka-ca: open none\.pem: no such file`},
		{name: "an authority that is not a certificate", args: []string{"stream", "--kafka-ca", wrong}, says: `ssl\.ca\.location`},
		{name: "a password among the brokers", args: []string{"stream", "--brokers", "u:" + secretWord + "@localhost:1"}, says: `--brokers takes HOST:PORT only`},
		{name: "another machine's PostgreSQL with any certificate", args: []string{"to-pg", "--pg-url", "postgres://u:" + secretWord + "@db.example/x?sslmode=require"}, says: `write sslmode=verify-full`},
	} {
		c.code = 64
		t.Run(c.name, func(t *testing.T) { c.check(t, p) })
	}
	t.Run("verification can't be turned off", func(t *testing.T) {
		for setting, says := range map[string]string{
			"enable.ssl.certificate.verification=false":       `enable\.ssl\.certificate\.verification may only be true`,
			"ssl.endpoint.identification.algorithm = none":    `ssl\.endpoint\.identification\.algorithm may only be https`,
			"isolation.level=read_uncommitted":                `"isolation\.level" is not one that a file may make`,
			"sasl.password " + secretWord:                     `line 1 is not key=value`,
			"ssl.key.password=" + secretWord + "\nacks=0\n":   `"acks" is not one`,
			"security.protocol=plaintext\nsasl.username=me\n": `leave security\.protocol out`,
		} {
			path := filepath.Join(t.TempDir(), "kafka.properties")
			if err := os.WriteFile(path, []byte(setting), 0o600); err != nil {
				t.Fatal(err)
			}
			refusal{args: []string{"stream", "--kafka-config", path}, code: 64, says: says}.check(t, p)
		}
	})
}

// runOver runs every job over one kind of login.
func runOver(t *testing.T, prefix, postgres string, login []string) {
	t.Helper()
	lake := filepath.Join(t.TempDir(), "lake")
	p := pipeline{program.Pipeline{Prefix: prefix, Postgres: postgres, Lake: lake}}
	p.Program = p.With(login...).With("SENMETEO_TOPIC_PREFIX", prefix, "SENMETEO_PG_URL", postgres, "SENMETEO_HDFS", "file://"+lake)
	p.Must(t, "topics")
	p.Must(t, "fetch", "generate", "--from", "2026-01-01", "--to", "2026-01-01T02:00:00Z", "--faults", "0.2", "--truth", filepath.Join(t.TempDir(), "truth.jsonl"))
	p.settle(t)
	ledger := p.ledger(t)
	if ledger.Total.Clean == 0 || ledger.Total.Dead == 0 {
		t.Errorf("%s: %d clean and %d dead, want some of both", prefix, ledger.Total.Clean, ledger.Total.Dead)
	}
	letters := p.Must(t, "dlq", "list")
	if n := int64(strings.Count(letters.Stdout, "\n")); n != int64(ledger.Total.Dead) {
		t.Errorf("%s: %d dead letters are listed, want %d", prefix, n, ledger.Total.Dead)
	}
	p.Must(t, "status", "--max-age", "1000000h")
}
