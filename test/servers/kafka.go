package servers

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Kafka is one node in KRaft mode, broker and controller, that creates no topic by itself.
type Kafka struct {
	*Server
	// Brokers is the bootstrap address, host:port.
	Brokers string
	// Secured is nil unless the set is secure.
	Secured *SecuredKafka
}

func startKafka(ctx context.Context, root string, home *folder, certificates *Certificates) (*Kafka, error) {
	jars, err := jarFolder(root, "kafka")
	if err != nil {
		return nil, err
	}
	dir, err := home.sub("kafka")
	if err != nil {
		return nil, err
	}
	ports, err := FreePorts(2)
	if err != nil {
		return nil, err
	}
	brokers := loopback(ports[0])
	secured, err := secureKafka(dir, certificates)
	if err != nil {
		return nil, err
	}
	properties := filepath.Join(dir, "server.properties")
	logging := filepath.Join(dir, "log4j.properties")
	if err := writeFiles(map[string]string{
		properties: kafkaProperties(brokers, loopback(ports[1]), filepath.Join(dir, "data"), secured),
		logging:    log4jToStdout,
	}); err != nil {
		return nil, err
	}

	vm := java{heapMB: 384, classPath: filepath.Join(jars, "*"), flags: []string{"-Dlog4j.configuration=file:" + logging}}
	format := vm.args("kafka.tools.StorageTool", "format", "--cluster-id", kafkaClusterID(), "--config", properties)
	format = append(format, secured.users()...)
	if err := runOnce("formatting Kafka's storage", exec.CommandContext(ctx, "java", format...)); err != nil {
		return nil, err
	}
	k := &Kafka{
		Brokers: brokers,
		Secured: secured,
		Server: &Server{
			name:    "Kafka",
			command: func() *exec.Cmd { return exec.Command("java", vm.args("kafka.Kafka", properties)...) },
			probe:   func(ctx context.Context) error { return probeKafka(ctx, brokers) },
			within:  2 * time.Minute,
			quit:    syscall.SIGTERM,
			orphan:  syscall.SIGKILL,
			logPath: filepath.Join(dir, "kafka.log"),
		},
	}
	return k, k.Start(ctx)
}

// kafkaProperties: what differs from Kafka's defaults is what one node needs, plus shorter timeouts so that a
// killed broker is taken back quickly and a transaction's time is over when it should be, plus fewer internal partitions.
func kafkaProperties(broker, controller, data string, secured *SecuredKafka) string {
	return strings.Join(append([]string{
		"process.roles=broker,controller",
		"node.id=1",
		"controller.quorum.voters=1@" + controller,
		"controller.listener.names=CONTROLLER",
		"listeners=PLAINTEXT://" + broker + ",CONTROLLER://" + controller + secured.listeners("127.0.0.1"),
		"advertised.listeners=PLAINTEXT://" + broker + secured.listeners("localhost"),
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PASSWORD:SASL_SSL,CERTIFICATE:SSL,EXPIRED:SSL",
		"inter.broker.listener.name=PLAINTEXT",
		"log.dirs=" + data,
		"auto.create.topics.enable=false",
		"group.initial.rebalance.delay.ms=0",
		"broker.heartbeat.interval.ms=500",
		"broker.session.timeout.ms=3000",
		"offsets.topic.num.partitions=3",
		"offsets.topic.replication.factor=1",
		"transaction.state.log.num.partitions=3",
		"transaction.state.log.replication.factor=1",
		"transaction.state.log.min.isr=1",
		"transaction.abort.timed.out.transaction.cleanup.interval.ms=1000", // instead of 10 s
		"log.segment.bytes=16777216",
		"log.index.size.max.bytes=1048576",
	}, secured.properties()...), "\n") + "\n"
}

const log4jToStdout = `log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
`

// kafkaClusterID makes an id of Kafka's form: 16 random bytes in URL-safe base64 that do not begin with a dash,
// which the storage tool would take for a flag.
func kafkaClusterID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[0] &= 0x7f
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// probeKafka asks for all topics: the broker serves when it lists itself and every partition has a leader.
func probeKafka(ctx context.Context, brokers string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers))
	if err != nil {
		return fmt.Errorf("making a Kafka client: %w", err)
	}
	defer client.Close()
	metadata, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, client)
	if err != nil {
		return fmt.Errorf("asking for Kafka's metadata: %w", err)
	}
	if len(metadata.Brokers) == 0 {
		return fmt.Errorf("asking for Kafka's metadata: no broker has joined yet")
	}
	for _, topic := range metadata.Topics {
		for _, partition := range topic.Partitions {
			if partition.Leader < 0 {
				return fmt.Errorf("asking for Kafka's metadata: partition %d of %s has no leader yet",
					partition.Partition, *topic.Topic)
			}
		}
	}
	return nil
}
