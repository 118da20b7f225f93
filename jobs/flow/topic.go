package flow

// Topic is a topic of one Kafka cluster.
type Topic struct {
	Name       string
	ID         string // changes when the topic is deleted and recreated
	ClusterID  string
	Partitions int
}

// Same reports whether t and other are one topic, not two that had the same name one after the other.
func (t Topic) Same(other Topic) bool {
	return t.Name == other.Name && t.ID == other.ID && t.ClusterID == other.ClusterID
}
