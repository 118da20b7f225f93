package kafka

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A real Kafka moves a coordinator only when it starts or loses a broker, so this one is scripted.
func TestAGroupWhoseCoordinatorMovesIsAskedAgain(t *testing.T) {
	names := Names{Prefix: "meteo"}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, names.Topics()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	var asked atomic.Int32
	cluster.ControlKey(int16(kmsg.OffsetFetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		if asked.Add(1) > 3 {
			return nil, nil, false // as it is
		}
		resp := req.ResponseKind().(*kmsg.OffsetFetchResponse)
		resp.ErrorCode = kerr.NotCoordinator.Code
		for _, g := range req.(*kmsg.OffsetFetchRequest).Groups {
			rg := kmsg.NewOffsetFetchResponseGroup()
			rg.Group, rg.ErrorCode = g.Group, kerr.NotCoordinator.Code
			resp.Groups = append(resp.Groups, rg)
		}
		return resp, nil, true
	})
	admin, err := NewAdmin(Config{Brokers: cluster.ListenAddrs()[0]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	positions, err := admin.StreamPositions(t.Context(), names, true)
	if err != nil || len(positions) != 0 {
		t.Errorf("got %v, %v", positions, err)
	}
	if n := asked.Load(); n < 4 {
		t.Errorf("asked %d times, want until the coordinator is found", n)
	}
}
