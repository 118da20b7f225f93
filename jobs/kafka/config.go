package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"time"

	ck "github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Config says how to reach the brokers.
type Config struct {
	Brokers  string            // host:port, comma-separated
	Settings map[string]string // of librdkafka, checked: see Secure
	ClientID string            // shown in the brokers' logs; "senmeteo" when empty
	Timeout  time.Duration     // how long to wait for an answer (10 s)
	Expiry   time.Duration     // after which the brokers end a transaction that is open (60 s)
	Codec    string            // what is written is compressed by it; that of the topics when empty, so that the brokers have nothing to do
	Logger   *slog.Logger

	connection *connection // of an Admin; nil in clients that are opened after it
}

// Secure sets how the brokers are reached: what a file of librdkafka's settings says, and Security, which goes before it. An
// error is the user's.
func (c *Config) Secure(s Security, file map[string]string) (err error) {
	if c.Expiry, err = expiryIn(file); err != nil {
		return err
	}
	c.Settings, err = s.settings(c.Brokers, file)
	return err
}

// longestExpiry is also how long a transaction that a crash left open may hide the records after it from the loaders.
const longestExpiry = time.Minute

// expiryIn is the time that a file gives transactions, 0 when it gives none.
func expiryIn(file map[string]string) (time.Duration, error) {
	text, ok := file[expirySetting]
	if !ok {
		return 0, nil
	}
	const shortest = time.Second
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < shortest.Milliseconds() || ms > longestExpiry.Milliseconds() {
		return 0, fmt.Errorf("%s is %.20q: it is a number of milliseconds, from %d to %d", expirySetting, text, shortest.Milliseconds(), longestExpiry.Milliseconds())
	}
	return time.Duration(ms) * time.Millisecond, nil
}

func (c Config) expiry() time.Duration {
	if c.Expiry > 0 {
		return c.Expiry
	}
	return longestExpiry
}

func (c Config) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return 10 * time.Second
}

func (c Config) logger() *slog.Logger {
	if c.Logger != nil {
		return c.Logger
	}
	return slog.New(slog.DiscardHandler)
}

// base holds the settings of every client.
func (c Config) base() ck.ConfigMap {
	id := c.ClientID
	if id == "" {
		id = "senmeteo"
	}
	m := ck.ConfigMap{
		"bootstrap.servers":      c.Brokers,
		"client.id":              id,
		"broker.address.family":  "any",
		"enable.metrics.push":    false,
		"go.logs.channel.enable": true,
		"log.connection.close":   false,
		"reconnect.backoff.ms":   50,
		// A broker that restarts is back within seconds: look for it more often than every 10 s.
		"reconnect.backoff.max.ms":           2000,
		"socket.connection.setup.timeout.ms": 5000,
	}
	for k, v := range c.Settings {
		m[k] = v
	}
	return m
}

// with returns the settings of every client and some more.
func (c Config) with(more ck.ConfigMap) *ck.ConfigMap {
	m := c.base()
	maps.Copy(m, more)
	return &m
}

// drainLogs passes librdkafka's log lines on until its channel is closed. onBreak is called for each connection that broke, where
// log.connection.close is set.
func (c Config) drainLogs(lines <-chan ck.LogEvent, onBreak func(line string)) {
	log := c.logger()
	for l := range lines {
		c.connection.read(l)
		if l.Tag == "FAIL" && onBreak != nil {
			onBreak(l.Message)
		}
		level := slog.LevelDebug
		if l.Level <= 2 { // syslog: critical and worse; that a broker is not there is reported by the call that needs it
			level = slog.LevelWarn
		}
		log.Log(context.Background(), level, l.Message, "librdkafka", l.Tag)
	}
}
