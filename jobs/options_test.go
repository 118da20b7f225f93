package main

import (
	"strings"
	"testing"

	"senmeteo/jobs/kafka"
)

func FuzzProperties(f *testing.F) {
	f.Add("security.protocol=SASL_SSL\n# comment\n\nsasl.password=a=b \r\n")
	f.Add("no value")
	f.Add("=\n==")
	f.Fuzz(func(t *testing.T, text string) {
		settings, err := properties(text)
		if err != nil {
			if strings.Contains(text, "SECRET") && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%q is quoted: %v", text, err)
			}
			return
		}
		for key, value := range settings {
			if strings.ContainsAny(key+value, "\n") || strings.TrimSpace(value) != value {
				t.Errorf("%q has %q = %q", text, key, value)
			}
		}
		cfg := kafka.Config{Brokers: "kafka.example:9092"}
		_ = cfg.Secure(kafka.Security{}, settings) // a refusal is fine
	})
}
