// Standin takes the place of what no package registry has, in the images that `make compose-test` starts docker-compose.yml with: the
// security of Elasticsearch, and Kibana. It starts with the same files, settings and rights as the official images do, so that
// what is around them is tried as it is: health checks, passwords, roles, and what is imported.
//
//	standin elasticsearch    a node, and before it a check of users and what they may do
//	standin kibana           asks Elasticsearch with its own password, and takes saved objects
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == "elasticsearch":
		err = runElasticsearch(ctx)
	case len(os.Args) > 1 && os.Args[1] == "kibana":
		err = runKibana(ctx)
	default:
		err = fmt.Errorf("name elasticsearch or kibana")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}
