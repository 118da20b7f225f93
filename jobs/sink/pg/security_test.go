package pg_test

import (
	"strings"
	"testing"

	"senmeteo/jobs/flow"
	"senmeteo/jobs/sink/pg"
)

func TestTheCertificateOfAnotherMachineIsVerifiedUnlessTheURLTrustsTheNetwork(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u@db.example/meteo":                           "postgres://u@db.example/meteo?sslmode=verify-full",
		"postgresql://u:p%2Fq@10.0.0.1:5433/m?application_name=x": "postgresql://u:p%2Fq@10.0.0.1:5433/m?application_name=x&sslmode=verify-full",
		"host=db.example user=u dbname=m":                         "host=db.example user=u dbname=m sslmode=verify-full",
		"postgres://u@localhost,db.example/m":                     "postgres://u@localhost,db.example/m?sslmode=verify-full",
		"postgres://u@db.example/m?sslmode=disable":               "",
		"postgres://u@db.example/m?sslmode=verify-full":           "",
		"host=db.example sslmode = disable":                       "",
		"postgres://u@127.0.0.1/m":                                "",
		"postgres://u@[::1]/m?sslmode=require":                    "",
		"postgres://u@localhost/m?sslmode=prefer":                 "",
		"host=/run/postgresql user=u":                             "",
	} {
		if want == "" {
			want = url
		}
		if got, err := pg.VerifiedURL(url); err != nil || got != want {
			t.Errorf("%s gives %q, %v, want %q", url, got, err, want)
		}
	}
}

func TestModesThatAcceptAnyCertificateAreRefusedForAnotherMachine(t *testing.T) {
	for _, mode := range []string{"allow", "prefer", "require"} {
		for _, url := range []string{"postgres://u:hunter2@db.example/m?sslmode=" + mode, "host=db.example password=hunter2 sslmode=" + mode} {
			_, err := pg.VerifiedURL(url)
			if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), "sslmode=verify-full") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s gives %v", mode, err)
			}
		}
	}
	t.Setenv("PGSSLMODE", "require")
	if _, err := pg.VerifiedURL("postgres://u@db.example/m"); flow.ClassOf(err) != flow.Usage {
		t.Errorf("PGSSLMODE=require gives %v", err)
	}
}

func TestMalformedURLsAreNotQuoted(t *testing.T) {
	for url, says := range map[string]string{
		"postgres://u:hunter2%zz@h/x":                                           "can't be read",
		"postgres://u:hunter2@h:port/x":                                         "can't be read",
		"postgres://u:hunter2@h/x?sslmode=hunter2":                              "can't be read",
		"host=h password='hunter2":                                              "can't be read",
		"postgres://u:hunter2@h/x?sslmode=verify-full&sslrootcert=/none/ca.pem": "/none/ca.pem",
	} {
		_, err := pg.VerifiedURL(url)
		if flow.ClassOf(err) != flow.Usage || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s gives %v", url, err)
		}
	}
}
