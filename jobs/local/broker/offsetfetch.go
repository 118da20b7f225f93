package broker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// knownGroups are the consumer groups that the broker has heard of. kfake
// answers a question for the offsets of a group that never was with an error;
// Kafka answers that it has none, and a first run relies on that.
type knownGroups map[string]bool

// readGroups returns the groups that kfake will load from groups.log.
func readGroups(path string) (knownGroups, error) {
	known := make(knownGroups)
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading groups: %w", err)
	}
	frames, _ := readFrames(raw)
	for _, frame := range frames {
		var entry struct {
			Type  string `json:"type"`
			Group string `json:"g"`
		}
		if err := json.Unmarshal(frame, &entry); err != nil {
			return nil, fmt.Errorf("reading groups: %w", err)
		}
		switch entry.Type {
		case "meta", "meta848", "commit":
			known[entry.Group] = true
		}
	}
	return known, nil
}

// observe notes the groups that a request makes or deletes. A transaction makes
// a group only when it commits; its caller adds that one.
func (k knownGroups) observe(req kmsg.Request) {
	switch req := req.(type) {
	case *kmsg.JoinGroupRequest:
		k[req.Group] = true
	case *kmsg.ConsumerGroupHeartbeatRequest:
		k[req.Group] = true
	case *kmsg.OffsetCommitRequest:
		k[req.Group] = true
	case *kmsg.DeleteGroupsRequest:
		for _, g := range req.Groups {
			delete(k, g)
		}
	}
}

// answer returns Kafka's answer when the request asks for unknown groups only,
// nil when kfake can answer.
func (k knownGroups) answer(req *kmsg.OffsetFetchRequest) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.OffsetFetchResponse)
	if req.Version < 8 { // one group a request
		if k[req.Group] {
			return nil
		}
		for _, t := range req.Topics {
			rt := kmsg.NewOffsetFetchResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewOffsetFetchResponseTopicPartition()
				rp.Partition, rp.Offset = p, -1
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp
	}
	for _, g := range req.Groups {
		if k[g.Group] {
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

// relaxStability drops a request's wish for stable offsets unless a transaction
// has offsets pending for a partition it asks for. That is Kafka's rule; kfake
// takes any pending offset of the group for a reason to make the reader wait,
// and with one busy producer a partition it may wait for ever.
func relaxStability(req *kmsg.OffsetFetchRequest, pending func(group, topic string, partition int32) bool) {
	if !req.RequireStable {
		return
	}
	for _, g := range req.Groups {
		if g.Topics == nil { // all there are
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
	if req.Version < 8 { // one group a request
		if req.Topics == nil {
			return
		}
		for _, t := range req.Topics {
			for _, p := range t.Partitions {
				if pending(req.Group, t.Topic, p) {
					return
				}
			}
		}
	}
	req.RequireStable = false
}
