package local

func runPostgresChild() {}
