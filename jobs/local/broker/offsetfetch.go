package broker

import (
	"github.com/twmb/franz-go/pkg/kmsg"
)

// answerOffsetFetch returns Kafka's answer to a request that asks for groups that do not exist: no offsets, and no
// error. kfake's is an error, and a first run relies on Kafka's. It returns nil when one of the groups exists.
// Requests before version 8 are left to kfake: librdkafka's are newer.
func answerOffsetFetch(req *kmsg.OffsetFetchRequest, exists func(group string) bool) kmsg.Response {
	if req.Version < 8 {
		return nil
	}
	resp := req.ResponseKind().(*kmsg.OffsetFetchResponse)
	for _, g := range req.Groups {
		if exists(g.Group) {
			return nil
		}
		rg := kmsg.NewOffsetFetchResponseGroup()
		rg.Group = g.Group
		for _, t := range g.Topics {
			rt := kmsg.NewOffsetFetchResponseGroupTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				rp := kmsg.NewOffsetFetchResponseGroupTopicPartition()
				rp.Partition, rp.Offset = p, -1
				rt.Partitions = append(rt.Partitions, rp)
			}
			rg.Topics = append(rg.Topics, rt)
		}
		resp.Groups = append(resp.Groups, rg)
	}
	return resp
}

// relaxStability clears a request's wish for stable offsets unless a transaction has offsets pending for a partition
// that it asks for. That is Kafka's rule; kfake lets the reader wait for any pending offset of the group, and while
// each partition has a busy producer it may wait forever.
func relaxStability(req *kmsg.OffsetFetchRequest, pending func(group, topic string, partition int32) bool) {
	if req.Version < 8 {
		return
	}
	for _, g := range req.Groups {
		if g.Topics == nil { // all that the group has
			return
		}
		for _, t := range g.Topics {
			for _, p := range t.Partitions {
				if t.Topic == "" || pending(g.Group, t.Topic, p) { // from version 10 on topics have no names
					return
				}
			}
		}
	}
	req.RequireStable = false
}
