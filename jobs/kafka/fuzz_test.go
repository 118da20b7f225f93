package kafka

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzLedger(f *testing.F) {
	f.Add(Ledger{Read: 3, Clean: 2, Dead: 1, Cluster: "c", RawTopic: "r", CleanTopic: "k", RunID: "run"}.text())
	f.Add(`{"read":-1}`)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		var l, again Ledger
		if json.Unmarshal([]byte(text), &l) != nil {
			return
		}
		if err := json.Unmarshal([]byte(l.text()), &again); err != nil || again != l {
			t.Errorf("%q is %+v, then %+v, %v", text, l, again, err)
		}
	})
}

func FuzzSecuritySettings(f *testing.F) {
	f.Add("security.protocol", "SSL", "ssl.endpoint.identification.algorithm", "none")
	f.Add("enable.ssl.certificate.verification", "true", "sasl.mechanism", "PLAIN")
	f.Add("security.protocol", "sasl_plaintext", "sasl.mechanisms", "SCRAM-SHA-512")
	f.Fuzz(func(t *testing.T, key1, value1, key2, value2 string) {
		got, err := Security{}.settings("kafka.example:9092", map[string]string{key1: value1, key2: value2})
		if err != nil {
			return
		}
		// Nothing that passes lets somebody else answer.
		for key, only := range map[string]string{"enable.ssl.certificate.verification": "true", "ssl.endpoint.identification.algorithm": "https"} {
			if v, ok := got[key]; ok && v != only {
				t.Errorf("%s is %q", key, v)
			}
		}
		switch got["security.protocol"] {
		case "plaintext", "ssl", "sasl_ssl":
		case "sasl_plaintext":
			if m := strings.ToUpper(got["sasl.mechanisms"]); !strings.HasPrefix(m, "SCRAM-") {
				t.Errorf("a login by %q in the clear", m)
			}
		default:
			_, err := NewWriter(Config{Brokers: "127.0.0.1:1", Settings: got})
			if err == nil {
				t.Errorf("security.protocol is %q", got["security.protocol"])
			}
		}
	})
}
