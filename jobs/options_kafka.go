package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/kafka"
	"senmeteo/jobs/pipeline"
)

func kafkaFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "brokers", Value: "127.0.0.1:9092", EnvVars: env("brokers"), Usage: "Kafka brokers, `HOST:PORT,...`"},
		&cli.StringFlag{Name: "topic-prefix", Value: "meteo", EnvVars: env("topic-prefix"), Usage: "topics are PREFIX.raw, .clean and .dlq"},
		&cli.PathFlag{Name: "kafka-ca", EnvVars: env("kafka-ca"), Usage: "`FILE` with the certificates to trust instead of the system's; turns TLS on"},
		&cli.StringFlag{Name: "kafka-user", EnvVars: env("kafka-user"), Usage: "`NAME` to log in with (SCRAM-SHA-512); turns TLS on"},
		&cli.PathFlag{Name: "kafka-password-file", EnvVars: env("kafka-password-file"), Usage: "`FILE` that holds the password"},
		&cli.PathFlag{Name: "kafka-cert", EnvVars: env("kafka-cert"), Usage: "`FILE` with our certificate, PEM, to log in with; turns TLS on"},
		&cli.PathFlag{Name: "kafka-key", EnvVars: env("kafka-key"), DefaultText: "that of --kafka-cert", Usage: "`FILE` with its key"},
		&cli.PathFlag{Name: "kafka-config", EnvVars: env("kafka-config"), Usage: "`FILE` with librdkafka's settings (key=value lines) for what these flags can't say; see docs/security.md"},
	}
}

// kafkaTopics reads the Kafka flags.
func kafkaTopics(c *cli.Context, j *job) (pipeline.Topics, error) {
	t := pipeline.Topics{
		Kafka: kafka.Config{Brokers: c.String("brokers"), ClientID: "senmeteo-" + j.name, Logger: j.log},
		Names: kafka.Names{Prefix: c.String("topic-prefix")},
	}
	if strings.TrimSpace(t.Kafka.Brokers) == "" {
		return t, flow.Fail(flow.Usage, "--brokers is empty: say where Kafka is, such as 127.0.0.1:9092")
	}
	if strings.Contains(t.Kafka.Brokers, "@") { // and then perhaps a password, which would be printed
		return t, flow.Fail(flow.Usage, "--brokers takes HOST:PORT only: a user is given by --kafka-user, a password by --kafka-password-file")
	}
	if err := t.Names.Check(); err != nil {
		return t, flow.Fail(flow.Usage, "--topic-prefix: %w", err)
	}
	security, err := kafkaSecurity(c)
	if err != nil {
		return t, err
	}
	var settings map[string]string
	path := c.Path("kafka-config")
	if path != "" {
		if settings, err = readProperties(path); err != nil {
			return t, flow.Fail(flow.Usage, "reading --kafka-config %w", err)
		}
	}
	if err := t.Kafka.Secure(security, settings); err != nil {
		if path == "" {
			path = "none"
		}
		return t, flow.Fail(flow.Usage, "the Kafka settings (--kafka-config: %s) can't be used: %w", path, err)
	}
	return t, nil
}

// kafkaSecurity reads the flags of TLS and of who we are. Files that are missing are told here: librdkafka would tell worse.
func kafkaSecurity(c *cli.Context) (kafka.Security, error) {
	s := kafka.Security{CA: c.Path("kafka-ca"), Cert: c.Path("kafka-cert"), Key: c.Path("kafka-key"), User: c.String("kafka-user")}
	for _, flag := range []string{"kafka-ca", "kafka-cert", "kafka-key"} {
		if path := c.Path(flag); path != "" {
			if _, err := os.ReadFile(path); err != nil {
				return s, flow.Fail(flow.Usage, "reading --%s: %w", flag, err)
			}
		}
	}
	if s.Key != "" && s.Cert == "" {
		return s, flow.Fail(flow.Usage, "--kafka-key is given without --kafka-cert: a key is of use only with its certificate")
	}
	path := c.Path("kafka-password-file")
	if (path == "") != (s.User == "") {
		return s, flow.Fail(flow.Usage, "--kafka-user and --kafka-password-file belong together: give both or neither")
	}
	if path == "" {
		return s, nil
	}
	var err error
	if s.Password, err = secretFile(path, "of --kafka-password-file"); err == nil && s.Password == "" {
		err = flow.Fail(flow.Usage, "the file of --kafka-password-file (%s) is empty: write the password into it", path)
	}
	return s, err
}

// readProperties reads a file of key=value lines; # begins a comment.
func readProperties(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out, err := properties(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

// properties reads key=value lines.
func properties(text string) (map[string]string, error) {
	out := map[string]string{}
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("line %d is not key=value", n+1) // its text may be a secret
		}
		out[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return out, nil
}
