package image_test

import (
	"testing"

	"senmeteo/test/program"
	"senmeteo/test/servers"
)

func TestTheEnginesHealthCheckSeesAJobThatLivesAndOneThatIsFrozen(t *testing.T) {
	t.Parallel()
	p := program.NewPipeline(t)
	name := servers.Unique(t)
	args := append([]string{"run", "--detach", "--name=" + name, "--health-interval=1s", "--health-retries=2", "--env=SENMETEO_SILENCE=4s"}, confined()...)
	docker(t, append(args, servers.JobImage(t), "stream", "--follow", "--brokers", p.Brokers, "--topic-prefix", p.Prefix)...)
	t.Cleanup(func() { docker(t, "rm", "--force", name) })
	becomes := func(want string) {
		t.Helper()
		program.Until(t, func() bool { return docker(t, "inspect", "--format={{.State.Health.Status}}", name) == want })
	}
	becomes("healthy")
	docker(t, "kill", "--signal=STOP", name)
	becomes("unhealthy")
	docker(t, "kill", "--signal=CONT", name)
	becomes("healthy")
}
